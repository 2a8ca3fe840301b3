"""The scheduler of builds that run without a server."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from luigi.scheduler import Scheduler, Task, Worker
from luigi.task_status import RUNNING

from gokart.scheduling.grants import Grants
from gokart.scheduling.task_state import IndexedTaskState


class LocalScheduler(Scheduler):
    """Luigi's scheduler, whose look for work costs the same however many tasks there are.

    That is so for one worker that runs no batches, as in each local build. For others, and while it is paused, it does
    what Luigi's does.
    """

    _state: IndexedTaskState

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._state = IndexedTaskState(self._config, self._state._metrics_collector)
        self._make_task = partial(self._known_or_new, self._make_task)

    def _known_or_new(self, make_task: Callable[..., Task], *, task_id: str, **kwargs: Any) -> Task:
        """Return the task that there is: Luigi makes one for each mention, and drops it where there is one already."""
        known: Task | None = self._state.get_task(task_id)
        return known or make_task(task_id=task_id, **kwargs)

    def add_task(self, task_id: str | None = None, *args: Any, **kwargs: Any) -> None:
        """Add a task, or say what has become of it."""
        before = self._state.get_task(task_id)
        deps_before, had_workers = (set(before.deps), bool(before.workers)) if before is not None else (None, False)
        super().add_task(task_id, *args, **kwargs)
        task = self._state.get_task(task_id)
        if task is not None:
            self._state.refile(task, deps_before, had_workers)

    def _update_priority(self, task: Task, prio: float, worker: str) -> None:
        """Raise the priority of `task` to `prio`, and that of all that it depends on; Luigi's method recurses."""
        existing = task.priority if isinstance(task.priority, (int, float)) else Task.DEFAULT_PRIORITY
        self._state.raise_priority(task, max(prio, existing))
        pending = [task]
        while pending:
            raised = pending.pop()
            for dependency_id in raised.deps or ():
                dependency = self._state.get_task(dependency_id)
                if dependency is not None and dependency.priority < raised.priority:
                    self._state.raise_priority(dependency, raised.priority)
                    pending.append(dependency)

    def get_work(
        self,
        host: str | None = None,
        assistant: bool = False,
        current_tasks: Sequence[str] | None = None,
        worker: str | None = None,
        **kwargs: Any,
    ) -> Any:
        """Return the task that `worker` is to run next, and what else there is to do.

        Args:
            host: where the worker runs.
            assistant: whether it helps with the tasks of other workers.
            current_tasks: ids of the tasks that it runs at the moment.
            worker: the id of the worker.
            **kwargs: what other versions of Luigi's worker send besides.
        """
        if worker is None or assistant or self._paused or not self._state.is_indexed(worker):
            return super().get_work(host, assistant, current_tasks, worker, **kwargs)
        # A worker that asks is alive, so there is none to be pruned.
        asking = self._update_worker(worker, worker_reference={'host': host}, get_work=True)
        if self._config.prune_on_get_work:
            self._state.update_due()
            self._prune_emails()
        task = self._lost_task(asking, current_tasks) or self._state.take_ready(self._grants(asking).judge)
        reply = {**self._what_is_left(asking), 'task_id': None}
        return reply if task is None else {**reply, **self._start(task, asking, host)}

    def _lost_task(self, worker: Worker, current_tasks: Sequence[str] | None) -> Task | None:
        """Return the best task that the worker should be running, but does not."""
        if current_tasks is None:
            return None
        known = set(current_tasks)
        running = self._state.get_active_tasks_by_status(RUNNING)
        lost = [task for task in running if task.worker_running == worker.id and task.id not in known]
        return max(lost, key=self._rank, default=None)

    def _grants(self, worker: Worker) -> Grants:
        return Grants(
            worker,
            self._state.get_active_tasks_by_status(RUNNING),
            rank=self._rank,
            has_resources=self._has_resources,
            is_ready=self._schedulable,
        )

    def _what_is_left(self, worker: Worker) -> dict[str, Any]:
        """Return what `count_pending` does where there is one worker."""
        count = self._state.unfinished_count()
        running = [task for task in self._state.get_active_tasks_by_status(RUNNING) if worker.id in task.workers]
        return {
            'n_pending_tasks': count,
            'n_unique_pending': count,
            'n_pending_last_scheduled': count,
            'worker_state': worker.state,
            'running_tasks': [{'task_id': task.id, 'worker': str(worker), **worker.info} for task in running],
        }

    def _start(self, task: Any, worker: Worker, host: str | None) -> dict[str, Any]:
        self.update_metrics_task_started(task)
        self._state.set_status(task, RUNNING, self._config)
        task.worker_running = worker.id
        task.resources_running = task.resources.copy()
        task.time_running = time.time()
        self._update_task_history(task, RUNNING, host=host)
        return {
            'task_id': task.id,
            'task_family': task.family,
            'task_module': getattr(task, 'module', None),
            'task_params': task.params,
        }
