"""Locks on open files: they end with the process that holds them, however it ends."""

from __future__ import annotations

import contextlib
import os
import sys
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

from gokart.errors import StorageError
from gokart.storage.naming import PREFIX

_PATIENCE_SECONDS = 60.0
_PAUSE_SECONDS = 0.001


@contextlib.contextmanager
def exclusive(path: str) -> Iterator[None]:
    """Keep every other caller off the existing file at `path`; whoever waited looks again at what is there by then.

    Raises:
        FileNotFoundError: there is no file.
        StorageError: the file system has no locks, or another process holds this one for a minute.
    """
    lock = _FileLock(path)
    try:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not lock.take():
            if time.monotonic() > deadline:
                raise StorageError(
                    f'{path!r} has been locked by another process for {_PATIENCE_SECONDS:.0f} seconds. '
                    'Try again when that is done, or end it if it hangs.'
                )
            time.sleep(_PAUSE_SECONDS)
        yield
    finally:
        lock.release()


if sys.platform == 'win32':

    def try_lock(descriptor: int) -> bool | None:
        """Tell that nothing can be locked."""
        return None

    class _FileLock:
        # An open file cannot be replaced there, so the lock is a file beside it, which vanishes with its descriptor.

        def __init__(self, path: str) -> None:
            self._descriptor: int | None = None
            self._path = Path(path).with_name(f'{PREFIX}{zlib.crc32(os.fsencode(Path(path).name)):08x}.lock')
            Path(path).stat()

        def take(self) -> bool:
            flags = os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_TEMPORARY | os.O_NOINHERIT
            try:
                self._descriptor = os.open(self._path, flags)
            except (FileExistsError, PermissionError):
                return False
            return True

        def release(self) -> None:
            if self._descriptor is not None:
                os.close(self._descriptor)

else:
    import fcntl

    def try_lock(descriptor: int) -> bool | None:
        """Lock the open file without waiting: True, or False if somebody holds it; None where nothing can be locked."""
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:  # a file system without locks
            return None
        return True

    class _FileLock:
        def __init__(self, path: str) -> None:
            self._path = path
            try:
                self._descriptor = os.open(path, os.O_RDWR)  # NFS locks only what is open for writing
            except PermissionError:
                self._descriptor = os.open(path, os.O_RDONLY)

        def take(self) -> bool:
            held = try_lock(self._descriptor)
            if held is None:
                raise StorageError(f'{self._path!r} cannot be compared and swapped: its file system has no locks.')
            return held

        def release(self) -> None:
            with contextlib.suppress(OSError):
                fcntl.flock(self._descriptor, fcntl.LOCK_UN)  # closing is not enough: a forked child may share it
            os.close(self._descriptor)
