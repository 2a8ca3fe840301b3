"""Which targets are objects behind a network, so that many are asked for, or opened, at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from gokart._calls import side_by_side
from gokart.build_memory import place_in_memory
from gokart.storage.registry import remote_storage
from gokart.stored_file import StoredFile
from gokart.target import ModelTarget, SingleFileTarget

T = TypeVar('T')


def remote_path(target: object) -> str | None:
    """Return the path of the remote object that `target` is; None if it is something else, or a class of the user's."""
    file = target._target if type(target) in (SingleFileTarget, ModelTarget) else target  # type: ignore[attr-defined]
    if type(file) is not StoredFile or remote_storage(file.path) is None or place_in_memory(file.path) is not None:
        return None
    return str(file.path)


def path_to_open(target: object) -> str | None:
    """Return the path of the remote object that ``target.load()`` is going to open; None for other targets."""
    # Who holds a lock may still be writing the object.
    params = getattr(target, '_task_lock_params', None)
    return None if getattr(params, 'should_task_lock', False) or not hasattr(target, 'load') else remote_path(target)


def ask_each(function: Callable[[Any], T], targets: Sequence[Any]) -> list[T]:
    """Return what `function` says of each target; it is called for several remote ones at a time, in threads."""
    remote = [target for target in targets if remote_path(target) is not None]
    known = dict(zip(map(id, remote), side_by_side(function, remote), strict=True))
    return [known[id(target)] if id(target) in known else function(target) for target in targets]
