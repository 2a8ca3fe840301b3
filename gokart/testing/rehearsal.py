"""One task run on plain objects: its inputs come from the caller, and what it dumps goes to the caller."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any

import luigi

from gokart import seeds
from gokart._nested import flatten, map_flattenable_items
from gokart.errors import MissingOutputError, TaskInputError
from gokart.identity import ordered_requirements
from gokart.overlay import Overlay, overlaid
from gokart.representation import label
from gokart.running.global_state import process_state_kept
from gokart.target_contract import TargetOnKart, target_path


def run_task(task: Any, inputs: Mapping[Any, Any] | None = None) -> Any:
    """Run the body of `task` on `inputs` and return what it dumped, touching no disk, log or requirement.

    The body is seeded as in a build, and the random state of the caller is put back. Threads that the body starts
    itself see what is stored, not `inputs`.

    Args:
        task: an instance of a `TaskOnKart`.
        inputs: the objects that the requirements would have dumped, by name in ``requires()`` (a number if that is a
            list), by task class, or by task. Where there are several tasks under a name, their objects are in the
            same structure; a task with several outputs gets them in that of its ``output()``. A class stands for all
            tasks of that class, also for those that the body yields; names and tasks are nearer than classes.

    Returns:
        What was dumped, in the structure of ``task.output()``.

    Raises:
        TaskInputError: a key of `inputs` is no requirement, or the body loads what is not given.
        MissingOutputError: the body does not dump every output.
        Exception: what the body raises.
    """
    given = dict(inputs or {})
    with overlaid(Overlay()) as overlay, process_state_kept():
        _seed(task)
        named = _requirements_by_key(task)
        _check_keys(task, given, named)
        for key, obj in sorted(given.items(), key=_specificity):
            for part in named.get(key, ()):
                _give_each(overlay, task, part, obj)
        _run_body(task, overlay, given)
        return _dumped(task, overlay)


def dumped_by(task: Any, objects: Mapping[str, Any]) -> Any:
    """Run the body of `task` where exactly `objects` are stored, by path, and return what it dumped."""
    with overlaid(Overlay(dict(objects))) as overlay, process_state_kept():
        _seed(task)
        _run_body(task, overlay, {})
        return _dumped(task, overlay)


def _seed(task: Any) -> None:
    seed = seeds.seed_of(task.make_unique_id(), task.fix_random_seed_value)
    task.try_set_seed(list(task.fix_random_seed_methods), seed)


def _requirements_by_key(task: Any) -> dict[Any, list[Any]]:
    structure = ordered_requirements(task)
    found: dict[Any, list[Any]] = {}
    entries = structure.items() if isinstance(structure, Mapping) else enumerate(flatten(structure))
    for key, part in entries:
        found.setdefault(key, []).append(part)
    for requirement in flatten(structure):
        for cls in type(requirement).__mro__:
            found.setdefault(cls, []).append(requirement)
        found.setdefault(requirement, []).append(requirement)
    return found


def _specificity(entry: tuple[Any, Any]) -> tuple[int, int]:
    """Order classes before names, and names before tasks: what is given later is what counts."""
    key, _ = entry
    if isinstance(key, type):
        return 0, len(key.__mro__)
    return (2, 0) if isinstance(key, luigi.Task) else (1, 0)


def _check_keys(task: Any, given: Mapping[Any, Any], named: Mapping[Any, Any]) -> None:
    for key in given:
        is_class = isinstance(key, type) and issubclass(key, luigi.Task)  # the body may yield one
        if key not in named and not is_class:
            known = [key for key in named if isinstance(key, (str, int))]
            classes = sorted({type(required).__name__ for parts in named.values() for required in flatten(parts)})
            raise TaskInputError(
                f'run_task({label(task)}): inputs has the key {key!r}, but {label(task)} has no such requirement. '
                f'Its requirements are {known!r}, of the classes {classes}.'
            )


def _give_each(overlay: Overlay, task: Any, part: Any, obj: Any) -> None:
    """Give each requirement in a part of ``requires()`` its object; the objects are in the structure of the part."""
    if isinstance(part, luigi.Task):
        _give(overlay, part, obj)
        return
    pairs = _pairs(part, obj)
    if pairs is None:
        raise TaskInputError(
            f'{label(task)} has several requirements there, so their objects must have the structure of requires(): '
            f'{map_flattenable_items(label, part)!r:.300}, but are {obj!r:.100}.'
        )
    for requirement, item in pairs:
        _give_each(overlay, task, requirement, item)


def _give(overlay: Overlay, requirement: Any, obj: Any) -> None:
    _store(overlay, requirement, requirement.output(), obj)


def _store(overlay: Overlay, requirement: Any, output: Any, obj: Any) -> None:
    if not isinstance(output, (Mapping, list, tuple)):
        overlay.objects[target_path(output)] = obj
        return
    pairs = _pairs(output, obj)
    if pairs is None:
        raise TaskInputError(
            f'{label(requirement)} has several outputs, so its input must have the structure of its output(): '
            f'{map_flattenable_items(target_path, output)!r:.300}, but is {obj!r:.100}.'
        )
    for target, part in pairs:
        _store(overlay, requirement, target, part)


def _pairs(structure: Any, obj: Any) -> list[tuple[Any, Any]] | None:
    """Pair the parts of `structure` with those of `obj`; None if it has another structure."""
    if isinstance(structure, Mapping):
        fits = isinstance(obj, Mapping) and obj.keys() == structure.keys()
        return [(structure[key], obj[key]) for key in structure] if fits else None
    fits = isinstance(obj, (list, tuple)) and len(obj) == len(structure)
    return list(zip(structure, obj, strict=True)) if fits else None


def _run_body(task: Any, overlay: Overlay, given: Mapping[Any, Any]) -> None:
    body = task.run()
    if not isinstance(body, Generator):
        return
    answer = None
    while True:
        try:
            wanted = body.send(answer)
        except StopIteration:
            return
        for requirement in flatten(wanted):
            _give_yielded(overlay, requirement, given)
        answer = map_flattenable_items(lambda item: item.output(), wanted)


def _give_yielded(overlay: Overlay, requirement: Any, given: Mapping[Any, Any]) -> None:
    key = next((key for key in (requirement, *type(requirement).__mro__) if key in given), None)
    if key is not None:
        _give(overlay, requirement, given[key])
    elif not all(target_path(output) in overlay.objects for output in flatten(requirement.output())):
        raise TaskInputError(
            f'The body yields {label(requirement)}, for which no object was given. '
            f'Give one: inputs={{{type(requirement).__name__}: obj}}.'
        )


def _dumped(task: Any, overlay: Overlay) -> Any:
    output = task.output()
    targets = [target for target in flatten(output) if isinstance(target, TargetOnKart)]
    missing = [target.path() for target in targets if target.path() not in overlay.objects]
    if missing:
        raise MissingOutputError(
            f'{label(task)}: run() ended, but dumped nothing to {", ".join(missing)}. '
            'Call self.dump(...) for each output in run().'
        )
    return map_flattenable_items(lambda target: overlay.objects.get(target_path(target)), output)
