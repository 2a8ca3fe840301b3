"""Which storage serves a path: the one of its scheme, ours or one that another package registers.

Another package adds one by an entry point of the group ``gokart.storages``: its name is the scheme, its value a class
or function that returns a `Storage`, called without arguments when a path of that scheme is first used. Our own schemes
stay ours: an entry point that has the name of one is not looked at.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from gokart.errors import StorageError, UnknownStorageError
from gokart.storage.contract import RemoteStorage, Storage
from gokart.storage.local import LocalStorage
from gokart.storage.memory import MemoryStorage

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

ENTRY_POINT_GROUP = 'gokart.storages'

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
    from importlib.metadata import entry_points  # takes 7 ms, needed for rare schemes only

    registered = [entry for entry in entry_points(group=ENTRY_POINT_GROUP) if entry.name.lower() not in _MAKERS]
    candidates = {entry.value: entry for entry in registered if entry.name.lower() == scheme}
    if not candidates:
        known = ', '.join(f'{name}://' for name in sorted({*_MAKERS, *(entry.name.lower() for entry in registered)}))
        raise UnknownStorageError(
            f'No storage serves {path!r}, whose scheme is {scheme!r}. Known are {known} and plain local paths.'
        )
    if len(candidates) > 1:
        raise StorageError(
            f'Several storages are registered for {scheme}://: {" and ".join(sorted(candidates))}. '
            'Uninstall all but one of the packages.'
        )
    return _load(candidates.popitem()[1])


def _load(entry: EntryPoint) -> Storage:
    origin = f'The storage for {entry.name.lower()}://, entry point {entry.name!r} = {entry.value!r}'
    try:
        storage: Storage = entry.load()()
    except Exception as error:
        raise StorageError(f'{origin}, cannot be made: {type(error).__name__}: {error}') from error
    missing = [name for name in vars(Storage) if not name.startswith('_') and not hasattr(storage, name)]
    if missing:
        raise StorageError(f'{origin}, gives a {type(storage).__name__}, which lacks {", ".join(missing)}.')
    return storage
