"""Which storage serves a path: the one of its scheme, ours or one that another package registers.

Another package adds one by an entry point of the group ``gokart.storages``: its name is the scheme, its value a class
or function that returns a `Storage`, called without arguments when a path of that scheme is first used. Our own schemes
stay ours: an entry point that has the name of one is not looked at.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import cast

from gokart.entry_points import EntryPoints
from gokart.errors import StorageError, UnknownStorageError
from gokart.storage.contract import RemoteStorage, Storage
from gokart.storage.local import LocalStorage
from gokart.storage.memory import MemoryStorage

_ADDED = EntryPoints('gokart.storages', 'The storage for {}://', Storage, StorageError)

# One letter is a drive of Windows.
_SCHEME = re.compile(r'([a-z][a-z0-9+.-]+)://', re.IGNORECASE)


def _s3() -> Storage:
    from gokart.storage.s3 import S3Storage

    return S3Storage()


def _gcs() -> Storage:
    from gokart.storage.gcs import GCSStorage

    return GCSStorage()


_MAKERS: dict[str, Callable[[], Storage]] = {'file': LocalStorage, 'memory': MemoryStorage, 's3': _s3, 'gs': _gcs}
_storages: dict[str, Storage] = {}


def scheme_of(path: str) -> str:
    """Return the scheme of `path` in lower case, ``file`` for a plain path.

    >>> scheme_of('s3://bucket/key'), scheme_of('resources/data.pkl'), scheme_of('C:/data.pkl')
    ('s3', 'file', 'file')
    """
    found = _SCHEME.match(path)
    return found.group(1).lower() if found else 'file'


def storage_for(path: str) -> Storage:
    """Return the storage of `path`; there is one for each scheme in a process.

    Raises:
        UnknownStorageError: no storage has the scheme of `path`.
        StorageError: the package that registered the scheme cannot provide its storage.
        ImportError: the storage needs a package of an extra that is not installed.
    """
    scheme = scheme_of(path)
    storage = _storages.get(scheme)
    if storage is None:
        storage = _storages.setdefault(scheme, _make(path, scheme))  # atomic: threads get the same
    return storage


def remote_storage(path: str) -> RemoteStorage | None:
    """Return the storage of `path` if it is remote, else None; raises what `storage_for` does."""
    if scheme_of(path) == 'file':
        return None
    storage = storage_for(path)
    return cast('RemoteStorage', storage) if _is_remote(type(storage)) else None


def remote_is_in_use() -> bool:
    """Whether this process has used a remote storage."""
    return any(_is_remote(type(storage)) for storage in tuple(_storages.values()))


def forget_storages() -> None:
    """Let the next use of each storage make it anew, with the configuration of that moment."""
    kept = {scheme: storage for scheme, storage in _storages.items() if isinstance(storage, MemoryStorage)}
    _storages.clear()
    _storages.update(kept)


@functools.cache
def _is_remote(storage_class: type) -> bool:
    return issubclass(storage_class, RemoteStorage)  # takes microseconds, and is asked for each target


def _make(path: str, scheme: str) -> Storage:
    if scheme in _MAKERS:
        return _MAKERS[scheme]()
    storage: Storage | None = _ADDED.make(scheme)
    if storage is None:
        known = ', '.join(f'{name}://' for name in sorted({*_MAKERS, *_ADDED.names()}))
        raise UnknownStorageError(
            f'No storage serves {path!r}, whose scheme is {scheme!r}. Known are {known} and plain local paths.'
        )
    return storage
