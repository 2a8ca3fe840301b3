"""Downloads of ranges of an object, which go on at the byte reached where an answer broke off."""

from __future__ import annotations

import contextlib
import os
from typing import Protocol

from gokart.errors import GokartError, StorageError
from gokart.storage.retries import BrokenOffError, RetryPolicy

_PIECE_BYTES = 1 << 16
"""How much is received at a time: clients make a copy of it, and give nothing of it if it breaks off."""


class Download(Protocol):
    """The answer to one request for a range of bytes, being received."""

    def readinto(self, buffer: memoryview, /) -> int:
        """Receive at most ``len(buffer)`` bytes; 0 means that the range ended, or broke off without an error."""
        ...

    def close(self) -> None:
        """Give the connection back, or drop it if there is more to receive."""
        ...


class RangeSource(Protocol):
    """One version of one object; threads may share it."""

    @property
    def path(self) -> str:
        """Path of the object."""
        ...

    @property
    def size_bytes(self) -> int:
        """Size of the object."""
        ...

    @property
    def retries(self) -> RetryPolicy:
        """What is tried again."""
        ...

    def download(self, start: int, stop: int) -> Download:
        """Ask for the bytes from `start` up to, not including, `stop`: one request, not tried again.

        Raises:
            ObjectChangedError: the object has another version by now, or is gone.
            Exception: what the client library raises, of which `retries` tells whether it passes.
        """
        ...

    def explain(self, error: Exception) -> BaseException:
        """Return the error of ours for one of the client library, with path, action and cure; any other as it is."""
        ...


class ResumedDownload:
    """The bytes of `source` from `start` up to `stop`; the request is made when the first ones are asked for.

    Attributes:
        position: which byte of the object comes next.
        stop: where the range ends.
    """

    def __init__(self, source: RangeSource, start: int, stop: int) -> None:
        self._source = source
        self.position = start
        self.stop = stop
        self._answer: Download | None = None
        self._process = 0

    def readinto(self, buffer: memoryview) -> None:
        """Fill `buffer`, which is not longer than the rest of the range.

        Raises:
            ObjectChangedError: the object has another version by now, or is gone.
            StorageError: the request failed for good; `position` tells how far the buffer is filled.
        """
        received = 0
        while received < len(buffer):
            piece = buffer[received : received + _PIECE_BYTES]
            try:
                # Each piece is progress, after which all retries are free again.
                count = self._source.retries.call(lambda: self._receive(piece))  # noqa: B023 (called at once)
            except GokartError:
                raise
            except Exception as error:
                explained = self._explain(error)
                if explained is error:
                    raise
                raise explained from error
            received += count
            self.position += count
        if self.position == self.stop:
            self.close()

    def skip(self, count: int) -> None:
        """Receive and drop `count` bytes, not more than the rest of the range."""
        room = memoryview(bytearray(min(count, _PIECE_BYTES)))
        while count:
            self.readinto(room[:count])
            count -= len(room[:count])

    def close(self) -> None:
        """Let go of the connection."""
        answer, self._answer = self._answer, None
        if answer is not None and self._process == os.getpid():  # a forked child leaves it to its parent
            with contextlib.suppress(Exception):  # it may be broken already
                answer.close()

    def _receive(self, buffer: memoryview) -> int:
        if self._answer is None or self._process != os.getpid():
            self._answer = self._source.download(self.position, self.stop)
            self._process = os.getpid()
        try:
            count = self._answer.readinto(buffer)
            if not count:
                raise BrokenOffError
        except BaseException:
            self.close()
            raise
        return count

    def _explain(self, error: Exception) -> BaseException:
        if not isinstance(error, BrokenOffError):
            return self._source.explain(error)
        return StorageError(
            f'{self._source.path!r} could not be read: its download breaks off at byte {self.position} of '
            f'{self._source.size_bytes}, also when it is tried again. Read it again later; if this stays so, write it '
            'anew, and look at what lies between this host and the storage.'
        )
