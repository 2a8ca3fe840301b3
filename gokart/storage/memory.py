"""The memory of the process as a storage: ``memory://`` paths, for tests and for results that need not last."""

from __future__ import annotations

import io
import itertools
import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from datetime import datetime, timezone
from functools import partial
from pathlib import Path
from typing import BinaryIO

from gokart.errors import StorageError
from gokart.storage.common_errors import missing
from gokart.storage.condition import require
from gokart.storage.contract import Condition, ObjectEntry, ObjectStat, Version, WriteCondition
from gokart.storage.scratch import ScratchFile, scratch_file
from gokart.storage.stream import PublishingStream

_SCHEME = 'memory://'

_changing = threading.RLock()
if sys.platform != 'win32':
    os.register_at_fork(before=_changing.acquire, after_in_parent=_changing.release, after_in_child=_changing.release)


class MemoryStorage:
    """Objects that live as long as the storage; all threads share them, other processes do not."""

    def __init__(self) -> None:
        self._objects: dict[str, tuple[ObjectStat, bytes]] = {}
        self._numbers = itertools.count(1)
        self._process_id = os.getpid()

    def open_read(self, path: str) -> BinaryIO:
        """Open the object for reading: a seekable binary file of the bytes as they were at opening.

        Raises:
            FileNotFoundError: there is no object.
        """
        return io.BytesIO(self._get(path)[1])

    def open_write(self, path: str, condition: WriteCondition = Condition.ANY) -> PublishingStream:
        """Start to write the object; it is spooled in the directory for temporary files.

        Raises:
            PreconditionError: `condition` does not hold.
            StorageError: this is a process that the one with the objects has forked.
        """
        self._require(_checked(path), condition)
        if os.getpid() != self._process_id:
            raise StorageError(
                f'{path} cannot be written: memory:// belongs to process {self._process_id}, which would not see what '
                f'process {os.getpid()} writes. Build with workers=1, or give the workspace a directory or bucket.'
            )
        return PublishingStream(scratch_file(tempfile.gettempdir()), path, partial(self._publish, path, condition))

    def stat(self, path: str) -> ObjectStat:
        """Tell size, time and version.

        Raises:
            FileNotFoundError: there is no object.
        """
        return self._get(path)[0]

    def exists(self, path: str) -> bool:
        """Whether there is an object at `path`."""
        return _checked(path) in self._objects

    def remove(self, path: str) -> None:
        """Remove the object.

        Raises:
            FileNotFoundError: there is no object.
        """
        if self._objects.pop(_checked(path), None) is None:
            raise missing(path)

    def remove_version(self, path: str, version: Version) -> None:
        """Remove the object if it still has the version.

        Raises:
            PreconditionError: it has another one, or there is no object.
        """
        with _changing:
            self._require(_checked(path), version)
            del self._objects[path]

    def list(self, directory: str) -> Iterator[ObjectEntry]:
        """Yield the objects below `directory` as they are now, ordered by path."""
        prefix = directory if directory == _SCHEME else directory.rstrip('/') + '/'
        found = [described for path, (described, _) in self._objects.copy().items() if path.startswith(prefix)]
        yield from sorted(found, key=lambda described: described.path)

    def _get(self, path: str) -> tuple[ObjectStat, bytes]:
        found = self._objects.get(_checked(path))
        if found is None:
            raise missing(path)
        return found

    def _publish(self, path: str, condition: WriteCondition, file: ScratchFile) -> Version:
        content = Path(file.path).read_bytes()
        with _changing:
            self._require(path, condition)
            version = Version(str(next(self._numbers)))
            self._objects[path] = ObjectStat(path, len(content), datetime.now(timezone.utc), version), content
        return version

    def _require(self, path: str, condition: WriteCondition) -> None:
        found = self._objects.get(path)
        require(condition, None if found is None else found[0].version, path)


def _checked(path: str) -> str:
    if not path.startswith(_SCHEME) or path.endswith('/'):
        raise StorageError(f'{path!r} is no path of an object in memory: it must look like memory://directory/name.')
    return path
