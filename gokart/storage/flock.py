"""Locks on open files: they end with the process that holds them, however it ends."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator

from gokart.errors import StorageError

if sys.platform != 'win32':
    import fcntl

_PATIENCE_SECONDS = 60.0
_PAUSE_SECONDS = 0.001


def try_lock(descriptor: int) -> bool | None:
    """Lock the open file without waiting: True, or False if somebody holds it; None where nothing can be locked."""
    if sys.platform == 'win32':
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        return None
    return True


@contextlib.contextmanager
def exclusive(path: str) -> Iterator[None]:
    """Keep every other user of this function off the existing file at `path`; who waited finds what it is by then.

    Raises:
        FileNotFoundError: there is no file.
        StorageError: the file system has no locks, or somebody holds this one for a minute.
    """
    descriptor = _open_for_lock(path)
    deadline = time.monotonic() + _PATIENCE_SECONDS
    try:
        while not _lock(descriptor, path):
            if time.monotonic() > deadline:
                raise StorageError(f'{path!r} has been locked by another process for {_PATIENCE_SECONDS:.0f} seconds.')
            time.sleep(_PAUSE_SECONDS)
        yield
    finally:
        _unlock(descriptor)


if sys.platform == 'win32':

    def _open_for_lock(path: str) -> list[int]:
        os.stat(path)
        return []

    def _lock(descriptors: list[int], path: str) -> bool:
        # An open file cannot be replaced there, so the lock is a file beside it, which vanishes with its descriptor.
        beside = os.path.join(os.path.dirname(path), f'.gokart-{os.path.basename(path)[:200]}.lock')
        flags = os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_TEMPORARY | os.O_NOINHERIT
        try:
            descriptors.append(os.open(beside, flags))
        except (FileExistsError, PermissionError):
            return False
        return True

    def _unlock(descriptors: list[int]) -> None:
        for descriptor in descriptors:
            os.close(descriptor)

else:

    def _open_for_lock(path: str) -> int:
        try:
            return os.open(path, os.O_RDWR)  # NFS locks only what is open for writing
        except PermissionError:
            return os.open(path, os.O_RDONLY)

    def _lock(descriptor: int, path: str) -> bool:
        held = try_lock(descriptor)
        if held is None:
            raise StorageError(f'{path!r} cannot be compared and swapped: its file system has no locks.')
        return held

    def _unlock(descriptor: int) -> None:
        with contextlib.suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_UN)  # a child forked meanwhile shares the lock and must not keep it
        os.close(descriptor)
