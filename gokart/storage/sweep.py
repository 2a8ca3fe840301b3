"""The sweep of scratch files and directories whose process died: once per directory and process."""

from __future__ import annotations

import logging
import os
import platform
import shutil
import sys
import time
import zlib
from pathlib import Path

from gokart.storage.flock import try_lock

logger = logging.getLogger(__name__)

_FAMILY = '.gokart-'
# Many network file systems keep locks to one host, so a name tells whose it is.
PREFIX = f'{_FAMILY}{zlib.crc32(platform.node().encode()):08x}-'
SUFFIX = '.tmp'

_UNKNOWN_LIFE_SECONDS = 24 * 3600.0

_swept: dict[str, object] = {}


def is_private(name: str) -> bool:
    """Whether a file or directory with this name (without its directory) is scratch of ours and no object."""
    return name.startswith(_FAMILY)


def sweep_once(directory: str) -> None:
    """Remove the scratch of dead processes in `directory`, an absolute path; does nothing the second time.

    Where a lock cannot tell who lives (on another host; directories on Windows) scratch stays for a day.
    """
    mark = object()
    if _swept.setdefault(directory, mark) is not mark:  # atomic, and no lock that a fork could leave taken
        return
    try:
        with os.scandir(directory) as entries:
            scratch = [entry for entry in entries if is_private(entry.name) and entry.name.endswith(SUFFIX)]
    except OSError:
        return
    for entry in scratch:
        try:
            _sweep(entry)
        except OSError as error:
            logger.debug('left %s where it is: %s', entry.path, error)


def is_at(descriptor: int, path: str) -> bool:
    """Whether the open file or directory is still the one at `path`."""
    try:
        return os.path.samestat(os.fstat(descriptor), os.lstat(path))
    except FileNotFoundError:
        return False


def remove_tree(directory: str) -> None:
    """Remove `directory` and all that is in it, also what was made read-only."""
    shutil.rmtree(directory, ignore_errors=True)
    if os.path.lexists(directory):
        _make_writable(directory)
        shutil.rmtree(directory)


if sys.platform == 'win32':

    def _sweep(entry: os.DirEntry[str]) -> None:
        if not entry.is_dir(follow_symlinks=False):
            Path(entry.path).unlink()  # refused while it is open
        elif _is_old(entry.stat(follow_symlinks=False)):
            remove_tree(entry.path)

else:

    def _sweep(entry: os.DirEntry[str]) -> None:
        is_directory = entry.is_dir(follow_symlinks=False)
        # NFS locks files only when they are open for writing; O_NONBLOCK, lest a pipe of such a name stops us.
        access = os.O_RDONLY if is_directory else os.O_RDWR
        descriptor = os.open(entry.path, access | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            if not try_lock(descriptor) or not is_at(descriptor, entry.path):
                return
            if not entry.name.startswith(PREFIX) and not _is_old(os.fstat(descriptor)):
                return
            if is_directory:
                remove_tree(entry.path)
            else:
                Path(entry.path).unlink()
        finally:
            os.close(descriptor)


def _is_old(found: os.stat_result) -> bool:
    return time.time() - found.st_mtime > _UNKNOWN_LIFE_SECONDS


def _make_writable(directory: str) -> None:
    Path(directory).chmod(0o700)
    for parent, directories, files in os.walk(directory):
        for name in (*directories, *files):  # Windows removes no read-only file
            path = Path(parent, name)
            if not path.is_symlink():
                path.chmod(0o700)
