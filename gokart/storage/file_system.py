"""All storages as one file system of Luigi's, with the methods of its clients for S3 and Google Cloud Storage."""

from __future__ import annotations

import builtins
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from luigi.target import FileAlreadyExists, FileSystem, MissingParentDirectory, NotADirectory

from gokart._calls import side_by_side
from gokart.errors import InvalidDeleteError, PreconditionError, StorageError
from gokart.storage.common_errors import missing
from gokart.storage.contract import Condition
from gokart.storage.directories import (
    entries_below,
    is_directory,
    is_marker,
    is_object,
    is_top,
    make_directory,
    marker_of,
    parent_of,
)
from gokart.storage.object_client import MAX_THREADS, ObjectClient
from gokart.storage.object_summary import summary_of
from gokart.storage.transfer import copy_object, remove_objects


class StorageFileSystem(ObjectClient, FileSystem):
    """All storages as one file system, with the methods and arguments of Luigi's ``S3Client`` and ``GCSClient``.

    Paths are whole URLs. A storage has no directories: a path is one as long as there are objects below it, or once
    `mkdir` has marked it.
    """

    def exists(self, path: str) -> bool:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Whether there is an object or a directory at `path`."""
        self._require_own(path)
        return is_object(path) or is_directory(path)

    def isdir(self, path: str) -> bool:
        """Whether there is a directory at `path`."""
        self._require_own(path)
        return is_directory(path)

    def is_dir(self, path: str) -> bool:
        """Whether there is a directory at `path`."""
        self._require_own(path)
        return is_directory(path)

    def mkdir(self, path: str, parents: bool = True, raise_if_exists: bool = False) -> None:
        """Make a directory, which no object needs to have.

        Raises:
            luigi.target.FileAlreadyExists: `raise_if_exists`, and there is an object or a directory.
            luigi.target.NotADirectory: there is an object.
            luigi.target.MissingParentDirectory: not `parents`, and it would be in no directory.
        """
        self._require_own(path)
        exists = is_directory(path)
        if not exists and is_object(path):
            raise (FileAlreadyExists if raise_if_exists else NotADirectory)(f'There is an object at {path!r}.')
        if exists and raise_if_exists:
            raise FileAlreadyExists(f'The directory {path!r} exists.')
        if not parents and not exists and not is_directory(parent_of(path)):
            raise MissingParentDirectory(f'The directory {path!r} would be in none: make {parent_of(path)!r} first.')
        if not exists:
            make_directory(path)

    def listdir(
        self,
        path: str,
        start_time: datetime | None = None,
        end_time: datetime | None = None,
        return_key: bool = False,
    ) -> Iterator[Any]:
        """Yield the URLs of the objects below `path`, at any depth; with `return_key` an `ObjectSummary` of each.

        Args:
            path: a directory.
            start_time: aware; only what was written after it.
            end_time: aware; only what was written before it.
            return_key: yield summaries.
        """
        self._require_own(path)
        for entry in entries_below(path, start_time, end_time):
            if is_marker(entry.path):
                continue
            yield summary_of(entry) if return_key else entry.path

    def list(
        self,
        path: str,
        start_time: datetime | None = None,
        end_time: datetime | None = None,
        return_key: bool = False,
    ) -> Iterator[Any]:
        """Yield the same as `listdir`, with paths that are relative to `path`."""
        start = len(path.rstrip('/')) + 1
        for item in self.listdir(path, start_time, end_time, return_key):
            yield item if return_key else item[start:]

    def copy(  # pyright: ignore[reportIncompatibleMethodOverride]
        self,
        source_path: str,
        destination_path: str,
        threads: int = MAX_THREADS,
        start_time: datetime | None = None,
        end_time: datetime | None = None,
        part_size: int | None = None,
    ) -> tuple[int, int]:
        """Copy an object, or all objects below a directory, `threads` side by side; labels go along.

        Returns:
            How many objects were copied, and how many bytes.

        Raises:
            FileNotFoundError: there is neither.
        """
        self._require_own(source_path, destination_path)
        if is_object(source_path):
            return 1, copy_object(source_path, destination_path)
        pairs = _pairs(source_path, destination_path, start_time, end_time)
        sizes_bytes = side_by_side(lambda pair: copy_object(*pair), pairs, min(threads, MAX_THREADS))
        return len(sizes_bytes), sum(sizes_bytes)

    def move(self, source_path: str, destination_path: str) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Copy an object, or all objects below a directory, and then remove what was copied.

        Raises:
            FileNotFoundError: there is neither.
        """
        self._require_own(source_path, destination_path)
        if source_path.rstrip('/') == destination_path.rstrip('/'):
            return
        if is_object(source_path):
            copy_object(source_path, destination_path)
            remove_objects([source_path])
            return
        pairs = _pairs(source_path, destination_path)
        side_by_side(lambda pair: copy_object(*pair), pairs, MAX_THREADS)
        if not pairs:
            make_directory(destination_path)
        remove_objects([*(source for source, _ in pairs), marker_of(source_path)])

    def rename(self, *args: Any, **kwargs: Any) -> None:
        """Do what `move` does."""
        self.move(*args, **kwargs)

    def rename_dont_move(self, path: str, dest: str) -> None:
        """Move an object or a directory to where nothing is yet; of several who do so, one wins an object's path.

        Raises:
            luigi.target.FileAlreadyExists: there is something.
            FileNotFoundError: there is nothing at `path`.
        """
        self._require_own(path, dest)
        taken = FileAlreadyExists(f'{path!r} cannot be renamed to {dest!r}, which exists: remove that first.')
        if self.exists(dest):
            raise taken
        if not is_object(path):
            self.move(path, dest)
            return
        try:
            copy_object(path, dest, Condition.ABSENT)
        except PreconditionError as error:
            raise taken from error
        remove_objects([path])

    def remove(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, path: str, recursive: bool = True, skip_trash: bool = True
    ) -> bool:
        """Remove an object, or else all objects below a directory; there is no trash.

        Returns:
            Whether there was anything to remove.

        Raises:
            InvalidDeleteError: `path` is a whole bucket, or a directory and not `recursive`.
        """
        self._require_own(path)
        if is_top(path):
            raise InvalidDeleteError(f'{path!r} is a whole bucket, which is not removed: name a directory in it.')
        if is_object(path):
            remove_objects([path])
            return True
        below = [entry.path for entry in entries_below(path)]
        if not below and not is_directory(path):
            return False
        if not recursive:
            raise InvalidDeleteError(f'{path!r} is a directory: remove it with recursive=True.')
        remove_objects([*below, marker_of(path)])
        return True


def _pairs(
    source: str, destination: str, start_time: datetime | None = None, end_time: datetime | None = None
) -> builtins.list[tuple[str, str]]:
    """List the paths below the directory `source`, each with the one that it is copied to."""
    source, destination = source.rstrip('/'), destination.rstrip('/')
    if f'{destination}/'.startswith(f'{source}/'):
        raise StorageError(f'{source!r} cannot be copied or moved to {destination!r}, which is in it.')
    pairs = [
        (entry.path, destination + entry.path[len(source) :]) for entry in entries_below(source, start_time, end_time)
    ]
    if not pairs and not is_directory(source):
        raise missing(source)
    return pairs
