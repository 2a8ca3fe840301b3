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
        if watched is not None and self._hinders(watched, task):
            return True
        self._unseen[task.id] = iter(tuple(task.deps))
        return self._waits_for_next(task)

    def end(self, dependency_id: str) -> list[Task]:
        """Take notice that a dependency is done; return the tasks for which it was the last one."""
        watchers = [self._tasks[task_id] for task_id in self._watchers.pop(dependency_id, ())]
        return [
            task for task in watchers if self._watched.get(task.id) == dependency_id and not self._waits_for_next(task)
        ]

    def _waits_for_next(self, task: Task) -> bool:
        for dependency_id in self._unseen[task.id]:
            if self._hinders(dependency_id, task):
                self._watched[task.id] = dependency_id
                self._watchers[dependency_id].append(task.id)
                return True
        del self._unseen[task.id]
        self._watched.pop(task.id, None)
        return False

    def _hinders(self, dependency_id: str, task: Task) -> bool:
        # The dependencies may have changed since they were noted.
        if dependency_id not in task.deps:
            return False
        dependency = self._tasks.get(dependency_id)
        return dependency is None or dependency.status != DONE
