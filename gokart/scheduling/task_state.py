"""What the scheduler knows of its tasks, with indexes that follow each change."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from heapq import heappop, heappush
from typing import Any

from luigi.scheduler import SimpleTaskState, Task, scheduler
from luigi.task_status import DISABLED, DONE, FAILED, PENDING

from gokart.scheduling.blocked_tasks import BlockedTasks
from gokart.scheduling.ready_queue import Decision, ReadyQueue
from gokart.scheduling.watches import Watches


class IndexedTaskState(SimpleTaskState):
    """Luigi's state of tasks; it finds the next task, and counts those that are left, without a look at all of them.

    Only what makes a task more ready is followed. What makes it less ready is noticed when it is about to be taken.

    Args:
        config: the settings of the scheduler.
        metrics_collector: is told of tasks that change their status.

    Attributes:
        lost_workers: whether a worker has gone, so that its tasks may have to fail or to be removed.
    """

    def __init__(self, config: scheduler, metrics_collector: Any) -> None:
        super().__init__(config.state_path)
        self._metrics_collector = metrics_collector
        self._config = config
        self.lost_workers = False
        self._build_indexes()

    def _build_indexes(self) -> None:
        self._ready = ReadyQueue()
        self._unfinished: set[str] = set()
        self._timers: list[tuple[float, str]] = []
        self._watches = Watches(self._tasks)
        self._blocked = BlockedTasks(self._tasks)
        for task in self._tasks.values():
            self._file(task)
            self._set_timer(task)

    # What changes

    def refile(self, task: Task, deps_before: Collection[str] | None, had_workers: bool) -> None:
        """Take notice that dependencies, workers or resources of a task may have changed."""
        if deps_before != task.deps or had_workers != bool(task.workers):
            self._blocked.forget()
        self._file(task)

    def raise_priority(self, task: Any, priority: float) -> None:
        """Give `task` a higher priority."""
        task.priority = priority
        if task.id in self._ready:
            self._ready.put(task)

    def set_status(self, task: Task, new_status: str, config: Any = None) -> None:
        """Change the status of `task` if that is allowed."""
        before = task.status
        super().set_status(task, new_status, config)
        self._set_timer(task)
        if task.status != before:
            self._blocked.note_status(task, before)
            self._file(task)
            if task.status == DONE:
                for other in self._watches.end(task.id):
                    self._file(other)

    def inactivate_tasks(self, delete_tasks: Collection[str]) -> None:
        """Forget tasks."""
        super().inactivate_tasks(delete_tasks)
        if delete_tasks:
            self._build_indexes()

    def inactivate_workers(self, delete_workers: Collection[str]) -> None:
        """Forget workers."""
        self.lost_workers |= bool(delete_workers)
        super().inactivate_workers(delete_workers)

    def _remove_workers_from_tasks(self, workers: Any, remove_stakeholders: bool = True) -> None:
        super()._remove_workers_from_tasks(workers, remove_stakeholders)
        if workers:
            self._build_indexes()

    def load(self) -> None:
        """Read the state that `dump` wrote."""
        super().load()
        self._build_indexes()

    # What is asked

    def is_indexed(self, worker_id: str) -> bool:
        """Whether the indexes say what a worker may run: there is no other one, and it runs no batches."""
        workers = self._active_workers
        alone = len(workers) == 1 and worker_id in workers and not self.lost_workers
        return alone and workers[worker_id].enabled and not self._task_batchers

    def unfinished_count(self) -> int:
        """Return how many tasks of a worker are pending or have failed, without those that a disabled one blocks."""
        disabled = self._status_tasks[DISABLED]
        return len(self._unfinished) - (self._blocked.count(disabled) if disabled else 0)

    def take_ready(self, judge: Callable[[Task], Decision]) -> Task | None:
        """Return the best task that waits for nothing but resources and that `judge` takes."""
        dropped = []

        def judge_and_note(task: Task) -> Decision:
            decision = judge(task)
            if decision is Decision.DROP:
                dropped.append(task)
            return decision

        taken = self._ready.take(judge_and_note)
        for task in dropped:
            self._file(task)
        return taken

    def update_due(self) -> None:
        """Let tasks be tried again whose time has come."""
        now = time.time()
        due = []
        while self._timers and self._timers[0][0] < now:
            due.append(heappop(self._timers)[1])
        for task_id in due:
            task = self._tasks.get(task_id)
            if task is not None:
                self.update_status(task, self._config)
                if task.status == DISABLED:
                    self._set_timer(task)

    # The indexes

    def _file(self, task: Task) -> None:
        if task.workers and task.status in (PENDING, FAILED):
            self._unfinished.add(task.id)
        else:
            self._unfinished.discard(task.id)
        if task.workers and task.status == PENDING and not self._watches.waits(task):
            self._ready.put(task)
        else:
            self._ready.discard(task.id)

    def _set_timer(self, task: Task) -> None:
        if task.status == FAILED and self._config.retry_delay >= 0 and task.retry is not None:
            heappush(self._timers, (task.retry, task.id))
        elif task.status == DISABLED and task.scheduler_disable_time is not None:
            heappush(self._timers, (task.scheduler_disable_time + self._config.disable_persist, task.id))
