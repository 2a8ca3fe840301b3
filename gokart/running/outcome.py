"""What became of the tasks of one build."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import luigi
from luigi.task_status import DONE, FAILED, PENDING, UNKNOWN

from gokart import _luigi
from gokart.running.failures import Stage, TaskFailure
from gokart.running.scheduling_worker import SchedulingWorker
from gokart.running.worker import Worker


@dataclass(frozen=True, slots=True)
class Outcome:
    """The tasks that a worker scheduled, by what became of them. Each task is in one list, or done."""

    root: luigi.Task | None
    scheduled: int
    failed: list[luigi.Task]
    unschedulable: list[luigi.Task]
    missing: list[luigi.Task]
    """External tasks without their data."""
    run_elsewhere: list[luigi.Task]
    """Tasks that other workers were running."""
    blocked: list[luigi.Task]
    """Tasks that need one of the tasks in the lists above."""
    not_run: list[luigi.Task]
    failures: dict[str, list[TaskFailure]]
    """By Luigi's id of the task."""
    root_is_done: bool

    @classmethod
    def of(cls, worker: SchedulingWorker) -> Outcome:
        """Sort the tasks of `worker`, which has ended its work."""
        tasks: dict[str, luigi.Task] = _luigi.scheduled_tasks(worker)
        statuses = dict.fromkeys(worker.failures, PENDING)
        for task, status in _luigi.history(worker):
            statuses[task.task_id] = status
        for task_id, failures in worker.failures.items():
            # A failure counts, too, where the scheduler learnt nothing of it, or was going to let the task try again.
            statuses[task_id] = UNKNOWN if failures[-1].stage is Stage.SCHEDULING else FAILED
        elsewhere = {task.task_id for task in _luigi.tasks_run_elsewhere(worker)}

        def with_status(status: str) -> list[str]:
            return [task_id for task_id, last in statuses.items() if last == status]

        failed, unschedulable = with_status(FAILED), with_status(UNKNOWN)
        open_ids = statuses.keys() - {*failed, *unschedulable, *with_status(DONE)}
        run_elsewhere = open_ids & elsewhere
        missing = [task_id for task_id in open_ids - elsewhere if _luigi.is_external(tasks[task_id])]
        obstacles = {*failed, *unschedulable, *missing, *run_elsewhere}
        blocked = (_dependents(obstacles, worker.requirement_ids) & open_ids) - obstacles
        not_run = open_ids - obstacles - blocked

        def named(task_ids: Iterable[str]) -> list[luigi.Task]:
            wanted = set(task_ids)
            return [tasks[task_id] for task_id in statuses if task_id in wanted]

        root_id = _luigi.first_task_id(worker)
        return cls(
            root=tasks.get(root_id),
            scheduled=len(statuses),
            failed=named(failed),
            unschedulable=named(unschedulable),
            missing=named(missing),
            run_elsewhere=named(run_elsewhere),
            blocked=named(blocked),
            not_run=named(not_run),
            failures=dict(worker.failures),
            root_is_done=statuses.get(root_id) == DONE,
        )

    @property
    def troubled(self) -> list[luigi.Task]:
        """The tasks that failed, when they were run or before."""
        return [*self.unschedulable, *self.failed]


def explained_outcome(error: Exception, factory: Any) -> Outcome | None:
    """Return what the worker of `factory` knows, where that explains `error`, which kept Luigi from telling."""
    worker = getattr(factory, 'worker', None)
    if not isinstance(worker, Worker):
        return None
    # Luigi's summary of a failed build recurses along the chain of tasks that wait for the failed one.
    in_summary = isinstance(error, RecursionError) and worker.finished
    known = any(failure.exception is error for found in worker.failures.values() for failure in found)
    return Outcome.of(worker) if in_summary or known else None


def _dependents(task_ids: Iterable[str], requirement_ids: dict[str, set[str]]) -> set[str]:
    """Return the tasks that need one of `task_ids`, directly or through others."""
    needed_by = defaultdict(list)
    for task_id, required in requirement_ids.items():
        for requirement_id in required:
            needed_by[requirement_id].append(task_id)
    found: set[str] = set()
    pending = list(task_ids)
    while pending:
        new = set(needed_by[pending.pop()]) - found
        found |= new
        pending.extend(new)
    return found
