"""Tasks that cannot run as long as something that they depend on is disabled."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from luigi.scheduler import Task
from luigi.task_status import DISABLED, DONE, PENDING


class BlockedTasks:
    """Counts pending tasks that depend on a disabled one, perhaps through other pending tasks.

    Luigi does not count them as work that is left. The count is worked out when it is first asked for, and from then on
    follows what changes; what it cannot follow makes it be worked out anew.

    Args:
        tasks: all tasks by id, as they change.
    """

    def __init__(self, tasks: Mapping[str, Task]) -> None:
        self._tasks = tasks
        self._dependents: dict[str, list[str]] | None = None
        self._blocked: set[str] = set()
        self._count = 0

    def forget(self) -> None:
        """Take notice that tasks, their dependencies or their workers are others than before."""
        self._dependents = None

    def note_status(self, task: Task, before: str) -> None:
        """Take notice that `task` has another status than `before`."""
        if self._dependents is None:
            return
        if before in (DISABLED, DONE) or task.id in self._blocked:
            self.forget()
        elif task.status == DISABLED:
            self._block_dependents([task.id])
        elif task.status == PENDING and any(map(self._hinders, task.deps)):
            self._block(task)
            self._block_dependents([task.id])

    def count(self, disabled: Iterable[str]) -> int:
        """Return how many pending tasks of a worker depend on one of `disabled`, the ids of all disabled tasks."""
        if self._dependents is None:
            self._blocked.clear()
            self._count = 0
            self._dependents = self._find_dependents()
            self._block_dependents(disabled)
        return self._count

    def _find_dependents(self) -> dict[str, list[str]]:
        dependents = defaultdict(list)
        for task in self._tasks.values():
            if task.status != DONE:
                for dependency_id in task.deps:
                    dependents[dependency_id].append(task.id)
        return dependents

    def _hinders(self, dependency_id: str) -> bool:
        dependency = self._tasks.get(dependency_id)
        return dependency is not None and (dependency.status == DISABLED or dependency_id in self._blocked)

    def _block(self, task: Task) -> None:
        self._blocked.add(task.id)
        self._count += bool(task.workers)

    def _block_dependents(self, task_ids: Iterable[str]) -> None:
        assert self._dependents is not None
        stack = list(task_ids)
        while stack:
            for dependent_id in self._dependents.get(stack.pop(), ()):
                dependent = self._tasks[dependent_id]
                if dependent_id not in self._blocked and dependent.status == PENDING:
                    self._block(dependent)
                    stack.append(dependent_id)
