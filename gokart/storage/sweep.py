"""The sweep of scratch files and directories whose process died: once per directory and process."""

from __future__ import annotations

import logging
import os
import shutil
import sys
import time
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
    try:
        names = os.listdir(directory)
    except OSError:
        return
    for name in names:
        if is_scratch(name) and name.endswith(SUFFIX):
            try:
                _sweep(Path(directory, name))
            except OSError as error:
                logger.debug('left %s in %s: %s', name, directory, error)


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


if sys.platform == 'win32':

    def _sweep(path: Path) -> None:
        if not path.is_dir():
            path.unlink()  # refused while it is open
        elif _is_old(path.stat()):
            remove_tree(path)

else:

    def _sweep(path: Path) -> None:
        is_directory = path.is_dir()
        # NFS locks files only when they are open for writing; O_NONBLOCK, lest a pipe of such a name stops us.
        access = os.O_RDONLY if is_directory else os.O_RDWR
        descriptor = os.open(path, access | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            if not try_lock(descriptor) or not is_at(descriptor, path):
                return
            if not path.name.startswith(PREFIX) and not _is_old(os.fstat(descriptor)):
                return
            if is_directory:
                remove_tree(path)
            else:
                path.unlink()
        finally:
            os.close(descriptor)


def _is_old(found: os.stat_result) -> bool:
    return time.time() - found.st_mtime > _UNKNOWN_LIFE_SECONDS


def _make_writable(directory: str | Path) -> None:
    Path(directory).chmod(0o700)
    for parent, directories, files in os.walk(directory):
        for name in (*directories, *files):  # Windows removes no read-only file
            path = Path(parent, name)
            if not path.is_symlink():
                path.chmod(0o700)
