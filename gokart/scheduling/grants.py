"""Which ready task gets the resources that it needs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from luigi.scheduler import Task, Worker

from gokart.scheduling.ready_queue import Decision


class Grants:
    """Judges ready tasks by the rules of Luigi's ``get_work``, for one look for work and one worker.

    A task needs what no running task uses. It also needs what would be left if all tasks that rank higher had what they
    need: the running ones, and for each free slot of the worker one that waits. So many small tasks do not keep a big
    one from its resources. A running task counts for that only where it ranks higher than the task that is judged.

    Args:
        worker: the worker that looks for work.
        running: the tasks that run.
        rank: the rank of a task.
        has_resources: whether there is what a task needs, given what is used.
        is_ready: whether a task is pending and its dependencies are done.
    """

    def __init__(
        self,
        worker: Worker,
        running: Iterable[Task],
        *,
        rank: Callable[[Task], Any],
        has_resources: Callable[[Mapping[str, int], Mapping[str, int]], bool],
        is_ready: Callable[[Task], bool],
    ) -> None:
        self._rank = rank
        self._has_resources = has_resources
        self._is_ready = is_ready
        self._worker_id = worker.id
        self._free_slots = worker.info.get('workers', 1)
        self._running = sorted(running, key=rank)
        self._used: defaultdict[str, int] = defaultdict(int)
        self._promised: defaultdict[str, int] = defaultdict(int)
        for task in self._running:
            _add(self._used, _in_use(task))

    def judge(self, task: Task) -> Decision:
        """Whether `task` may run; asked of tasks from the highest rank to the lowest."""
        if not task.resources:
            return Decision.TAKE if self._is_ready(task) else Decision.DROP
        self._pass_running(task)
        if not self._has_resources(task.resources, self._promised):
            return Decision.CLOSE
        free = self._has_resources(task.resources, self._used)
        if not free and self._free_slots <= 0:
            return Decision.CLOSE
        if not self._is_ready(task):
            return Decision.DROP
        if free:
            return Decision.TAKE
        self._free_slots -= 1
        _add(self._promised, task.resources)
        return Decision.PASS

    def _pass_running(self, task: Task) -> None:
        while self._running and self._rank(self._running[-1]) >= self._rank(task):
            running = self._running.pop()
            if running.worker_running == self._worker_id:
                self._free_slots -= 1
                _add(self._promised, _in_use(running))


def _in_use(task: Task) -> Mapping[str, int]:
    resources: Mapping[str, int] = getattr(task, 'resources_running', task.resources) or {}
    return resources


def _add(total: defaultdict[str, int], resources: Mapping[str, int]) -> None:
    for resource, amount in resources.items():
        total[resource] += amount
