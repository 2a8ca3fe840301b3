"""Which remote objects exist, asked for many at once and remembered for as long as one look at tasks lasts."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from gokart.errors import BucketNotFoundError, CredentialsError, StorageError, UnreachableStorageError
from gokart.storage.changes import listening
from gokart.storage.registry import remote_storage

logger = logging.getLogger(__name__)

_OF_WHOLE_BUCKETS = (BucketNotFoundError, CredentialsError, UnreachableStorageError)


class Snapshot:
    """What remote storages said of the objects that they were asked for in advance.

    That an object is absent is told once, so that whoever asks again and again, waiting for it, learns when it appears.
    What this process writes or removes meanwhile is forgotten, so that the storage itself is asked.

    Attributes:
        lasts: whether the look goes on.
    """

    def __init__(self, outer: Snapshot | None = None) -> None:
        self._outer = outer
        self._present: set[str] = set()
        self._absent: set[str] = set()
        self._failed: dict[str, StorageError] = {}
        self._changed: set[str] = set()
        self.lasts = True

    def ask(self, paths: Iterable[str]) -> None:
        """Find out which of `paths` exist, as far as that is not known yet and their storages are remote."""
        buckets: dict[str, list[str]] = defaultdict(list)
        for path in dict.fromkeys(paths):
            if not self._knows(path):
                buckets['/'.join(path.split('/', 3)[:3])].append(path)
        for paths_of_bucket in buckets.values():
            self._ask(paths_of_bucket)

    def told(self, path: str) -> bool | None:
        """Return whether there is an object at `path`, None if that is not known.

        Raises:
            StorageError: its bucket could not be asked.
        """
        if path in self._present:
            return True
        if path in self._absent:
            self._absent.discard(path)
            return False
        error = self._failed.pop(path, None)
        if error is not None:
            raise error.with_traceback(None)
        return None if self._outer is None else self._outer.told(path)

    def end(self) -> None:
        """Tell nothing from now on."""
        self.lasts = False
        self._outer = None
        for known in (self._present, self._absent, self._failed):
            known.clear()

    def _knows(self, path: str) -> bool:
        here = path in self._present or path in self._absent or path in self._failed
        return here or (self._outer is not None and self._outer._knows(path))

    def _ask(self, paths: list[str]) -> None:
        storage = remote_storage(paths[0])
        if storage is None:
            return
        self._changed.clear()
        try:
            found = storage.exists_many(paths)
        except _OF_WHOLE_BUCKETS as error:  # which takes long to find out: not once for each path
            self._failed.update(dict.fromkeys(paths, error))
        except Exception as error:
            # Whoever asks for one of the paths alone gets the answer, or an error that names it.
            logger.debug('%d paths near %s cannot be looked up at once: %r', len(paths), paths[0], error)
        else:
            self._present.update(found)
            self._absent.update(path for path in paths if path not in found)
        for path in tuple(self._changed):
            self._forget(path)

    def _forget(self, path: str) -> None:
        self._present.discard(path)
        self._absent.discard(path)

    def _note_change(self, path: str, is_there: bool) -> None:
        self._changed.add(path)
        self._forget(path)


_current: ContextVar[Snapshot | None] = ContextVar('snapshot_of_storages', default=None)


@contextmanager
def snapshot() -> Iterator[Snapshot]:
    """Answer from what the snapshot knows while the block lasts, also in threads that get its context."""
    taken = Snapshot(_current.get())
    token = _current.set(taken)
    try:
        with listening(taken._note_change):
            yield taken
    finally:
        taken.end()
        _current.reset(token)


def told(path: str) -> bool | None:
    """Return whether the current snapshot has an object at `path`; None if there is none, or it does not know.

    Raises:
        StorageError: the bucket of `path` could not be asked.
    """
    current = _current.get()
    return None if current is None else current.told(path)


def is_looking() -> bool:
    """Whether a look at tasks is going on, which has asked for what it needs."""
    current = _current.get()
    return current is not None and current.lasts
