"""Luigi's private names for workers and what they ran."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import luigi
from luigi import execution_summary, lock
from luigi.worker import TaskStatusReporter, Worker, _get_retry_policy_dict, _is_external


def is_external(task: luigi.Task) -> bool:
    """Whether the task has no body: somebody else makes its output."""
    return bool(_is_external(task))


def retry_policy(task: luigi.Task) -> dict[str, Any]:
    """Return how the scheduler treats failures of the task."""
    policy: dict[str, Any] = _get_retry_policy_dict(task)
    return policy


def event_handlers(task: luigi.Task) -> list[tuple[str, Callable[..., Any]]]:
    """Return what listens to the events of `task`: names of events with functions."""
    return [
        (event, handler)
        for task_class, handlers in list(luigi.Task._event_callbacks.items())
        if isinstance(task, task_class)
        for event, listening in handlers.items()
        for handler in listening
    ]


def scheduler_of(reporter: TaskStatusReporter) -> Any:
    """Return the scheduler that `reporter` sends to."""
    return reporter._scheduler


def reporter_to(scheduler: Any, reporter: TaskStatusReporter, messages: Any) -> TaskStatusReporter:
    """Return a reporter for the task of `reporter` that sends to `scheduler` and takes messages from a queue."""
    return TaskStatusReporter(scheduler, reporter._task_id, reporter._worker_id, messages)


def scheduled_tasks(worker: Worker) -> dict[str, luigi.Task]:
    """Return the tasks that the worker knows of, by their ids of Luigi's."""
    return dict(worker._scheduled_tasks)


def first_task_id(worker: Worker) -> str:
    """Return Luigi's id of the task that the worker was asked for first."""
    return str(worker._first_task)


def history(worker: Worker) -> Iterable[tuple[luigi.Task, str]]:
    """Return each task whose status the worker told the scheduler, with that status, oldest first."""
    return [(task, status) for task, status, _ in worker._add_task_history]


def tasks_handed_out(worker: Worker) -> list[luigi.Task]:
    """Return the tasks that the scheduler gave the worker to run."""
    task_ids = {response['task_id'] for response in worker._get_work_response_history}
    return [worker._scheduled_tasks[task_id] for task_id in task_ids if task_id in worker._scheduled_tasks]


def tasks_run_elsewhere(worker: Worker) -> set[luigi.Task]:
    """Return the tasks of the worker that other workers were running when it asked for work."""
    tasks: set[luigi.Task] = execution_summary._get_run_by_other_worker(worker)
    return tasks


def release_process_lock(directory: str) -> None:
    """Give back the lock that Luigi takes for each run of a command and keeps until the process ends."""
    process_id, _, path = lock.get_info(directory)
    processes = lock._read_pids_file(path)
    if process_id in processes:
        lock._write_pids_file(path, processes - {process_id})
