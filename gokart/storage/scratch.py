"""Private scratch files and directories: named by the operating system, locked while in use, swept once abandoned."""

# ruff: noqa: PTH105, PTH108 (pathlib would take longer than the disk)

from __future__ import annotations

import atexit
import contextlib
import errno
import io
import logging
import os
import sys
import tempfile
import threading
import weakref
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from gokart.storage.flock import try_lock
from gokart.storage.local_path import absolute_directory
from gokart.storage.naming import PREFIX, SUFFIX
from gokart.storage.sweep import is_at, remove_tree, sweep_once

logger = logging.getLogger(__name__)

_TRIES = 10


class _Scratch(ABC):
    """A path that one process alone uses: locked until `remove`, which also comes when the object or process ends.

    Attributes:
        path: where it is, absolute.
        is_inherited: whether this is a forked child's copy, which can do no harm: path and lock are the parent's.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.is_inherited = False
        self._is_there = True

    def take(self) -> bool:
        """Lock the path; False if a sweep of another process took it for abandoned just before."""
        held = [try_lock(descriptor) for descriptor in self._lock_descriptors()]
        return False not in held and os.path.lexists(self.path)

    def remove(self) -> None:
        """Remove the path and let go of it; does nothing the second time."""
        if sys.platform == 'win32':  # what is open cannot be removed there
            self._close()
        try:
            if self._is_there and not self.is_inherited:
                self._is_there = False
                self._delete()
        except FileNotFoundError:
            pass
        except OSError as error:
            logger.warning('could not remove the scratch %s: %s', self.path, error)
        finally:
            self._close()

    def disown(self) -> None:
        """Leave path and lock to the parent of this forked process."""
        self.is_inherited = True
        for descriptor in self._lock_descriptors():
            # The number stays taken for whoever closes it later, but nothing can be written to it.
            with contextlib.suppress(OSError):
                nothing = os.open(os.devnull, os.O_RDONLY)
                os.dup2(nothing, descriptor, inheritable=False)
                os.close(nothing)

    @abstractmethod
    def _lock_descriptors(self) -> list[int]:
        """Return the open descriptors that hold the lock."""

    @abstractmethod
    def _delete(self) -> None: ...

    @abstractmethod
    def _close(self) -> None: ...

    def __del__(self) -> None:
        self.remove()


class ScratchFile(_Scratch):
    """A file of mode 0600 that nobody else knows; see `scratch_file`.

    Attributes:
        raw: the unbuffered file, open for writing.
    """

    def __init__(self, path: str, descriptor: int) -> None:
        super().__init__(path)
        self._kept: int | None = None
        self.raw = io.FileIO(descriptor, 'wb')
        self.raw.name = path

    def finish(self) -> None:
        """Close `raw`, which reports what a network file system could not store; the lock is kept."""
        if sys.platform != 'win32' and self._kept is None:  # what is open cannot be renamed there
            self._kept = os.dup(self.raw.fileno())
        self.raw.close()

    def share(self) -> None:
        """Open `raw` anew under its number: programs that inherit it, and may live longer, do not get the lock."""
        if sys.platform != 'win32' and self._kept is None and is_at(self.raw.fileno(), self.path):
            unlocked = os.open(self.path, os.O_RDWR)
            try:
                os.lseek(unlocked, self.raw.tell(), os.SEEK_SET)
                self._kept = os.dup(self.raw.fileno())
                os.dup2(unlocked, self.raw.fileno(), inheritable=False)
            finally:
                os.close(unlocked)

    def rename_to(self, target: str) -> None:
        """Give the file its final path, on the same file system, in place of what is there."""
        os.replace(self.path, target)
        self._is_there = False

    def publish_new(self, target: str) -> None:
        """Let the file appear at its final path, on the same file system, if nothing is there.

        Raises:
            FileExistsError: something is there.
        """
        if sys.platform == 'win32':  # a rename never replaces anything there
            Path(self.path).rename(target)
            self._is_there = False
        else:
            os.link(self.path, target)

    def _lock_descriptors(self) -> list[int]:
        if self._kept is not None:
            return [self._kept]
        return [] if self.raw.closed else [self.raw.fileno()]

    def _delete(self) -> None:
        os.unlink(self.path)

    def _close(self) -> None:
        with contextlib.suppress(OSError):  # `finish` has told what matters
            self.raw.close()
        kept, self._kept = self._kept, None
        if kept is not None:
            os.close(kept)


class _ScratchDirectory(_Scratch):
    def __init__(self, path: str) -> None:
        super().__init__(path)
        self._descriptor: int | None = None
        if sys.platform != 'win32':  # directories cannot be opened there
            with contextlib.suppress(FileNotFoundError):  # a sweep was quicker
                self._descriptor = os.open(path, os.O_RDONLY)

    def _lock_descriptors(self) -> list[int]:
        return [] if self._descriptor is None else [self._descriptor]

    def _delete(self) -> None:
        remove_tree(self.path)

    def _close(self) -> None:
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)


P = TypeVar('P', bound=_Scratch)

_in_use: weakref.WeakSet[_Scratch] = weakref.WeakSet()
_changing = threading.RLock()  # a fork waits until what was just made is in `_in_use`


def scratch_file(directory: str) -> ScratchFile:
    """Make an empty file in `directory`, which is made as needed; it lives until it is renamed, removed or dropped.

    A child that is forked meanwhile can neither publish nor remove it.
    """
    directory = absolute_directory(directory)
    return _make(directory, lambda: _new_file(directory))


@contextlib.contextmanager
def scratch_directory(parent: str | os.PathLike[str]) -> Iterator[str]:
    """Make an empty directory of mode 0700 in `parent`, which is made as needed, and remove it with all its content.

    Yields:
        Its absolute path.
    """
    parent = absolute_directory(os.fspath(parent))
    directory = _make(parent, lambda: _new_directory(parent))
    try:
        yield directory.path
    finally:
        directory.remove()


def _make(directory: str, create: Callable[[], P]) -> P:
    sweep_once(directory)
    for _ in range(_TRIES):
        made = _create(directory, create)
        if made.take():
            return made
        made.remove()
    return _create(directory, create)  # a file system that refuses every lock


def _create(directory: str, create: Callable[[], P]) -> P:
    try:
        return create()
    except FileNotFoundError:
        make_directory(directory)
    return create()


def _new_file(directory: str) -> ScratchFile:
    with _changing:
        descriptor, path = tempfile.mkstemp(SUFFIX, PREFIX, directory)
        made = ScratchFile(path, descriptor)
        _in_use.add(made)
    return made


def _new_directory(parent: str) -> _ScratchDirectory:
    with _changing:
        made = _ScratchDirectory(tempfile.mkdtemp(SUFFIX, PREFIX, parent))
        _in_use.add(made)
    return made


def make_directory(directory: str) -> None:
    """Make `directory` and its parents, if it is not there."""
    try:
        Path(directory).mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:  # a broken link, which is no object that somebody wrote first
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), directory) from error


def _remove_all() -> None:
    with _changing:
        in_use = list(_in_use)
    for private in in_use:
        private.remove()


def _disown_all() -> None:
    try:
        for private in list(_in_use):
            private.disown()
    finally:
        _changing.release()


atexit.register(_remove_all)
if sys.platform != 'win32':
    os.register_at_fork(before=_changing.acquire, after_in_parent=_changing.release, after_in_child=_disown_all)
