"""An object in memory as a source of ranges, which counts what is asked of it and fails when told to."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from gokart.errors import ObjectChangedError, StorageError, UnreachableStorageError
from gokart.storage.ranged import HEAD_BYTES, open_ranged
from gokart.storage.retries import Failure, RetryPolicy


class PassingError(Exception):
    """May work when tried again."""


class FinalError(Exception):
    """Will not work."""


def classify(error):
    if isinstance(error, ConnectionRefusedError):
        return Failure.UNREACHABLE
    return Failure.PASSING if isinstance(error, PassingError) else Failure.FINAL


@dataclass
class CountingSource:
    """The version of an object whose bytes are `content`.

    Args:
        content: the bytes; set it to None and the object is gone.
        retry_limit: how often a request is tried again.
        piece_bytes: how much of an answer comes at a time.
        failures: for each of the next requests how many bytes come before it fails, and the exception; None as the
            exception lets the answer end early.
    """

    content: bytes | None
    retry_limit: int = 3
    piece_bytes: int = 1 << 30
    failures: list = field(default_factory=list)
    path: str = 's3://bucket/key'

    def __post_init__(self):
        self.size_bytes = len(self.content)
        self.retries = RetryPolicy(classify, self.retry_limit, longest_wait_seconds=0.001)
        self.requests = []
        self.received_bytes = 0
        self.open_downloads = 0
        self.threads = set()

    def open(self, head_bytes=HEAD_BYTES):
        """Open the object as a storage does; its head counts as no request here."""
        return open_ranged(self, self.content[:head_bytes])

    def download(self, start, stop):
        assert 0 <= start < stop <= self.size_bytes
        self.requests.append((start, stop))
        self.threads.add(threading.get_ident())
        if self.content is None:
            raise ObjectChangedError(f'{self.path!r} is gone.')
        limit, error = self.failures.pop(0) if self.failures else (None, None)
        if limit == 0 and error is not None:
            raise error
        return _Answer(self, start, stop if limit is None else min(stop, start + limit), error)

    def explain(self, error):
        if isinstance(error, ConnectionRefusedError):
            return UnreachableStorageError(f'{self.path!r} could not be read: nobody is there.')
        return StorageError(f'{self.path!r} could not be read.') if isinstance(error, PassingError) else error


class _Answer:
    def __init__(self, source, start, stop, error):
        self._source = source
        self._position = start
        self._stop = stop
        self._error = error
        self._is_open = True
        source.open_downloads += 1

    def readinto(self, buffer):
        assert self._is_open
        count = min(len(buffer), self._source.piece_bytes, self._stop - self._position)
        if count == 0 and self._error is not None:
            raise self._error
        buffer[:count] = self._source.content[self._position : self._position + count]
        self._position += count
        self._source.received_bytes += count
        return count

    def close(self):
        assert self._is_open
        self._is_open = False
        self._source.open_downloads -= 1
