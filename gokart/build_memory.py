"""Where outputs are that a build keeps in memory until it ends: which paths, and their objects in ``memory://``."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from gokart.storage.registry import storage_for


class BuildMemory:
    """The paths whose objects are in memory instead, as bytes, so that formats do to them what they do to files."""

    def __init__(self) -> None:
        self._directory = f'memory://build-{uuid.uuid4().hex}'
        self._paths: set[str] = set()
        self._process_id = os.getpid()
        self._is_closed = False

    @property
    def takes_more(self) -> bool:
        """Whether the build goes on, and this process is the one that will look for its objects."""
        return not self._is_closed and os.getpid() == self._process_id

    def keep(self, path: str) -> None:
        """From now on, keep the object of `path` in memory."""
        self._paths.add(path)

    def place_of(self, path: str) -> str | None:
        """Return the path in memory of the object of `path`; None if that is stored where it says."""
        return f'{self._directory}/{path}' if path in self._paths else None

    def close(self) -> None:
        """Forget all objects."""
        self._is_closed = True
        self._paths.clear()
        storage = storage_for(self._directory)
        for entry in list(storage.list(self._directory)):
            storage.remove(entry.path)


_in_use: ContextVar[BuildMemory | None] = ContextVar('memory of the build', default=None)


def current_memory() -> BuildMemory | None:
    """Return the memory of the build that is going on, if objects can be kept there now."""
    memory = _in_use.get()
    return memory if memory is not None and memory.takes_more else None


def leave_memory() -> None:
    """Keep nothing in the memory from here on in this context, and find nothing there."""
    _in_use.set(None)


def place_in_memory(path: str) -> str | None:
    """Return where the build that is going on keeps the object of `path` in memory; None if it does not."""
    memory = _in_use.get()
    return None if memory is None else memory.place_of(path)


@contextmanager
def memory_of_build() -> Iterator[BuildMemory]:
    """Use a memory while the block lasts: that of the build around this one in the same process, or a new one."""
    around = current_memory()
    if around is not None:
        yield around
        return
    memory = BuildMemory()
    token = _in_use.set(memory)
    try:
        yield memory
    finally:
        _in_use.reset(token)
        memory.close()
