"""One walk over a graph of tasks: what it consists of and what of it is complete."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import luigi

from gokart._nested import flatten
from gokart.completion import ask_all
from gokart.foresight import foreseen
from gokart.identity import has_identity, ordered_requirements
from gokart.walk import bottom_up


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at a task found."""

    task: Any
    name: str
    unique_id: str
    complete: bool
    requirements: Any
    """The structure of ``requires()``, sets and iterators read into lists."""


def look_at_graph(root: luigi.Task, ignore_task_names: Collection[str] | None = None) -> list[Look]:
    """Look at each task that `root` reaches, once; requirements come first and `root` last.

    Looking neither writes nor deletes anything, and what tasks with ``rerun=True`` do afterwards is the same.

    Args:
        root: the task.
        ignore_task_names: names of classes whose tasks are left out, with all that only they require; never `root`.

    Raises:
        TypeError: `root` is no instance of a task.
        TaskDefinitionError: ``requires()`` of a task returns something that is no task.
        CyclicRequirementError: a task requires itself.
    """
    if not isinstance(root, luigi.Task):
        raise TypeError(f'A tree is made of an instance of a task, but {_described(root)} was given.')
    ignored = ignore_task_names or ()
    structures: dict[int, Any] = {}

    def requirements(task: luigi.Task) -> Iterator[luigi.Task]:
        structures[id(task)] = ordered_requirements(task)
        return (item for item in flatten(structures[id(task)]) if type(item).__name__ not in ignored)

    tasks = list(bottom_up(root, requirements))
    with foreseen(tasks):
        answers = ask_all(tasks)
    return [
        Look(task, type(task).__name__, id_of(task), complete, structures[id(task)])
        for task, complete in zip(tasks, answers, strict=True)
    ]


def id_of(task: Any) -> str:
    """Return the unique id of `task`; Luigi's id of a plain task, which has no other."""
    return str(task.make_unique_id() if has_identity(task) else task.task_id)


def _described(value: object) -> str:
    if isinstance(value, type) and issubclass(value, luigi.Task):
        return f'the class {value.__name__} itself (write {value.__name__}(...))'
    return f'{value!r:.100} of type {type(value).__name__}'
