"""How a finished private file becomes a local file: its condition, its mode and time, and its way to the disk."""

# ruff: noqa: PTH101, PTH108, PTH116, PTH118, PTH120 (pathlib would take longer than the disk)

from __future__ import annotations

import contextlib
import errno
import os
import sys
import time
import uuid
from dataclasses import dataclass

from gokart.errors import StorageError
from gokart.storage.condition import already_there, require
from gokart.storage.contract import Condition, Version, WriteCondition
from gokart.storage.flock import exclusive
from gokart.storage.naming import PREFIX, SUFFIX
from gokart.storage.scratch import ScratchFile

_NO_LINKS = (errno.EPERM, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP)

_TICK_NANOSECONDS = 20_000_000

_new_file_mode: int | None = None


def make_time_tell(path: str, descriptor: int | None = None) -> None:
    """Give the file that was just written a time of its own, so that `version_of` it is, too.

    Args:
        path: of the file.
        descriptor: of the file if it is open: the quicker way to it.
    """
    file = path if descriptor is None or os.utime not in os.supports_fd else descriptor
    written = os.stat(file).st_mtime_ns
    # File systems count time in ticks and use inodes again: two quick writes could look like one version. But the
    # clock of a file server rules where it differs from ours, for it orders the files of all hosts.
    now = time.time_ns()
    if abs(now - written) < _TICK_NANOSECONDS:
        with contextlib.suppress(OSError):  # a mount may have no times but its own
            os.utime(file, ns=(now, now))


def version_of(found: os.stat_result) -> Version:
    """Return the version of a local file."""
    return Version(f'{found.st_mtime_ns:x}-{found.st_ino:x}-{found.st_size:x}')


@dataclass(frozen=True, slots=True)
class LocalPublication:
    """Publishes one private file at `target`, a path in the same directory.

    Args:
        path: the path as the user gave it, for messages.
        target: the same, absolute.
        condition: what must be true of the file at `target`.
        mode: permission bits of the file that is replaced; None if there is none.
        is_durable: whether file and directory are flushed to the disk.
    """

    path: str
    target: str
    condition: WriteCondition
    mode: int | None
    is_durable: bool

    def __call__(self, file: ScratchFile) -> Version | None:
        """Publish `file`, and return the version that it has if it was written under a condition.

        Raises:
            PreconditionError: the condition does not hold.
            StorageError: the file system cannot tell whether it holds, or `file` is gone.
        """
        directory = os.path.dirname(self.target)
        mode = _mode_of_new_files(directory) if self.mode is None else self.mode
        try:
            make_time_tell(file.path)
        except FileNotFoundError as error:
            raise StorageError(
                f'{self.path!r} was not written: somebody removed {file.path!r}, which held what was written so far.'
            ) from error
        with contextlib.suppress(OSError):  # a mount may have no modes but its own
            os.chmod(file.path, mode)
        if self.is_durable:
            _flush_to_disk(file.path, os.O_RDWR)
        # Whoever writes without condition does not go by versions, and needs no further look at the disk.
        version = None if self.condition is Condition.ANY else version_of(os.stat(file.path))
        self._put_in_place(file)
        if self.is_durable and sys.platform != 'win32':  # directories cannot be opened there
            _flush_to_disk(directory, os.O_RDONLY)
        return version

    def _put_in_place(self, file: ScratchFile) -> None:
        if self.condition is Condition.ANY:
            file.rename_to(self.target)
        elif self.condition is Condition.ABSENT:
            self._create(file)
        else:
            self._swap(file)

    def _create(self, file: ScratchFile) -> None:
        try:
            file.publish_new(self.target)
        except FileExistsError as error:
            raise already_there(self.path) from error
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            raise StorageError(
                f'{self.path!r} was to be written only if it did not exist, which takes a hard link, and its file '
                f'system makes none: {error.strerror}.'
            ) from error

    def _swap(self, file: ScratchFile) -> None:
        with contextlib.ExitStack() as stack:
            version = None
            with contextlib.suppress(FileNotFoundError):
                stack.enter_context(exclusive(self.target))
                version = version_of(os.stat(self.target))
            require(self.condition, version, self.path)
            file.rename_to(self.target)


def _mode_of_new_files(directory: str) -> int:
    """Return 0666 & ~umask, found out once by a look at a new file: asking for the umask changes it for a moment."""
    global _new_file_mode
    if _new_file_mode is None:
        probe = os.path.join(directory, f'{PREFIX}{uuid.uuid4().hex}{SUFFIX}')
        descriptor = os.open(probe, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666)
        try:
            _new_file_mode = os.fstat(descriptor).st_mode & 0o666
        finally:
            os.close(descriptor)
            with contextlib.suppress(FileNotFoundError):  # the sweep of another process may have been here
                os.unlink(probe)
    return _new_file_mode


def _flush_to_disk(path: str, access: int) -> None:
    descriptor = os.open(path, access)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
