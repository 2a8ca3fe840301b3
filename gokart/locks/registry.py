"""Which locks a URL means: those of a Redis, of another package, or of a storage.

Another package adds a kind by an entry point of the group ``gokart.locks``: its name is the scheme, its value a class
or function that takes the whole URL and returns a `LockService`. Schemes of ours stay ours.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from gokart.entry_points import EntryPoints
from gokart.errors import ConfigError, LockServiceError, UnknownStorageError
from gokart.locks.contract import LockService
from gokart.locks.redis import RedisLockService
from gokart.locks.storage import StorageLockService
from gokart.locks.waiting import Locks
from gokart.storage.registry import scheme_of, storage_for

_ADDED = EntryPoints('gokart.locks', 'The lock service for {}://', LockService, LockServiceError)
_REDIS = ('redis', 'rediss')
_STORAGES = ('file', 'memory', 's3', 'gs')
_locks: dict[str, Locks] = {}


def locks_for(url: str) -> Locks:
    """Return the locks of `url`; there are one for each URL in a process.

    ``redis://…`` and ``rediss://…`` are locks at a Redis, ``file:///directory``, ``s3://…`` and ``gs://…`` locks in a
    directory of a storage.

    Raises:
        ConfigError: nothing keeps locks for the scheme of `url`, or the URL cannot be used.
        LockServiceError: the package that registered the scheme cannot provide its locks.
        ImportError: the storage needs a package of an extra that is not installed.
    """
    if '://' not in url:
        raise ConfigError(
            'What is to keep the locks is no URL: it must look like redis://host:6379/0, rediss://…, '
            'file:///directory, s3://bucket/directory or gs://bucket/directory.'
        )
    locks = _locks.get(url)
    if locks is None:
        locks = _locks.setdefault(url, Locks(_service(url)))  # atomic: threads get the same
    return locks


def locks_in(directory: str) -> Locks:
    """Return the locks below `directory`, a plain path or URL of any storage; raises what `storage_for` does."""
    locks = _locks.get(directory)
    if locks is None:
        locks = _locks.setdefault(directory, Locks(StorageLockService(storage_for(directory), directory)))
    return locks


def forget_locks() -> None:
    """Let the next use of each place of locks make it anew; leases that are held stay what they are."""
    _locks.clear()


def _service(url: str) -> LockService:
    scheme = scheme_of(url)
    if scheme in _REDIS:
        return RedisLockService(url)
    if scheme not in _STORAGES:
        added: LockService | None = _ADDED.make(scheme, url)
        if added is not None:
            return added
    if scheme in _STORAGES and '@' in urlsplit(url).netloc:
        raise ConfigError(
            f'The {scheme}:// URL of the locks has a user or a password in it. Leave them out: credentials are '
            'configured where those of the workspace are.'
        )
    try:
        return StorageLockService(storage_for(url), url)
    except UnknownStorageError as error:
        raise ConfigError(
            f'Nothing keeps locks for {scheme}:// URLs. Give redis://, rediss://, or the directory of a storage: '
            'file:///, s3:// or gs://; or install the package that serves it.'
        ) from error.__cause__
