"""A Luigi target for one local file that is written by `LocalStorage`."""

from __future__ import annotations

import contextlib
import os
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import luigi
from luigi.format import UTF8

from gokart.storage.local import LocalStorage
from gokart.storage.local_path import local_path
from gokart.storage.scratch import scratch_directory

_storage = LocalStorage()


class LocalFile(luigi.LocalTarget):
    """A `luigi.LocalTarget` that is complete or absent, whatever happens while it is written.

    Args:
        path: of the file; required unless `is_tmp`.
        format: a Luigi format; None is UTF-8 text, whatever the locale.
        is_tmp: remove the file when the target is dropped.
    """

    def __init__(self, path: str | os.PathLike[str] | None = None, format: Any = None, is_tmp: bool = False) -> None:  # noqa: A002 (the name of the contract)
        if path:
            path = local_path(os.fspath(path))
        elif is_tmp:  # Luigi would ask the random numbers of the user
            path = str(Path(tempfile.gettempdir(), f'gokart-{uuid.uuid4().hex}'))
        super().__init__(path, UTF8 if format is None else format, is_tmp)

    def exists(self) -> bool:
        """Whether there is a file or directory at the path."""
        return bool(self.fs.exists(self.path))  # without Luigi's warning of wildcards, which are none here

    def open(self, mode: str = 'r') -> Any:
        """Open for reading ('r') or writing ('w') in the format of the target; a ``b`` or ``t`` makes no difference.

        Raises:
            FileNotFoundError: there is no file to read.
            ValueError: the mode is another.
        """
        kind = mode.replace('b', '').replace('t', '')
        if kind == 'r':
            file = _storage.open_read(self.path)
            return piped(self.format.pipe_reader, file, file.close)
        if kind == 'w':
            stream = _storage.open_write(self.path)
            return piped(self.format.pipe_writer, stream, stream.discard)
        raise ValueError(f"{self.path!r} cannot be opened in mode {mode!r}: it must be 'r' or 'w'.")

    def write(self, content: bytes) -> None:
        """Put `content`, as it is, in place of what is there."""
        _storage.write(self.path, content)

    @contextlib.contextmanager
    def temporary_path(self) -> Iterator[str]:
        """Yield a path to write to, private to this call; a normal end of the block moves it to the target's path."""
        plain = Path(self.path)
        with scratch_directory(plain.parent) as scratch:
            temporary = str(Path(scratch, plain.name))
            yield temporary + self.path[len(self.path.rstrip('/\\')) :]  # luigi tells directories by a slash
            self.fs.rename_dont_move(temporary, self.path)


def piped(pipe: Callable[[Any], Any], file: Any, abandon: Callable[[], None]) -> Any:
    """Return `file` behind the pipe of a format; if the format cannot start, abandon the file."""
    try:
        return pipe(file)
    except BaseException:  # a format may need a program that there is not
        abandon()
        raise
