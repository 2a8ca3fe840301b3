"""The local disk as a storage: files that are replaced as a whole."""

# ruff: noqa: PTH108, PTH116, PTH118 (pathlib would take longer than the disk)

from __future__ import annotations

import configparser
import io
import os
import stat
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import BinaryIO

from luigi.configuration import get_config

from gokart.errors import ConfigError, StorageError
from gokart.storage.common_errors import missing
from gokart.storage.condition import require
from gokart.storage.contract import Condition, ObjectEntry, ObjectStat, Version, WriteCondition
from gokart.storage.flock import exclusive
from gokart.storage.local_path import absolute_directory, local_path
from gokart.storage.local_publish import LocalPublication, version_of
from gokart.storage.local_small import SmallFiles, write_file
from gokart.storage.local_walk import walk_files
from gokart.storage.scratch import scratch_file
from gokart.storage.stream import PublishingStream


class LocalStorage:
    """Files of the local disk; a path is plain or a ``file:///`` URL.

    A write fills a private file beside its target and renames it. Conditional writes are atomic among each other; one
    without condition may come in between. The file gets the mode of the one that it
    replaces, or what the umask leaves of 0666. ``fsync = true`` in the section ``[LocalStorageConfig]`` of the config
    makes each write survive a loss of power; the default is false.
    """

    def open_read(self, path: str) -> BinaryIO:
        """Open the object for reading: a seekable binary file of the bytes as they were at opening.

        Raises:
            FileNotFoundError: there is no object.
            StorageError: there is a directory.
        """
        plain = local_path(path)
        try:
            return io.BufferedReader(io.FileIO(plain))
        except OSError:
            _existing(path)
            raise

    def open_write(self, path: str, condition: WriteCondition = Condition.ANY) -> PublishingStream:
        """Start to write the object; parents are made as needed.

        Raises:
            PreconditionError: `condition` does not hold.
            StorageError: `path` cannot be the path of a file.
            ConfigError: the setting ``fsync`` does not parse.
        """
        directory, name = _split(path)
        found = _find(path)
        require(condition, None if found is None else version_of(found), path)
        publish = LocalPublication(path, os.path.join(directory, name), condition, _mode_of(found), _is_durable())
        try:
            file = scratch_file(directory)
        except OSError as error:
            error.filename = path
            raise
        return PublishingStream(file, path, publish)

    def write(self, path: str, content: bytes) -> None:
        """Write the whole object, which is in memory: the quicker way if it is small.

        Raises:
            StorageError: `path` cannot be the path of a file.
            ConfigError: the setting ``fsync`` does not parse.
        """
        directory, name = _split(path)
        if not _is_durable():
            try:
                is_written = write_file(directory, name, content, _mode_of(_find(path)))
            except OSError as error:
                error.filename, error.filename2 = path, None
                raise
            if is_written:
                return
        with self.open_write(path) as stream:
            stream.write(content)

    def small_files(self, directory: str) -> SmallFiles | None:
        """Return what writes small files below `directory` quickly; None if the settings ask for more than that.

        Raises:
            StorageError: `directory` cannot be the path of a directory.
            ConfigError: the setting ``fsync`` does not parse.
        """
        return None if _is_durable() else SmallFiles(absolute_directory(local_path(directory)))

    def stat(self, path: str) -> ObjectStat:
        """Tell size, time and version.

        Raises:
            FileNotFoundError: there is no object.
            StorageError: there is a directory.
        """
        return _describe(path, _existing(path))

    def exists(self, path: str) -> bool:
        """Whether there is a file at `path`."""
        try:
            found = os.stat(local_path(path))
        except (FileNotFoundError, NotADirectoryError):
            return False
        return stat.S_ISREG(found.st_mode)

    def remove(self, path: str) -> None:
        """Remove the object.

        Raises:
            FileNotFoundError: there is no object.
            StorageError: there is a directory.
        """
        _existing(path)
        os.unlink(local_path(path))

    def remove_version(self, path: str, version: Version) -> None:
        """Remove the file if it still has the version.

        Raises:
            PreconditionError: it has another one, or there is no file.
            StorageError: the file system cannot tell.
        """
        plain = local_path(path)
        try:
            with exclusive(plain):
                require(version, version_of(os.stat(plain)), path)
                os.unlink(plain)
        except (FileNotFoundError, NotADirectoryError):
            require(version, None, path)

    def list(self, directory: str) -> Iterator[ObjectEntry]:
        """Yield the files below `directory`, at any depth, ordered by path; none if there is no such directory.

        Links to directories are followed. What cannot be listed is left out and logged.
        """
        for path, found in walk_files(local_path(directory)):
            yield _describe(path, found)


def _split(path: str) -> tuple[str, str]:
    """Return the absolute directory of `path`, and the name in it."""
    directory, name = os.path.split(local_path(path))
    if not name:
        raise StorageError(f'{path!r} is the path of a directory: give the path of a file in it.')
    return absolute_directory(directory), name


def _find(path: str) -> os.stat_result | None:
    """Look at the file at `path`; None if there is none, StorageError if there is something else."""
    try:
        found = os.stat(local_path(path))
    except (FileNotFoundError, NotADirectoryError):
        return None
    if not stat.S_ISREG(found.st_mode):
        kind = 'a directory' if stat.S_ISDIR(found.st_mode) else 'no regular file'
        raise StorageError(f'{path!r} is {kind}: give the path of a file.')
    return found


def _mode_of(found: os.stat_result | None) -> int | None:
    return None if found is None else found.st_mode & 0o777


def _existing(path: str) -> os.stat_result:
    found = _find(path)
    if found is None:
        raise missing(path)
    return found


def _describe(path: str, found: os.stat_result) -> ObjectStat:
    modified = datetime.fromtimestamp(found.st_mtime, tz=timezone.utc)
    return ObjectStat(path, found.st_size, modified, version_of(found))


def _is_durable() -> bool:
    config = get_config()
    if not config.has_option('LocalStorageConfig', 'fsync'):  # much quicker than the default of Luigi's getter
        return False
    try:
        return bool(config.getboolean('LocalStorageConfig', 'fsync', False))
    except (ValueError, configparser.Error) as error:
        raise ConfigError(f'[LocalStorageConfig] fsync must be true or false: {error}') from error
