"""What the processors need of a file, made from the files that targets and users hand over."""

from __future__ import annotations

import codecs
import io
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol, TypeGuard

import luigi.format

from gokart.errors import LossyFormatWarning, UnencodableTextError, UnsupportedObjectError


class _Lines(luigi.format.TextWrapper):
    """Text whose newlines are those of its bytes."""


class _LinesFormat(luigi.format.TextFormat):
    wrapper_cls = _Lines


def utf8_lines(encoding: str = 'utf-8') -> luigi.format.TextFormat:
    """Return the format of a text file whose newlines are neither translated nor guessed, on any platform."""
    return _LinesFormat(encoding=encoding, newline='\n')


def wrong_type(kind: str, expected: str, obj: object) -> UnsupportedObjectError:
    """Return the error that a file of this `kind` holds `expected` and not `obj`."""
    found = type(obj)
    return UnsupportedObjectError(f'A {kind} file holds {expected}, got {found.__module__}.{found.__qualname__}.')


def warn_of_loss(message: str) -> None:
    """Warn that a file keeps less than the object that is dumped."""
    warnings.warn(message, LossyFormatWarning, stacklevel=2)


def is_text(file: Any) -> bool:
    """Whether `file` takes and gives str."""
    return isinstance(file, io.TextIOBase) or hasattr(file, 'encoding')


class RemoteFile(Protocol):
    """An open object behind a network, of which is fetched what is read; small ones are fetched whole and are none."""

    def read(self) -> bytes:
        """Read all that is left."""
        ...

    def duplicate(self) -> Any:
        """Return an independent file of the same version of the object, at its start."""
        ...


def is_remote(file: Any) -> TypeGuard[RemoteFile]:
    """Whether `file` is fetched while it is read."""
    return hasattr(file, 'duplicate')


def seekable(file: Any) -> Any:
    """Return `file`, or its content in memory if it says that it cannot seek."""
    return file if file.seekable() else io.BytesIO(file.read())


@contextmanager
def as_text(file: Any, encoding: str) -> Iterator[Any]:
    """Give `file` as text: itself, or a wrapper around a binary one, which stays open.

    Raises:
        UnencodableTextError: a text that is written has a character that the encoding has not.
    """
    text = file if is_text(file) else io.TextIOWrapper(file, encoding=encoding, newline='\n')
    try:
        yield text
    except UnicodeEncodeError as error:
        raise UnencodableTextError(
            f'A text has a character that its encoding has not: {error}. Replace it, or choose a pickle file.', error
        ) from error
    finally:
        if text is not file:
            text.detach()


def utf8_bytes(file: Any, encoding: str) -> Any | None:
    """Return `file` as a file of bytes that are the text in UTF-8; None if it holds or gives anything else."""
    if codecs.lookup(encoding).name != 'utf-8':
        return None
    if not is_text(file):
        return file
    is_whole = isinstance(file, _Lines) and file.encoding == encoding and file.seekable() and file.tell() == 0
    return file.buffer if is_whole else None


def local_path(file: Any) -> str | None:
    """Return the absolute path of the local file that `file` reads, or None if it reads something else."""
    try:
        path = os.path.abspath(os.fsdecode(file.name))  # noqa: PTH100 (resolve() would follow links)
        return path if os.path.samestat(os.fstat(file.fileno()), os.stat(path)) else None  # noqa: PTH116
    except (AttributeError, TypeError, ValueError, OSError):
        return None


@contextmanager
def byte_writer(file: Any) -> Iterator[ByteWriter]:
    """Give a `ByteWriter` to a native writer; what the file raises is raised, also if such a writer keeps silent."""
    writer = ByteWriter(file)
    try:
        yield writer
    finally:
        if writer.failure is not None:
            raise writer.failure from None


class ByteWriter:
    """A binary face of `file` that tells how much it wrote; a text file gets the bytes decoded from UTF-8.

    Native writers insist on the count, which some files (`luigi.mock`) do not return.

    Attributes:
        failure: what the file raised.
    """

    def __init__(self, file: Any) -> None:
        self.failure: BaseException | None = None
        self._file = file
        self._decoder = codecs.getincrementaldecoder('utf-8')() if is_text(file) else None

    def write(self, data: Any) -> int:
        """Write all of `data` and return its size in bytes."""
        try:
            self._file.write(self._decoder.decode(data) if self._decoder else data)
        except BaseException as error:
            self.failure = error
            raise
        return len(data)

    def flush(self) -> None:
        """Flush the file."""
        try:
            self._file.flush()
        except BaseException as error:
            self.failure = error
            raise
