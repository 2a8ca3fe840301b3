"""One stored file as a target of Luigi's, in whatever storage it is."""

from __future__ import annotations

import errno
from typing import Any

import luigi
from luigi.format import UTF8, Format
from luigi.local_target import LocalTarget
from luigi.target import FileSystem, FileSystemTarget

from gokart.storage.contract import ObjectStat
from gokart.storage.local_file import LocalFile, piped
from gokart.storage.registry import scheme_of, storage_for


class StorageFileSystem(FileSystem):
    """All storages as one file system of Luigi's."""

    def exists(self, path: str) -> bool:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Whether there is a complete object at `path`."""
        return storage_for(path).exists(path)

    def remove(self, path: str, recursive: bool = False, skip_trash: bool = True) -> None:
        """Remove the one object at `path`: a storage has no directories and no trash."""
        storage_for(path).remove(path)


class StoredFile(FileSystemTarget):
    """The object at a path or URL, in the storage of its scheme; without a format it is UTF-8 text."""

    def __init__(self, path: str, file_format: Format | None = None) -> None:
        super().__init__(path)
        self.format = UTF8 if file_format is None else file_format

    @property
    def fs(self) -> StorageFileSystem:
        """The file system of all storages."""
        return StorageFileSystem()

    def open(self, mode: str = 'r') -> Any:
        """Open the object: ``'r'`` gives a seekable file, ``'w'`` one that replaces the object when it is closed."""
        kind = mode.replace('b', '').replace('t', '')
        if kind == 'r':
            file = storage_for(self.path).open_read(self.path)
            return piped(self.format.pipe_reader, file, file.close)
        if kind == 'w':
            stream = storage_for(self.path).open_write(self.path)
            return piped(self.format.pipe_writer, stream, stream.discard)
        raise ValueError(f"{self.path} can be opened with mode 'r' or 'w', not {mode!r}.")

    def exists(self) -> bool:
        """Whether there is a complete object."""
        return self.fs.exists(self.path)


def file_target(path: str, file_format: Format | None = None) -> FileSystemTarget:
    """Return the target of the file at `path`, a plain path or a URL; without a format it is UTF-8 text.

    Raises:
        UnknownStorageError: no storage is known for the scheme of the URL.
    """
    if scheme_of(path) != 'file':
        storage_for(path)
        return StoredFile(path, file_format)
    # Test suites put luigi.mock.MockTarget in the place of luigi.LocalTarget, so it is looked up each time.
    if luigi.LocalTarget is LocalTarget:
        return LocalFile(path, format=file_format)
    substitute: FileSystemTarget = luigi.LocalTarget(path, format=file_format)
    return substitute


def has_stat(target: FileSystemTarget) -> bool:
    """Whether a storage knows the file of `target`; it does not know those of `luigi.mock.MockTarget`, for example."""
    return scheme_of(target.path) != 'file' or isinstance(target, LocalTarget)


def stat_of(target: FileSystemTarget) -> ObjectStat:
    """Tell size, time and version of the file of `target`.

    Raises:
        FileNotFoundError: there is no file, or no storage knows it.
    """
    if not has_stat(target):
        message = f'{type(target).__name__} cannot tell when it was written: give it a last_modification_time()'
        raise FileNotFoundError(errno.ENOENT, message, target.path)
    return storage_for(target.path).stat(target.path)
