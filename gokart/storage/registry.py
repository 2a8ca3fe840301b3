"""Which storage serves a path: the one of its scheme, ours or one that another package registers.

Another package adds one by an entry point of the group ``gokart.storages``: its name is the scheme, its value a class or
function that returns a `Storage`, called without arguments when a path of that scheme is first used.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from gokart.errors import StorageError, UnknownStorageError
from gokart.storage.contract import Storage
from gokart.storage.local import LocalStorage
from gokart.storage.memory import MemoryStorage

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


def forget_storages() -> None:
    """Let the next use of each storage make it anew, with the configuration of that moment."""
    kept = {scheme: storage for scheme, storage in _storages.items() if isinstance(storage, MemoryStorage)}
    _storages.clear()
    _storages.update(kept)


def _make(path: str, scheme: str) -> Storage:
    if scheme in _MAKERS:
        return _MAKERS[scheme]()
    from importlib.metadata import entry_points  # takes 7 ms, needed for rare schemes only

    registered = {entry.name.lower(): entry for entry in entry_points(group=ENTRY_POINT_GROUP)}
    if scheme not in registered:
        known = ', '.join(f'{name}://' for name in sorted({*_MAKERS, *registered}))
        raise UnknownStorageError(
            f'No storage serves {path!r}, whose scheme is {scheme!r}. Known are {known} and plain local paths.'
        )
    entry = registered[scheme]
    origin = f'The storage for {scheme}://, entry point {entry.name!r} = {entry.value!r}'
    try:
        storage = entry.load()()
    except Exception as error:
        raise StorageError(f'{origin}, cannot be made: {type(error).__name__}: {error}') from error
    if not isinstance(storage, Storage):
        raise StorageError(f'{origin}, gives a {type(storage).__name__}, which lacks methods of Storage.')
    return storage
