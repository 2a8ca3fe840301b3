"""Small files of the local disk, written as a whole: one private file, one write, one rename."""

# ruff: noqa: PTH101, PTH105, PTH108 (pathlib would take longer than the disk)

from __future__ import annotations

import contextlib
import os
import secrets
import sys

from gokart.storage.flock import try_lock
from gokart.storage.local_publish import make_time_tell
from gokart.storage.naming import PREFIX, SUFFIX
from gokart.storage.scratch import make_directory
from gokart.storage.sweep import sweep_once

_FLAGS = os.O_CREAT | os.O_EXCL | os.O_RDWR | getattr(os, 'O_CLOEXEC', 0) | getattr(os, 'O_BINARY', 0)


def write_file(directory: str, name: str, content: bytes, mode: int | None) -> bool:
    """Let a file `name` with `content` appear in `directory`, an absolute path, which is made as needed.

    The private file beside it is locked for the moments that it lives, as all scratch is, and nobody else's code runs
    meanwhile: neither a fork nor an exit of this process has to know of it.

    Args:
        directory: where.
        name: of the file.
        content: all of it.
        mode: permission bits of the file that is replaced; None if there is none.

    Returns:
        False if the sweep of another process took the private file for abandoned in between its creation and its lock.
    """
    sweep_once(directory)
    private = f'{directory}/{PREFIX}{secrets.token_hex(8)}{SUFFIX}'
    descriptor = _open(directory, private)
    try:
        try_lock(descriptor)
        _write(descriptor, content)
        make_time_tell(private)
        if mode is not None:
            with contextlib.suppress(OSError):  # a mount may have no modes but its own
                os.chmod(private, mode)
        if sys.platform == 'win32':  # what is open cannot be renamed there
            descriptor = _close(descriptor)
        os.replace(private, f'{directory}/{name}')
    except FileNotFoundError:
        return False
    except BaseException:
        with contextlib.suppress(OSError):
            if sys.platform == 'win32':
                descriptor = _close(descriptor)
            os.unlink(private)
        raise
    finally:
        _close(descriptor)
    return True


def _open(directory: str, private: str) -> int:
    try:
        return os.open(private, _FLAGS, 0o666)  # the umask does the rest
    except FileNotFoundError:
        make_directory(directory)
    return os.open(private, _FLAGS, 0o666)


def _write(descriptor: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _close(descriptor: int) -> int:
    if descriptor >= 0:
        os.close(descriptor)
    return -1
