"""Locks in any storage with conditional writes: one small object a lock, there while it is held.

Clocks of different machines are never compared. Whoever finds a lock taken takes it over, by compare and swap, when
either

- it has seen the same version for as long as the lease lasts, by its own clock that never goes back; or
- the object is older than that by the clock of the storage, which is asked by writing another object. That costs three
  requests, and is done only where the clock of this machine lets it seem so.

A holder counts from before its request, so its lease ends for itself first.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import json
import re
import time
import uuid
from dataclasses import asdict, dataclass
from datetime import datetime

from gokart.errors import LockServiceError, PreconditionError
from gokart.locks.clock import now_seconds
from gokart.locks.contract import Grant, Holder
from gokart.storage.contract import (
    Condition,
    RemoteStorage,
    Storage,
    Version,
    VersionedStorage,
    VersionedWriteStream,
    WriteCondition,
)

_LOOKS = 4
# Some storages tell times to the second, each cut off.
_COARSENESS_SECONDS = 1.0
_MOST_BYTES = 1 << 16
_LONGEST_NAME = 60
_LOCK_NAME = re.compile(r'[^/]+-[0-9a-f]{32}\.lock')
_CLOCK = 'clock-'
_OLD_SECONDS = 3600.0
_MOST_SWEPT = 1000
_SWEEP_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class _Record:
    """What the object of a lock says.

    Attributes:
        life_seconds: how long the lease lasts after this was written; 0 if it was given back.
        writing: tells each content from each other one.
    """

    key: str
    owner: str
    life_seconds: float
    fencing_token: int
    writing: str


@dataclass(frozen=True, slots=True)
class _Found:
    record: _Record
    version: Version
    modified: datetime


class StorageLockService:
    """Keeps locks below one directory of a storage.

    On the local disk this is safe among the processes of one machine, and among the machines that share an NFS version
    4 (or 3 with its lock daemon): creating is a hard link, and swapping holds a lock of the file. Where a mount keeps
    such locks to one machine (``nolock``, ``local_lock``), two machines that replace the lease of the same dead holder
    at the same moment may both get it.

    A storage that cannot remove a certain version (see `VersionedStorage`) keeps a small object for each lock.

    Args:
        storage: where the objects are.
        directory: path below which they are.
    """

    def __init__(self, storage: Storage, directory: str) -> None:
        self._storage = storage
        self._directory = directory.rstrip('/')
        self.name = directory
        self.longest_pause_seconds = 2.0 if isinstance(storage, RemoteStorage) else 0.25
        self._seen: dict[str, tuple[Version, float]] = {}
        self._ends: dict[str, float] = {}

    def take(self, key: str, owner: str, duration_seconds: float) -> Grant | Holder:
        """Give the lock to `owner` if it is free or its lease has ended; else tell who holds it."""
        path = self._path(key)
        is_known = path in self._seen  # whoever waits asks what is there, and writes only when that may work
        for _ in range(_LOOKS):
            try:
                if not is_known:
                    return self._write(path, _record(key, owner, duration_seconds), Condition.ABSENT)
                found = self._find(path)
                if found is not None:
                    left = self._left_seconds(path, found)
                    if left > 0 and found.record.owner != owner:
                        return Holder(found.record.owner, left)
                    record = _record(key, owner, duration_seconds, found.record.fencing_token + 1)
                    return self._write(path, record, found.version)
                is_known = False
            except PreconditionError:  # somebody was quicker
                is_known = True
        return Holder()

    def extend(self, key: str, owner: str, grant: Grant, duration_seconds: float) -> Grant | None:
        """Let the lock last for `duration_seconds` from now on; None if it is not `owner`'s any more."""
        path = self._path(key)
        record = _record(key, owner, duration_seconds, grant.fencing_token or 0)
        try:
            return self._write(path, record, Version(grant.version))
        except PreconditionError:
            found = self._find(path)
        if found is None or found.record.owner != owner:
            return None
        try:  # the answer to an earlier request was lost
            return self._write(path, record, found.version)
        except PreconditionError:
            return None

    def give_back(self, key: str, owner: str, grant: Grant) -> bool:
        """Free the lock; False if it is not `owner`'s any more, and then nothing happens."""
        path = self._path(key)
        self._seen.pop(path, None)
        # Some servers remove whatever is there: as long as the lease lasts, that is ours.
        if now_seconds() < self._ends.pop(owner, 0.0):
            with contextlib.suppress(PreconditionError):
                self._free(path, key, owner, Version(grant.version))
                return True
        found = self._find(path)
        if found is None or found.record.owner != owner:
            return False
        try:  # it has ended, and nobody came, or the answer to an earlier request was lost
            self._free(path, key, owner, found.version)
        except PreconditionError:
            return False
        return True

    def sweep(self) -> None:
        """Remove locks that have ended, of holders that died; there may be more than one call removes."""
        if not isinstance(self._storage, VersionedStorage):  # it keeps an object for each lock anyway
            return
        now = time.time()
        for entry in itertools.islice(self._storage.list(self._directory), _MOST_SWEPT):
            age_seconds = now - entry.modified.timestamp()
            name = entry.path.removeprefix(f'{self._directory}/')
            if name.startswith(_CLOCK) and age_seconds > _OLD_SECONDS:
                self._storage.remove(entry.path)
            elif _LOCK_NAME.fullmatch(name) and not name.startswith(_CLOCK) and age_seconds > _COARSENESS_SECONDS:
                self._remove_ended(entry.path, age_seconds)

    def _remove_ended(self, path: str, age_seconds: float) -> None:
        found = self._find(path)
        if found is None or age_seconds <= found.record.life_seconds + _COARSENESS_SECONDS:
            return
        # Some servers remove whatever is there. Taken over first, it is ours to remove.
        owner = f'sweep/{uuid.uuid4().hex}'
        grant = self.take(found.record.key, owner, _SWEEP_SECONDS)
        if isinstance(grant, Grant):
            self.give_back(found.record.key, owner, grant)

    def _path(self, key: str) -> str:
        readable = re.sub(r'[^A-Za-z0-9_.-]+', '_', key.rstrip('/').rpartition('/')[2])[:_LONGEST_NAME].lstrip('.')
        return f'{self._directory}/{readable}-{hashlib.sha256(key.encode()).hexdigest()[:32]}.lock'

    def _write(self, path: str, record: _Record, condition: WriteCondition) -> Grant:
        started = now_seconds()
        with self._storage.open_write(path, condition) as stream:
            stream.write(json.dumps(asdict(record)).encode())
        version = stream.version if isinstance(stream, VersionedWriteStream) else None
        if version is None:
            version = self._storage.stat(path).version
        if now_seconds() - started >= record.life_seconds:
            # By now the version may be that of somebody else.
            raise LockServiceError(
                f'{self.name!r} took longer to write the lock {record.key!r} than the {record.life_seconds:g} seconds '
                'that it lasts. Let locks live longer.'
            )
        self._seen.pop(path, None)
        self._ends[record.owner] = started + record.life_seconds
        return Grant(version, record.fencing_token)

    def _free(self, path: str, key: str, owner: str, version: Version) -> None:
        if isinstance(self._storage, VersionedStorage):
            self._storage.remove_version(path, version)
            return
        with self._storage.open_write(path, version) as stream:
            stream.write(json.dumps(asdict(_record(key, owner, 0.0))).encode())

    def _find(self, path: str) -> _Found | None:
        # In this order: if the object is replaced in between, the version is old, and nothing can be written upon it.
        try:
            seen = self._storage.stat(path)
            with self._storage.open_read(path) as file:
                content = file.read(_MOST_BYTES)
        except FileNotFoundError:
            self._seen.pop(path, None)
            return None
        return _Found(_parsed(path, content), seen.version, seen.modified)

    def _left_seconds(self, path: str, found: _Found) -> float:
        """Return how long the lease found lasts at most; 0 or less if it has ended."""
        now = now_seconds()
        version, since = self._seen.get(path, (None, now))
        if version != found.version:
            since = now
            self._seen[path] = (found.version, now)
        life = found.record.life_seconds
        left = since + life - now
        if left <= 0 or time.time() - found.modified.timestamp() <= life + _COARSENESS_SECONDS:
            return left
        age = (self._storage_time() - found.modified).total_seconds()
        return 0.0 if age > life + _COARSENESS_SECONDS else left

    def _storage_time(self) -> datetime:
        path = f'{self._directory}/{_CLOCK}{uuid.uuid4().hex}.lock'
        with self._storage.open_write(path) as stream:
            stream.write(b'{}')
        try:
            return self._storage.stat(path).modified
        finally:
            self._storage.remove(path)


def _record(key: str, owner: str, life_seconds: float, fencing_token: int | None = None) -> _Record:
    # Where the lock was given back before, nothing tells its last number; who held it then does not write any more.
    token = time.time_ns() // 1_000_000 if fencing_token is None else fencing_token
    return _Record(key, owner, life_seconds, token, uuid.uuid4().hex)


def _parsed(path: str, content: bytes) -> _Record:
    try:
        record = _Record(**json.loads(content))
        if not (record.life_seconds >= 0 and isinstance(record.owner, str) and isinstance(record.fencing_token, int)):
            raise ValueError('values of other types')
    except (ValueError, TypeError) as error:
        raise LockServiceError(
            f'{path!r} is no lock: it holds something else ({type(error).__name__}). If nobody needs it, remove it.'
        ) from error
    return record
