"""The unique id of a task: MD5 of the ids of its requirements, its significant parameters and its name.

The formula is part of the contract with workspaces that exist: equal bit for bit to that of gokart 1.12.2.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import luigi

from gokart import _luigi
from gokart._nested import flatten
from gokart.errors import CyclicRequirementError, TaskDefinitionError
from gokart.walk import bottom_up


class _Asked(threading.local):
    def __init__(self) -> None:
        self.tasks: list[Any] = []


_asked = _Asked()
"""The tasks whose ``requires()`` is running in this thread."""


def unique_id(root: Any) -> str:
    """Compute the id of `root` and of all that it requires, each once; ids are remembered where the task allows it.
    A requirement that has a ``make_unique_id()`` of its own is asked by that.

    Raises:
        TaskDefinitionError: a requirement is no task.
        CyclicRequirementError: a task requires itself.
    """
    structures: dict[int, Any] = {}
    ids: dict[int, str] = {}
    if any(asked is root for asked in _asked.tasks):
        raise CyclicRequirementError(
            f'{root.task_id}: requires() asks for the id of its own task, by make_unique_id() or by make_target(), but '
            'the id is made of what requires() returns. Use make_target(..., use_unique_id=False) there.'
        )

    def unknown_requirements(task: Any) -> list[Any]:
        if task.task_unique_id is not None:
            return []
        structures[id(task)] = structure = requirements(task)
        return [item for item in flatten(structure) if has_identity(item)]

    for task in bottom_up(root, unknown_requirements):
        is_ours = task is root or _has_our_formula(task)
        ids[id(task)] = _settled_id(task, structures, ids) if is_ours else task.make_unique_id()
    return ids[id(root)]


def identified(root: Any) -> Iterator[tuple[Any, list[Any]]]:
    """Yield each task of the graph of `root` after its requirements, and with them; ids are found on the way.

    ``requires()`` is asked once for each task, also for those whose id is known.
    """
    structures: dict[int, Any] = {}
    ids: dict[int, str] = {}
    below: dict[int, list[Any]] = {}

    def known_requirements(task: Any) -> list[Any]:
        if has_identity(task):
            structures[id(task)] = structure = requirements(task)
            below[id(task)] = flatten(structure)
        else:
            below[id(task)] = task.deps()
        return below[id(task)]

    for task in bottom_up(root, known_requirements):
        if has_identity(task):
            is_ours = _has_our_formula(task)
            ids[id(task)] = _settled_id(task, structures, ids) if is_ours else task.make_unique_id()
        yield task, below[id(task)]


def _has_our_formula(task: Any) -> bool:
    task_class = type(task)
    base = next((base for base in task_class.__mro__ if '_is_task_on_kart_root' in vars(base)), None)
    return base is not None and getattr(base, 'make_unique_id', None) is task_class.make_unique_id


def _settled_id(task: Any, structures: Mapping[int, Any], ids: Mapping[int, str]) -> str:
    if task.task_unique_id is not None:
        return str(task.task_unique_id)
    found = _digest(task, structures[id(task)], ids)
    if task.cache_unique_id:
        task.task_unique_id = found
    return found


def requirements(task: Any) -> Any:
    """Return the structure of ``task.requires()``, iterators read into lists, so that it can be walked twice.

    Raises:
        TaskDefinitionError: an item is no task.
    """
    _asked.tasks.append(task)
    try:
        structure = _settled(task.requires())
    finally:
        _asked.tasks.pop()
    if structure is None:
        return []
    items = flatten(structure)
    # Whoever holds a task holds all that is below it: the next look meets the same instances, which know their ids.
    vars(task)[_luigi.KEPT_REQUIREMENTS] = items
    for item in items:
        if not isinstance(item, luigi.Task):
            raise TaskDefinitionError(
                f'{task.task_id}: requires() returns an item of type {type(item).__name__}: {item!r:.100}. '
                'It may return a task, or a list, tuple, set, generator or dict of tasks.'
            )
    return structure


def ordered_requirements(task: Any) -> Any:
    """Return the structure of ``task.requires()`` with each set as a list ordered by the tasks' ids."""
    return _settled(requirements(task), _stable_key)


def has_identity(item: object) -> bool:
    """Whether `item` is a task that has a unique id (a plain `luigi.Task` has none)."""
    return isinstance(item, luigi.Task) and hasattr(item, 'make_unique_id')


def _digest(task: Any, structure: Any, ids: Mapping[int, str]) -> str:
    def part(item: Any) -> str | dict[str, str] | None:
        if not has_identity(item):
            params: dict[str, str] = item.to_str_params(only_significant=True)
            return params
        return ids[id(item)] if item.significant else None

    parts: list[Any] = [part(item) for item in flatten(_settled(structure, lambda item: str(part(item))))]
    parts = [item for item in parts if item is not None]
    parts.append(task.to_str_params(only_significant=True))
    parts.append(type(task).__name__)
    if task.serialized_task_definition_check:
        parts.append(task.get_own_code())
    # The hash names files, nothing rests on it for security.
    return hashlib.md5(str(parts).encode('utf-8'), usedforsecurity=False).hexdigest()


def _stable_key(item: Any) -> str:
    return str(item.make_unique_id() if has_identity(item) else item.to_str_params(only_significant=True))


def _settled(structure: Any, order_of_sets: Callable[[Any], str] | None = None) -> Any:
    if isinstance(structure, Mapping):
        return {key: _settled(value, order_of_sets) for key, value in structure.items()}
    if isinstance(structure, (set, frozenset)):
        return sorted(structure, key=order_of_sets) if order_of_sets else structure
    if isinstance(structure, str) or not isinstance(structure, Iterable):
        return structure
    items = [_settled(item, order_of_sets) for item in structure]
    return tuple(items) if isinstance(structure, tuple) else items
