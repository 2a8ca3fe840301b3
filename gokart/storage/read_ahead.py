"""Objects that are opened before they are asked for, a few side by side, since each waits for an answer."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import partial
from typing import BinaryIO

from gokart._calls import WIDTH, Call
from gokart.storage.registry import storage_for


class ReadAhead:
    """Opens the objects at `paths`, which are going to be read in this order; at most `width` wait to be taken.

    Opening fetches the first part of an object (`gokart.storage.ranged.HEAD_BYTES`), which is all of a small one.
    """

    def __init__(self, paths: Iterable[str], width: int = WIDTH) -> None:
        self._waiting = deque(paths)
        self._width = width
        self._opened: deque[tuple[str, Call[BinaryIO]]] = deque()

    def take(self, path: str) -> BinaryIO | None:
        """Return the object at `path`, open; None if it is not one of those that come next.

        Raises:
            Exception: what opening it raised.
        """
        self._open_some()
        if all(path != opened for opened, _ in self._opened):
            return None
        while self._opened[0][0] != path:
            self._drop()
        _, call = self._opened.popleft()
        self._open_some()
        return call.result()

    def close(self) -> None:
        """Close what nobody took."""
        self._waiting.clear()
        while self._opened:
            self._drop()

    @contextmanager
    def used(self) -> Iterator[None]:
        """Let `opened_ahead` know of this one while the block lasts."""
        token = _current.set(self)
        try:
            yield
        finally:
            _current.reset(token)

    def _drop(self) -> None:
        _, call = self._opened.popleft()
        with suppress(Exception):  # nobody asked for it
            call.result().close()

    def _open_some(self) -> None:
        while self._waiting and len(self._opened) < self._width:
            path = self._waiting.popleft()
            self._opened.append((path, Call(partial(storage_for(path).open_read, path))))


_current: ContextVar[ReadAhead | None] = ContextVar('read_ahead', default=None)


def opened_ahead(path: str) -> BinaryIO | None:
    """Return the object at `path` if it was opened ahead and not taken yet, else None; raises what opening it did."""
    current = _current.get()
    return None if current is None else current.take(path)
