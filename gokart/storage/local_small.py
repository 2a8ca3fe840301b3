"""Small files of the local disk, written as a whole: one private file, one write, one rename."""

# ruff: noqa: PTH101, PTH105, PTH108 (pathlib would take longer than the disk)

from __future__ import annotations

import contextlib
import itertools
import os
import secrets

from gokart.storage.local_publish import make_time_tell
from gokart.storage.naming import PREFIX, SUFFIX
from gokart.storage.scratch import make_directory
from gokart.storage.sweep import sweep_once

_FLAGS = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, 'O_CLOEXEC', 0) | getattr(os, 'O_BINARY', 0)

_tokens: dict[int, str] = {}
"""What the private files of a process, by its id, have in their names: a forked child has another one."""
_numbers = itertools.count()


class SmallFiles:
    """The files below one directory, for those who write several at a time and do not ask what they replace.

    Args:
        directory: an absolute path.
    """

    def __init__(self, directory: str) -> None:
        self._directory = directory

    def write(self, relative_directory: str, name: str, content: bytes) -> bool:
        """Write a file as `write_file` does, with the mode of a new one."""
        return write_file(f'{self._directory}/{relative_directory}', name, content, None)


def write_file(directory: str, name: str, content: bytes, mode: int | None) -> bool:
    """Let a file `name` with `content` appear in `directory`, an absolute path, which is made as needed.

    The private file beside it lives for moments in which nobody else's code runs, so neither a fork nor an exit of this
    process has to know of it, and no lock protects it from sweeps of other processes, which happen once a directory.

    Args:
        directory: where.
        name: of the file.
        content: all of it.
        mode: permission bits of the file that is replaced; None if there is none.

    Returns:
        False if the sweep of another process took the private file for abandoned.
    """
    sweep_once(directory)
    private = _private_path(directory)
    descriptor = _open(directory, private)
    try:
        try:
            _write(descriptor, content)
            make_time_tell(private, descriptor)
        finally:
            os.close(descriptor)  # reports what a network file system could not store
        if mode is not None:
            with contextlib.suppress(OSError):  # a mount may have no modes but its own
                os.chmod(private, mode)
        os.replace(private, f'{directory}/{name}')
    except FileNotFoundError:
        return False
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(private)
        raise
    return True


def _private_path(directory: str) -> str:
    process_id = os.getpid()
    token = _tokens.get(process_id)
    if token is None:
        token = _tokens.setdefault(process_id, secrets.token_hex(8))
    return f'{directory}/{PREFIX}{token}-{next(_numbers):x}{SUFFIX}'


def _open(directory: str, private: str) -> int:
    try:
        return os.open(private, _FLAGS, 0o666)  # the umask does the rest
    except FileNotFoundError:
        make_directory(directory)
    return os.open(private, _FLAGS, 0o666)


def _write(descriptor: int, content: bytes) -> None:
    written = os.write(descriptor, content)
    while written < len(content):
        written += os.write(descriptor, memoryview(content)[written:])
