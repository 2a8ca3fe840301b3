"""The contract of a storage: whole objects by path, that appear complete or not at all.

A path is a whole path or URL and a storage serves all paths of its scheme. `gokart.testing.storage` states this
contract as tests that every storage passes, ours and yours.
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, NewType, Protocol, TypeAlias, runtime_checkable

Version = NewType('Version', str)
"""An opaque mark of one state of an object: a write gives the object a version that it never had before."""


class Condition(enum.Enum):
    """What must be true of the object at the moment when a write publishes it."""

    ANY = 'any'
    """Nothing: the write replaces whatever is there."""
    ABSENT = 'absent'
    """There is no object at the path: of several writers one wins, the others get `PreconditionError`."""


WriteCondition: TypeAlias = 'Condition | Version'
"""`Condition.ANY`, `Condition.ABSENT`, or the version that the object must still have (compare and swap)."""


@dataclass(frozen=True, slots=True)
class ObjectEntry:
    """What a listing tells of one object."""

    path: str
    size_bytes: int
    modified: datetime
    """Time of the last write; aware, in UTC. Some storages know it to the second only."""


@dataclass(frozen=True, slots=True)
class ObjectStat(ObjectEntry):
    """What a storage knows of one object without reading it."""

    version: Version


class WriteStream(Protocol):
    """A seekable binary file being written; nobody sees the object before `close` has published it.

    Leaving the ``with`` block normally publishes, leaving it by an exception discards. `name` is the path of a real
    local file that holds what was written so far, so that code that writes by path can fill it instead.
    """

    @property
    def name(self) -> str:
        """Path of the private local file behind the stream."""
        ...

    @property
    def closed(self) -> bool:
        """Whether the object was published or discarded."""
        ...

    def write(self, data: bytes, /) -> int:
        """Write `data` at the current position; returns the number of bytes."""
        ...

    def seekable(self) -> bool:
        """Return True: formats go back to fill in headers."""
        ...

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Move to another position; returns it."""
        ...

    def tell(self) -> int:
        """Return the position in bytes."""
        ...

    def flush(self) -> None:
        """Hand what is buffered to the local file."""
        ...

    def close(self) -> None:
        """Publish the object; does nothing when closed.

        Raises:
            PreconditionError: the condition of the write does not hold; nothing is published or left behind.
        """
        ...

    def discard(self) -> None:
        """Forget what was written: the path keeps what it had; does nothing when closed."""
        ...

    def __enter__(self) -> WriteStream: ...

    def __exit__(self, *exc_info: object) -> None: ...


@runtime_checkable
class VersionedWriteStream(WriteStream, Protocol):
    """A stream that knows what it published without another request; found by `isinstance`."""

    @property
    def version(self) -> Version | None:
        """The version of the object as it was published; None before that, and if the storage did not tell.

        It is for whoever writes no bytes twice: a storage may tell it by the bytes alone, so that a condition on it
        costs no look at the object, and it need not equal the one that `Storage.stat` tells.
        """
        ...


@runtime_checkable
class Storage(Protocol):
    """Whole objects by path."""

    def open_read(self, path: str) -> BinaryIO:
        """Open the object for reading: a seekable binary file of the bytes as they were at opening.

        Raises:
            FileNotFoundError: there is no object.
        """
        ...

    def open_write(self, path: str, condition: WriteCondition = Condition.ANY) -> WriteStream:
        """Start to write the object; parents are made as needed.

        Raises:
            PreconditionError: may be raised here already when `condition` does not hold.
        """
        ...

    def stat(self, path: str) -> ObjectStat:
        """Tell size, time and version.

        Raises:
            FileNotFoundError: there is no object.
        """
        ...

    def exists(self, path: str) -> bool:
        """Whether there is a complete object at `path`."""
        ...

    def remove(self, path: str) -> None:
        """Remove the object.

        Raises:
            FileNotFoundError: there is no object.
        """
        ...

    def list(self, directory: str) -> Iterator[ObjectEntry]:
        """Yield the objects below `directory`, at any depth, ordered by path; none if there is no such directory.

        Files being written are not objects yet and are left out.
        """
        ...


# What some storages can do besides, each found by `isinstance`.


@runtime_checkable
class RemoteStorage(Storage, Protocol):
    """A storage behind a network: each call waits for an answer, so calls are made side by side, or many as one."""

    def exists_many(self, paths: Collection[str]) -> set[str]:
        """Return those of `paths` at which there is a complete object, with as few requests as serve."""
        ...

    def remove_many(self, paths: Iterable[str]) -> None:
        """Remove the objects at `paths`, as far as there are any."""
        ...


@runtime_checkable
class VersionedStorage(Storage, Protocol):
    """A storage that removes an object only if it is still the one that was seen."""

    def remove_version(self, path: str, version: Version) -> None:
        """Remove the object if it still has the version.

        Raises:
            PreconditionError: it has another one, or there is no object.
        """
        ...


@runtime_checkable
class LabelledStorage(Storage, Protocol):
    """A storage that keeps labels with an object: short texts by name, written together with it.

    Attributes:
        max_label_bytes: how much the names and values of one object's labels may take together, in UTF-8.
    """

    max_label_bytes: int

    def open_write(
        self, path: str, condition: WriteCondition = Condition.ANY, labels: Mapping[str, str] | None = None
    ) -> WriteStream:
        """Start to write the object with `labels`, which replace those of the object that was there.

        Raises:
            PreconditionError: may be raised here already when `condition` does not hold.
            LabelsTooLargeError: `labels` take more than `max_label_bytes`, or what the storage makes of them takes more
                than it keeps; known before anything is written.
        """
        ...

    def labels(self, path: str) -> dict[str, str]:
        """Return the labels of the object, as they were given.

        Raises:
            FileNotFoundError: there is no object.
        """
        ...
