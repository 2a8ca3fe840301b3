"""Which objects this process writes and removes by URL, told to whoever has to know at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

Listener: TypeAlias = Callable[[str, bool], None]
"""Called with the path of an object, and whether it is there by now."""

_listeners: list[Listener] = []


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Tell `listener` of every change while the block lasts, in the thread that made it."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)


@contextmanager
def written() -> Iterator[set[str]]:
    """Collect the paths of the objects that were written while the block lasts and are still there."""
    paths: set[str] = set()
    with listening(lambda path, is_there: paths.add(path) if is_there else paths.discard(path)):
        yield paths


def note_written(path: str) -> None:
    """Tell that this process has published an object; streams of a `PublishingStream` do."""
    if '://' not in path:  # nobody remembers files of the local disk: to look is quicker
        return
    for listener in tuple(_listeners):
        listener(path, True)


@contextmanager
def removing(*paths: str) -> Iterator[None]:
    """Tell that the objects are gone, or may be if that fails; storages and targets do so around each removal."""
    try:
        yield
    finally:
        for path in paths:
            for listener in tuple(_listeners):
                listener(path, False)
