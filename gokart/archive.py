"""Zip archives of a directory: written as a stream, and unpacked without believing what they say of themselves."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from gokart.errors import BrokenFileError, StorageError, UnsupportedObjectError

MAX_ENTRIES = 1_000_000
"""Files and directories that one archive may hold."""

_CHUNK_BYTES = 1 << 20
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# What `zipfile` raises for bytes that are no archive, besides an OSError for a position that no file has.
_DAMAGE = (zipfile.BadZipFile, EOFError, LookupError, ValueError, RuntimeError, struct.error, zlib.error)


def pack(directory: str | os.PathLike[str], file: IO[bytes], *, max_entries: int = MAX_ENTRIES) -> None:
    """Write everything below `directory` to `file` as a zip archive; the same content gives the same bytes.

    Symbolic links are followed, empty directories kept. `file` need not be seekable.

    Raises:
        UnsupportedObjectError: there is something that no archive can hold, or more than `max_entries`.
    """
    with zipfile.ZipFile(_Sink(file), 'w', zipfile.ZIP_DEFLATED) as archive:
        for number, (path, name) in enumerate(_walk(Path(directory))):
            if number >= max_entries:
                raise UnsupportedObjectError(
                    f'{directory} holds more than {max_entries} files and directories: more than an archive may hold.'
                )
            _add(archive, path, name)


def unpack(file: IO[bytes], directory: str | os.PathLike[str], *, max_entries: int = MAX_ENTRIES) -> None:
    """Unpack the zip archive in the seekable `file` into `directory`, which is empty; never outside of it.

    Raises:
        BrokenFileError: the archive is damaged, or one that `pack` would never write: with links, with names that are
            absolute, leave the directory or occur twice, or with more than `max_entries` entries.
        StorageError: the disk has not enough space for what the archive declares.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            members = _members(archive.infolist(), max_entries)
            _require_space(sum(member.file_size for member in members.values()), directory)
            for parts, member in members.items():
                _extract(archive, member, Path(directory, *parts))
    except BrokenFileError:
        raise
    except _DAMAGE as error:
        if isinstance(error.__context__, StorageError):  # which `zipfile` takes for damage
            raise error.__context__ from None
        raise _broken(error) from error
    except OSError as error:
        if error.errno == errno.EINVAL:
            raise _broken(error) from error
        raise


def _broken(error: Exception) -> BrokenFileError:
    return BrokenFileError(f'It is no intact zip archive: {error!r}')


class _Sink:
    """A file to write to, of which a failure stays the only one: `zipfile` goes on to write when it closes."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._failure: Exception | None = None

    def write(self, data: bytes) -> int:
        if self._failure is not None:
            raise self._failure
        try:
            self._file.write(data)
        except Exception as error:
            self._failure = error
            raise
        return len(data)

    def flush(self) -> None:
        """Leave it to the owner of the file."""

    def close(self) -> None:
        """Leave it to the owner of the file."""


def _walk(top: Path) -> Iterator[tuple[Path, str]]:
    """Yield path and archive name of what is below `top`, ordered; names of directories end in a slash."""
    pending: list[tuple[Path, str, tuple[Path, ...]]] = [(top, '', ())]
    while pending:
        directory, prefix, above = pending.pop()
        real = directory.resolve()
        if real in above:
            raise UnsupportedObjectError(f'{directory} is a link to a directory that it is in, which has no end.')
        children = []
        for path in sorted(directory.iterdir()):
            if path.is_dir():
                children.append((path, f'{prefix}{path.name}/', (*above, real)))
            else:
                yield path, prefix + path.name
        yield from ((path, name) for path, name, _ in children)
        pending += reversed(children)


def _add(archive: zipfile.ZipFile, path: Path, name: str) -> None:
    try:
        name.encode()
    except UnicodeEncodeError as error:
        raise UnsupportedObjectError(f'{str(path)!r} has a name that is no Unicode text: rename it.') from error
    # ZipInfo's own time, 1980, stays: real ones would make archives of equal content differ.
    member = zipfile.ZipInfo(name)
    if name.endswith('/'):
        member.external_attr = (stat.S_IFDIR | 0o755) << 16 | 0x10
        archive.writestr(member, b'')
        return
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise UnsupportedObjectError(f'{path} is no regular file: an archive holds files and directories only.')
    member.external_attr = (stat.S_IFREG | 0o644) << 16
    member.compress_type = zipfile.ZIP_DEFLATED
    member.file_size = status.st_size  # decides on zip64
    with path.open('rb') as source, archive.open(member, 'w') as sink:
        shutil.copyfileobj(source, sink, _CHUNK_BYTES)


def _members(entries: list[zipfile.ZipInfo], max_entries: int) -> dict[tuple[str, ...], zipfile.ZipInfo]:
    """Map the parts of each entry's path to the entry."""
    if len(entries) > max_entries:
        raise BrokenFileError(f'It holds {len(entries)} entries; at most {max_entries} are unpacked.')
    members: dict[tuple[str, ...], zipfile.ZipInfo] = {}
    for entry in entries:
        parts = _safe_parts(entry)
        if parts in members:
            raise BrokenFileError(f'Its entry {entry.filename!r} occurs twice.')
        members[parts] = entry
    members.pop((), None)  # the directory itself, which some tools list
    return members


def _safe_parts(entry: zipfile.ZipInfo) -> tuple[str, ...]:
    name = entry.filename
    path = PurePosixPath(name)
    if path.is_absolute() or '..' in path.parts or (os.name == 'nt' and ':' in name):
        raise BrokenFileError(f'Its entry {name!r} leads out of the directory to unpack into.')
    if not path.parts and not entry.is_dir():
        raise BrokenFileError('It has an entry without a name.')
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise BrokenFileError(f'Its entry {name!r} is a link or a device; only files and directories are unpacked.')
    if entry.compress_type not in _METHODS:
        raise BrokenFileError(f'Its entry {name!r} is neither stored nor deflated (method {entry.compress_type}).')
    return path.parts


def _require_space(needed_bytes: int, directory: str | os.PathLike[str]) -> None:
    free_bytes = shutil.disk_usage(directory).free
    if needed_bytes > free_bytes:
        raise StorageError(
            errno.ENOSPC,
            f'Unpacking an archive needs {needed_bytes} bytes, but {free_bytes} are free: make room',
            str(directory),
        )


def _extract(archive: zipfile.ZipFile, member: zipfile.ZipInfo, destination: Path) -> None:
    try:
        if member.is_dir():
            destination.mkdir(parents=True, exist_ok=True)
            return
        destination.parent.mkdir(parents=True, exist_ok=True)
        sink = destination.open('xb')
    except (FileExistsError, NotADirectoryError) as error:
        raise BrokenFileError(f'Its entry {member.filename!r} is both a file and something else.') from error
    with sink, archive.open(member) as source:
        # The source ends at the declared size at the latest, whatever the compressed bytes hold.
        shutil.copyfileobj(source, sink, _CHUNK_BYTES)
        if sink.tell() != member.file_size:
            raise BrokenFileError(f'Its entry {member.filename!r} ends before its declared size.')
