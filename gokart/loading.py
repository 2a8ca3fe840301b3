"""Which stored objects a task means when it loads or dumps, and how their structure comes back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import luigi

from gokart._nested import flatten, map_flattenable_items
from gokart.errors import BrokenFileError, TaskInputError
from gokart.identity import ordered_requirements
from gokart.remote_targets import path_to_open
from gokart.storage.read_ahead import ReadAhead


def input_targets(task: Any, target: Any) -> Any:
    """Return the targets that ``task.load(target)`` means, in their structure.

    Raises:
        TaskInputError: there is no such input; the message lists what there is.
    """
    if target is None:
        return task.input()
    if isinstance(target, str):
        return _entry(task, 'load', 'requires()', task.input(), target)
    if isinstance(target, luigi.Task):
        return _output_of_requirement(task, target)
    if isinstance(target, (list, tuple)) and target and all(isinstance(item, luigi.Task) for item in target):
        return [_output_of_requirement(task, item) for item in target]
    if _is_target(target):
        return target
    raise TaskInputError(
        f'{task}: load() takes a key of requires(), a target, a required task or a list of required tasks, '
        f'not {target!r:.100} of type {type(target).__name__}.'
    )


def output_target(task: Any, target: Any) -> Any:
    """Return the one target that ``task.dump(obj, target)`` means.

    Raises:
        TaskInputError: there is no such output, or `target` is None and there are several.
    """
    if isinstance(target, str):
        target = _entry(task, 'dump', 'output()', task.output(), target)
    elif target is None:
        target = task.output()
    if _is_target(target):
        return target
    if isinstance(target, Mapping):
        cure = f'Name one: self.dump(obj, {next(iter(target), "key")!r}). Its keys are {list(target)!r}.'
    else:
        cure = 'Give one of them: self.dump(obj, self.output()[0]).' if target else 'It has no output to dump to.'
    raise TaskInputError(f'{task}: dump() needs one target, but got {type(target).__name__}. {cure}')


def load_structure(task: Any, targets: Any) -> Any:
    """Load each target of a structure: dicts stay dicts, other collections come back as lists."""
    structure = _listed(targets)
    ahead = _read_ahead(list(_each(structure)))
    try:
        with ahead.used():
            return _load_all(task, structure)
    finally:
        ahead.close()


def load_each(task: Any, structure: Any) -> Iterator[Any]:
    """Load the targets of a structure one by one, and fetch some of those that come next while the caller is busy."""
    targets = list(_each(structure))
    ahead = _read_ahead(targets)
    try:
        for target in targets:
            with ahead.used():  # not over the yield, where the caller would get it
                loaded = load_one(task, target)
            yield loaded
    finally:
        ahead.close()


def load_one(task: Any, target: Any) -> Any:
    """Load the object of one target; None stands for nothing.

    Raises:
        TaskInputError: it is a target of Luigi's, which has no load().
        BrokenFileError: the stored file cannot be read; the message names the task that asked for it.
    """
    if target is None:
        return None
    if not hasattr(target, 'load'):
        raise TaskInputError(
            f'{task}: {type(target).__name__} {target} has no load(). Read it with open(), or let the required task '
            'return self.make_target(…) in output().'
        )
    try:
        return target.load()
    except BrokenFileError as error:
        error.args = (f'{error} (Loaded by {task}.)',)
        raise


def ordered_input(task: Any) -> Any:
    """Return the outputs of the requirements of `task` in the structure of ``requires()``; sets are ordered by id."""
    return map_flattenable_items(lambda item: None if item is None else item.output(), ordered_requirements(task))


def _load_all(task: Any, structure: Any) -> Any:
    if isinstance(structure, dict):
        return {key: _load_all(task, value) for key, value in structure.items()}
    if isinstance(structure, list):
        return [_load_all(task, item) for item in structure]
    return load_one(task, structure)


def _listed(targets: Any) -> Any:
    """Return a structure of targets in dicts and lists."""
    if isinstance(targets, Mapping):
        return {key: _listed(value) for key, value in targets.items()}
    # Mocks of targets, in test suites of users, can be iterated.
    if isinstance(targets, str) or _is_target(targets) or not isinstance(targets, Iterable):
        return targets
    return [_listed(item) for item in targets]


def _each(targets: Any) -> Iterator[Any]:
    structure = _listed(targets)
    if isinstance(structure, (dict, list)):
        for part in structure.values() if isinstance(structure, dict) else structure:
            yield from _each(part)
    elif structure is not None:
        yield structure


def _read_ahead(targets: list[Any]) -> ReadAhead:
    """Fetch remote objects side by side; they are decoded one after the other, in the thread of the caller."""
    paths = [path for path in map(path_to_open, targets) if path is not None]
    return ReadAhead(paths if len(paths) > 1 else ())


def _output_of_requirement(task: Any, requirement: luigi.Task) -> Any:
    known = flatten(ordered_requirements(task))
    if requirement not in known:
        raise TaskInputError(
            f'{requirement} should be in requires method of {task}, which requires {[str(item) for item in known]!r}. '
            'Add it there, or load one of these.'
        )
    return requirement.output()


def _entry(task: Any, verb: str, source: str, structure: Any, key: str) -> Any:
    if not isinstance(structure, Mapping):
        raise TaskInputError(
            f'{task}: {verb}({key!r}) asks for a key, but {source} must be a dict for that and is '
            f'{type(structure).__name__}. Let {source} return a dict, or call {verb}() without a key.'
        )
    if key not in structure:
        raise TaskInputError(f'{task}: {source} has no key {key!r}; its keys are {list(structure)!r}.')
    return structure[key]


def _is_target(value: object) -> bool:
    return isinstance(value, luigi.Target) or (hasattr(value, 'load') and hasattr(value, 'dump'))
