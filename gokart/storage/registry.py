"""Which storage serves a path: the one that is registered for its scheme."""

from __future__ import annotations

import re
from collections.abc import Callable

from gokart.errors import UnknownStorageError
from gokart.storage.contract import Storage
from gokart.storage.local import LocalStorage
from gokart.storage.memory import MemoryStorage

# One letter is a drive of Windows.
_SCHEME = re.compile(r'([a-z][a-z0-9+.-]+)://', re.IGNORECASE)

_MAKERS: dict[str, Callable[[], Storage]] = {'file': LocalStorage, 'memory': MemoryStorage}
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
    """
    scheme = scheme_of(path)
    storage = _storages.get(scheme)
    if storage is None:
        storage = _storages.setdefault(scheme, _maker(path, scheme)())  # atomic: threads get the same
    return storage


def _maker(path: str, scheme: str) -> Callable[[], Storage]:
    try:
        return _MAKERS[scheme]
    except KeyError:
        known = ', '.join(f'{name}://' for name in sorted(_MAKERS))
        raise UnknownStorageError(
            f'No storage serves {path!r}, whose scheme is {scheme!r}. Known are {known} and plain local paths.'
        ) from None
