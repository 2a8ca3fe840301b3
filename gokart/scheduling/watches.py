"""Which pending task waits for which dependency."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from luigi.scheduler import Task
from luigi.task_status import DONE


class Watches:
    """Lets each pending task wait for *one* dependency that is not done, and then for the next.

    So each dependency of a task is looked at once, however many there are.

    Args:
        tasks: all tasks by id, as they change.
    """

    def __init__(self, tasks: Mapping[str, Task]) -> None:
        self._tasks = tasks
        self._watched: dict[str, str] = {}
        self._watchers: defaultdict[str, list[str]] = defaultdict(list)
        self._unseen: dict[str, Iterator[str]] = {}

    def waits(self, task: Task) -> bool:
        """Whether a dependency of `task` is not done; then it waits for one such."""
        watched = self._watched.get(task.id)
        if watched is not None and watched in task.deps and not self._is_done(watched):
            return True
        self._unseen[task.id] = iter(tuple(task.deps))
        return self._waits_for_next(task.id)

    def end(self, dependency_id: str) -> list[str]:
        """Take notice that a dependency is done; return the ids of the tasks for which it was the last one."""
        watchers = self._watchers.pop(dependency_id, ())
        return [
            task_id
            for task_id in watchers
            if self._watched.get(task_id) == dependency_id and not self._waits_for_next(task_id)
        ]

    def _waits_for_next(self, task_id: str) -> bool:
        for dependency_id in self._unseen[task_id]:
            if not self._is_done(dependency_id):
                self._watched[task_id] = dependency_id
                self._watchers[dependency_id].append(task_id)
                return True
        del self._unseen[task_id]
        self._watched.pop(task_id, None)
        return False

    def _is_done(self, dependency_id: str) -> bool:
        dependency = self._tasks.get(dependency_id)
        return dependency is not None and dependency.status == DONE
