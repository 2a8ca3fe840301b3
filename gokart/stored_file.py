"""One stored file as a target of Luigi's, in whatever storage it is."""

from __future__ import annotations

import contextlib
import errno
import logging
import secrets
from collections.abc import Iterator, Mapping
from typing import Any

import luigi
from luigi.format import UTF8, Format
from luigi.local_target import LocalTarget
from luigi.target import FileSystemTarget

from gokart.errors import StorageError
from gokart.overlay import current_overlay
from gokart.storage.changes import removing
from gokart.storage.contract import ObjectStat
from gokart.storage.file_system import StorageFileSystem
from gokart.storage.labels import max_label_bytes, open_labelled
from gokart.storage.local import LocalStorage
from gokart.storage.local_file import LocalFile, piped
from gokart.storage.local_small import SmallFiles
from gokart.storage.read_ahead import opened_ahead
from gokart.storage.registry import scheme_of, storage_for
from gokart.storage.snapshot import told

logger = logging.getLogger(__name__)


class StoredFile(FileSystemTarget):
    """The object at a path or URL, in the storage of its scheme; without a format it is UTF-8 text."""

    def __init__(self, path: str, file_format: Format | None = None) -> None:
        super().__init__(path)
        self.format = UTF8 if file_format is None else file_format

    @property
    def fs(self) -> StorageFileSystem:
        """The file system of all storages."""
        return StorageFileSystem()

    def open(self, mode: str = 'r', labels: Mapping[str, str] | None = None) -> Any:
        """Open the object: ``'r'`` gives a seekable file, ``'w'`` one that replaces the object when it is closed.

        Args:
            mode: ``'r'`` or ``'w'``; a ``b`` or ``t`` makes no difference.
            labels: of an object that is written, where its storage keeps labels.
        """
        kind = mode.replace('b', '').replace('t', '')
        if kind == 'r':
            file = opened_ahead(self.path) or storage_for(self.path).open_read(self.path)
            return piped(self.format.pipe_reader, file, file.close)
        if kind == 'w':
            stream = open_labelled(self.path, labels)
            return piped(self.format.pipe_writer, stream, stream.discard)
        raise ValueError(f"{self.path} can be opened with mode 'r' or 'w', not {mode!r}.")

    def exists(self) -> bool:
        """Whether there is a complete object."""
        known = told(self.path)
        return storage_for(self.path).exists(self.path) if known is None else known

    def remove(self) -> None:
        """Remove the object.

        Raises:
            FileNotFoundError: there is none.
        """
        with removing(self.path):
            storage_for(self.path).remove(self.path)

    @contextlib.contextmanager
    def temporary_path(self) -> Iterator[str]:
        """Yield a path beside the object, private to this call; a normal end of the block moves what is there in place.

        Raises:
            luigi.target.FileAlreadyExists: there is an object already.
            FileNotFoundError: nothing was written to the temporary path.
        """
        plain = self.path.rstrip('/')
        # Luigi's form of the name, but not from `random`, which is seeded for each task.
        temporary = f'{plain}-luigi-tmp-{secrets.randbelow(10**10):010}{self.path[len(plain) :]}'
        try:
            yield temporary
            self.fs.rename_dont_move(temporary, self.path)
        except BaseException:
            self._forget(temporary)
            raise

    def move(self, new_path: str) -> None:
        """Move the object."""
        self.fs.move(self.path, new_path)

    def copy(self, new_path: str) -> None:
        """Copy the object with its labels."""
        self.fs.copy(self.path, new_path)

    def makedirs(self) -> None:
        """Do nothing: an object needs no directory to be in."""

    def _forget(self, path: str) -> None:
        try:
            self.fs.remove(path)
        except (StorageError, ImportError) as error:
            logger.warning('could not remove %s: %s', path, error)


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


def small_files(directory: str) -> SmallFiles | None:
    """Return what writes small files below `directory` without targets; None where it takes targets to write them.

    Raises:
        StorageError: `directory` cannot be the path of a directory.
        ConfigError: the setting ``fsync`` does not parse.
    """
    if scheme_of(directory) != 'file' or luigi.LocalTarget is not LocalTarget or current_overlay() is not None:
        return None
    return LocalStorage().small_files(directory)


def label_limit_bytes(target: FileSystemTarget) -> int:
    """Return how much the labels of the file of `target` may take; 0 if none are kept."""
    return max_label_bytes(target.path) if isinstance(target, StoredFile) else 0


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
