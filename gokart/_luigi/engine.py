"""Luigi's private names for workers and what they ran."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import luigi
from luigi import execution_summary, lock
from luigi.worker import Worker, _get_retry_policy_dict, _is_external


def is_external(task: luigi.Task) -> bool:
    """Whether the task has no body: somebody else makes its output."""
    return bool(_is_external(task))


def retry_policy(task: luigi.Task) -> dict[str, Any]:
    """Return how the scheduler treats failures of the task."""
    policy: dict[str, Any] = _get_retry_policy_dict(task)
    return policy


def history(worker: Worker) -> Iterable[tuple[luigi.Task, str]]:
    """Return each task whose status the worker told the scheduler, with that status, oldest first."""
    return [(task, status) for task, status, _ in worker._add_task_history]


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
