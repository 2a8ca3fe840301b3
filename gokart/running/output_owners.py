"""Which task of a graph writes which path: two that would write one path are an error before either runs."""

from __future__ import annotations

from typing import Any

import luigi

from gokart._nested import flatten
from gokart.errors import TaskDefinitionError
from gokart.target_contract import target_path


class OutputOwners:
    """The tasks that are going to run, by the paths that they write."""

    def __init__(self) -> None:
        self._owner: dict[str, luigi.Task] = {}

    def claim(self, task: luigi.Task) -> None:
        """Note that `task` is going to write its outputs.

        A task may hand on a file of one of its requirements, and may be told from itself by parameters alone.

        Raises:
            TaskDefinitionError: a task of another class writes one of them.
        """
        for path in map(target_path, flatten(task.output())):
            owner = self._owner.setdefault(path, task)
            if not is_same_definition(owner, task) and not _hands_on(owner, path) and not _hands_on(task, path):
                raise TaskDefinitionError(
                    f'{_both(owner, task)} would both write {path}: their file names and ids are equal. '
                    'Give one of the classes another name, another relative_file_path or another workspace_directory.'
                )


def check_namesake(known: luigi.Task, task: luigi.Task) -> None:
    """Check that `task`, for which Luigi's scheduler takes `known` because of its name, need not run itself.

    Raises:
        TaskDefinitionError: it has to.
    """
    if not is_same_definition(known, task) and not task.complete():
        raise TaskDefinitionError(
            f'{_both(known, task)} are one task for Luigi: their families and parameters are equal '
            f'({known.task_id}). Give one of the classes another name or another task_namespace.'
        )


def is_same_definition(one: luigi.Task, other: luigi.Task) -> bool:
    """Whether two tasks have one class, which may have been defined anew, as in a notebook."""
    # A namespace tells classes apart that one function defines.
    same_name = _place(one) == _place(other) and one.task_family == other.task_family
    return type(one) is type(other) or same_name


def _hands_on(task: luigi.Task, path: str) -> bool:
    return path in {target_path(target) for target in flatten(task.input())}


def _place(task: Any) -> str:
    return f'{type(task).__module__}.{type(task).__qualname__}'


def _both(one: luigi.Task, other: luigi.Task) -> str:
    if _place(one) != _place(other):
        return f'{_place(one)} and {_place(other)}'
    return f'{_place(one)} ({one.task_family}) and {_place(other)} ({other.task_family})'
