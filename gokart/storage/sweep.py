"""The sweep of scratch files and directories whose process died: once per directory and process."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from gokart.storage.flock import try_lock
from gokart.storage.naming import PREFIX, SUFFIX, is_scratch

logger = logging.getLogger(__name__)

_UNKNOWN_LIFE_SECONDS = 24 * 3600.0

_swept: dict[str, object] = {}


def sweep_once(directory: str) -> None:
    """Remove the scratch of dead processes in `directory`, an absolute path; does nothing the second time.

    Where a lock cannot tell who lives (on another host; directories on Windows) scratch stays for a day. A directory
    that is private itself needs no sweep.
    """
    mark = object()
    if PREFIX in directory or _swept.setdefault(directory, mark) is not mark:  # atomic: no lock that a fork could keep
        return
    for path in _scratch_in(directory):
        try:
            _sweep(path)
        except OSError as error:
            logger.debug('left %s: %s', path, error)


def abandoned(directory: str) -> Iterator[Path]:
    """Yield the scratch files in `directory` whose process died, for whom they tell of something else to be cleaned.

    Nobody else gets a file before the next one is asked for. Where no lock tells who lives, only files that are a day
    old are abandoned.
    """
    for path in _scratch_in(directory):
        with contextlib.suppress(OSError), _taken(path) as is_abandoned:
            if is_abandoned:
                yield path


def is_at(descriptor: int, path: str | Path) -> bool:
    """Whether the open file or directory is still the one at `path`."""
    try:
        return os.path.samestat(os.fstat(descriptor), os.lstat(path))
    except FileNotFoundError:
        return False


def remove_tree(directory: str | Path) -> None:
    """Remove `directory` and all that is in it, also what was made read-only."""
    shutil.rmtree(directory, ignore_errors=True)
    if os.path.lexists(directory):
        _make_writable(directory)
        shutil.rmtree(directory)


def _scratch_in(directory: str) -> list[Path]:
    try:
        names = os.listdir(directory)
    except OSError:
        return []
    return [Path(directory, name) for name in names if is_scratch(name) and name.endswith(SUFFIX)]


if sys.platform == 'win32':

    @contextlib.contextmanager
    def _taken(path: Path) -> Iterator[bool]:
        yield _is_old(path.stat())

    def _sweep(path: Path) -> None:
        if not path.is_dir():
            path.unlink()  # refused while it is open
        elif _is_old(path.stat()):
            remove_tree(path)

else:

    @contextlib.contextmanager
    def _taken(path: Path) -> Iterator[bool]:
        # NFS locks files only when they are open for writing; O_NONBLOCK, lest a pipe of such a name stops us.
        access = os.O_RDONLY if path.is_dir() else os.O_RDWR
        descriptor = os.open(path, access | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            is_free = bool(try_lock(descriptor)) and is_at(descriptor, path)
            yield is_free and (path.name.startswith(PREFIX) or _is_old(os.fstat(descriptor)))
        finally:
            os.close(descriptor)

    def _sweep(path: Path) -> None:
        with _taken(path) as is_abandoned:
            if is_abandoned and path.is_dir():
                remove_tree(path)
            elif is_abandoned:
                path.unlink()


def _is_old(found: os.stat_result) -> bool:
    return time.time() - found.st_mtime > _UNKNOWN_LIFE_SECONDS


def _make_writable(directory: str | Path) -> None:
    Path(directory).chmod(0o700)
    for parent, directories, files in os.walk(directory):
        for name in (*directories, *files):  # Windows removes no read-only file
            path = Path(parent, name)
            if not path.is_symlink():
                path.chmod(0o700)
