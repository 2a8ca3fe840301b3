"""A storage behind an imaginary network, for tests that count requests: the fixture ``far``."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from typing import Any, BinaryIO

import pytest

from gokart.storage import registry
from gokart.storage.changes import removing
from gokart.storage.contract import Condition, ObjectEntry, ObjectStat, Version, WriteCondition
from gokart.storage.memory import MemoryStorage
from gokart.storage.stream import PublishingStream

PAGE = 1000


class FarStorage:
    """Objects of the memory at ``far://`` paths; each request is noted, and takes `seconds`.

    Attributes:
        requests: kind and path of each request, in the order of their start.
        most_at_once: how many requests of a kind were under way at the same time at most.
    """

    def __init__(self) -> None:
        self.requests: list[tuple[str, str]] = []
        self.seconds = 0.0
        self.failure: Exception | None = None
        self.most_at_once: Counter[str] = Counter()
        self._memory = MemoryStorage()
        self._under_way: Counter[str] = Counter()
        self._counting = threading.Lock()

    def open_read(self, path: str) -> BinaryIO:
        self._request('get', path)
        return self._memory.open_read(_near(path))

    def open_write(self, path: str, condition: WriteCondition = Condition.ANY) -> PublishingStream:
        near = self._memory.open_write(_near(path), condition)
        publish = near._publish

        def put(file: Any) -> Version | None:
            self._request('put', path)
            return publish(file)

        near._publish, near._path = put, path
        return near

    def stat(self, path: str) -> ObjectStat:
        self._request('stat', path)
        return self._memory.stat(_near(path))

    def exists(self, path: str) -> bool:
        self._request('exists', path)
        return self._memory.exists(_near(path))

    def remove(self, path: str) -> None:
        with removing(path):
            self._request('remove', path)
            self._memory.remove(_near(path))

    def list(self, directory: str) -> Iterator[ObjectEntry]:
        self._request('list', directory)
        return self._memory.list(_near(directory))

    def exists_many(self, paths: Collection[str]) -> set[str]:
        for start in range(0, len(paths), PAGE):
            self._request('list', f'{len(paths) - start} paths')
        return {path for path in paths if self._memory.exists(_near(path))}

    def remove_many(self, paths: Iterable[str]) -> None:
        for path in paths:
            self.remove(path)

    def kinds(self) -> dict[str, int]:
        """How many requests of each kind there were."""
        return dict(Counter(kind for kind, _ in self.requests))

    def paths(self, kind: str) -> list[str]:
        """The paths of the requests of a kind."""
        return [path for other, path in self.requests if other == kind]

    def stored(self) -> list[str]:
        """The paths of all objects."""
        return [entry.path.replace('memory:', 'far:', 1) for entry in self._memory.list('memory://')]

    def vanish(self, path: str) -> None:
        """Remove an object as another machine does, of which this process learns nothing."""
        self._memory.remove(_near(path))

    def appear(self, path: str, content: bytes = b'') -> None:
        """Write an object as another machine does."""
        with MemoryStorage.open_write(self._memory, _near(path)) as stream:
            stream.write(content)

    def _request(self, kind: str, path: str) -> None:
        with self._counting:
            self.requests.append((kind, path))
            self._under_way[kind] += 1
            self.most_at_once[kind] = max(self.most_at_once[kind], self._under_way[kind])
        time.sleep(self.seconds)
        with self._counting:
            self._under_way[kind] -= 1
        if self.failure is not None:
            raise self.failure


def _near(path: str) -> str:
    return path.replace('far:', 'memory:', 1)


@pytest.fixture
def far(monkeypatch: pytest.MonkeyPatch, config: Any) -> Iterator[FarStorage]:
    """The storage of ``far://``; the workspace of all tasks is in it."""
    storage = FarStorage()
    monkeypatch.setitem(registry._MAKERS, 'far', lambda: storage)
    config.set('TaskOnKart', 'workspace_directory', 'far://bucket/workspace')
    registry.forget_storages()
    yield storage
    registry.forget_storages()
