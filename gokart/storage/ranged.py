"""Reading of remote objects in ranges: seekable files that fetch what is read, and go on where a download broke off."""

from __future__ import annotations

from typing import BinaryIO, Protocol

from gokart.storage.retries import RetryPolicy

HEAD_BYTES = 1 << 20
"""How much of an object is fetched when it is opened; smaller ones take that one request only."""


class Download(Protocol):
    """The answer to one request for a range of bytes, being received."""

    def readinto(self, buffer: memoryview, /) -> int:
        """Receive at most ``len(buffer)`` bytes; 0 means that the range ended, or broke off without an error."""
        ...

    def close(self) -> None:
        """Give the connection back, or drop it if there is more to receive."""
        ...


class RangeSource(Protocol):
    """One version of one object."""

    path: str
    size_bytes: int
    retries: RetryPolicy

    def download(self, start: int, stop: int) -> Download:
        """Ask for the bytes from `start` up to, not including, `stop`: one request, not tried again.

        Raises:
            ObjectChangedError: the object has another version by now, or is gone.
            Exception: what the client library raises, of which `retries` tells whether it passes.
        """
        ...

    def explain(self, error: BaseException) -> Exception:
        """Return the error of ours for one of the client library, with path, action and cure."""
        ...


def open_ranged(source: RangeSource, head: bytes) -> BinaryIO:
    """Open the object of `source` for reading, whose first bytes are `head` (`HEAD_BYTES`, or all if it is smaller)."""
    raise NotImplementedError
