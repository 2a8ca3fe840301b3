"""Private scratch files and directories: named by the operating system, locked while in use, swept once abandoned."""

# ruff: noqa: PTH1 - paths stay strings, on the way of every write.

from __future__ import annotations

import atexit
import contextlib
import io
import logging
import os
import platform
import shutil
import stat
import sys
import tempfile
import threading
import time
import weakref
import zlib
from collections.abc import Callable, Iterator
from typing import TypeVar

from gokart.storage.flock import try_lock

logger = logging.getLogger(__name__)
T = TypeVar('T')

_FAMILY = '.gokart-'
_SUFFIX = '.tmp'
# Other hosts may not see our locks (many network file systems keep them to one host), so names tell the host.
_PREFIX = f'{_FAMILY}{zlib.crc32(platform.node().encode()):08x}-'
_FOREIGN_LIFE_SECONDS = 24 * 3600.0


def is_private(name: str) -> bool:
    """Whether a file or directory of this name (without its directory) is scratch of ours and no object."""
    return name.startswith(_FAMILY)


class _Private:
    """A path that this process alone uses: locked until `remove`, which also comes when the object or process ends."""

    def __init__(self, path: str, descriptor: int | None) -> None:
        self.path = path
        self._descriptor = descriptor
        self._is_mine = True
        _in_use.add(self)

    def take(self) -> bool:
        """Lock the path; False if a sweep of another process took it for abandoned just before."""
        if self._descriptor is None:
            return True
        held = try_lock(self._descriptor)
        return held is None or (held and _is_at(self._descriptor, self.path))

    def remove(self) -> None:
        """Remove the path and let go of it; does nothing the second time, nor in a forked child."""
        if not self._is_mine:
            return
        self._is_mine = False
        if sys.platform == 'win32':  # what is open cannot be removed there
            self._close()
        try:
            self._delete()
        finally:
            self._close()

    def disown(self) -> None:
        """Make this copy in a forked child harmless: the lock is the parent's alone, and the path too."""
        self._is_mine = False
        for descriptor in self._descriptors():
            # The numbers stay taken, for whoever closes them later; writing to them is an error.
            with contextlib.suppress(OSError):
                nothing = os.open(os.devnull, os.O_RDONLY)
                os.dup2(nothing, descriptor, inheritable=False)
                os.close(nothing)

    def _descriptors(self) -> list[int]:
        return [] if self._descriptor is None else [self._descriptor]

    def _delete(self) -> None:
        _remove_tree(self.path)

    def _close(self) -> None:
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)

    def __del__(self) -> None:
        self.remove()
        self._close()


class PrivateFile(_Private):
    """A new empty file of mode 0600 that nobody else knows.

    Attributes:
        path: where it is, absolute.
        raw: the unbuffered file, open for writing.
    """

    def __init__(self, path: str, descriptor: int) -> None:
        super().__init__(path, descriptor)
        # A descriptor of its own: closing it reports what a network file system could not store, and keeps the lock.
        self.raw = io.FileIO(os.dup(descriptor), 'wb')
        self.raw.name = path
        self._is_there = True

    @property
    def is_inherited(self) -> bool:
        """Whether this is a forked child's copy of a file of its parent."""
        return not self._is_mine and self._is_there

    def finish(self) -> None:
        """Close `raw`; the file stays, complete."""
        self.raw.close()
        if sys.platform == 'win32':  # what is open cannot be renamed there
            self._close()

    def rename_to(self, target: str) -> None:
        """Give the file its final path, in the same directory, in place of what is there."""
        os.replace(self.path, target)
        self._is_there = False

    def _descriptors(self) -> list[int]:
        return super()._descriptors() + ([] if self.raw.closed else [self.raw.fileno()])

    def _delete(self) -> None:
        self.raw.close()
        if self._is_there:
            self._is_there = False
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self.path)
