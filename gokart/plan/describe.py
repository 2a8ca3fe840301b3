"""How the looks at a graph of tasks become a tree of `TaskInfo`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

import luigi

from gokart._nested import flatten
from gokart.plan.look import Look, id_of, look_at_graph
from gokart.plan.notes import Notes, read_notes
from gokart.plan.shown_parameters import shown_parameters
from gokart.plan.task_info import RequiredTask, TaskInfo
from gokart.target_contract import target_path


def make_task_info_tree(
    task: luigi.Task,
    ignore_task_names: Collection[str] | None = None,
    cache: dict[str, TaskInfo] | None = None,
) -> TaskInfo:
    """Describe `task` and all that it requires; nothing is written by it.

    Args:
        task: the root.
        ignore_task_names: names of classes whose tasks are left out, with all that only they require; never the root.
        cache: descriptions of earlier calls, which are used again; those of this call are added.

    Raises:
        TypeError: `task` is no instance of a task.
        TaskDefinitionError: ``requires()`` of a task returns something that is no task.
        CyclicRequirementError: a task requires itself.
    """
    looks = look_at_graph(task, ignore_task_names)
    return _tree(looks, map(_description, looks, read_notes(looks)), {} if cache is None else cache)


def make_outline(task: luigi.Task, ignore_task_names: Collection[str] | None = None) -> TaskInfo:
    """Describe as `make_task_info_tree` does, without what only the details of a tree show: no log file is read."""
    looks = look_at_graph(task, ignore_task_names)
    return _tree(looks, map(_outline, looks), {})


def describe_requirements(requires: Any) -> Any:
    """Name each task of a structure of tasks: dicts stay dicts, other collections become lists.

    Raises:
        TypeError: an item is no task.
    """
    if isinstance(requires, luigi.Task):
        return RequiredTask(name=type(requires).__name__, unique_id=id_of(requires))
    if isinstance(requires, Mapping):
        return {name: describe_requirements(item) for name, item in requires.items()}
    if isinstance(requires, Iterable) and not isinstance(requires, (str, type)):
        return [describe_requirements(item) for item in requires]
    raise TypeError(
        f'`requires` has unexpected type {type(requires)}. It must be a task, or a dict or a collection of tasks.'
    )


def _tree(looks: list[Look], infos: Iterable[TaskInfo], cache: dict[str, TaskInfo]) -> TaskInfo:
    earlier = dict(cache)
    found: dict[int, TaskInfo] = {}
    for look, info in zip(looks, infos, strict=True):
        info.children_task_infos = [found[id(item)] for item in flatten(look.requirements) if id(item) in found]
        key = f'{look.name}_{look.unique_id}_{look.complete}'
        found[id(look.task)] = cache[key] = earlier.get(key, info)
    return found[id(looks[-1].task)]


def _outline(look: Look) -> TaskInfo:
    return TaskInfo(
        name=look.name,
        unique_id=look.unique_id,
        output_paths=[],
        params={},
        processing_time='unknown',
        is_complete='COMPLETE' if look.complete else 'PENDING',
        task_log={},
        requires=[],
        children_task_infos=[],
    )


def _description(look: Look, notes: Notes) -> TaskInfo:
    seconds = notes.processing_time
    return replace(
        _outline(look),
        output_paths=[target_path(output) for output in flatten(look.task.output())],
        params=shown_parameters(look.task),
        processing_time=f'{seconds}s' if isinstance(seconds, float) else seconds,
        task_log=notes.task_log,
        requires=describe_requirements(look.requirements),
    )
