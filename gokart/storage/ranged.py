"""Reading of remote objects in ranges: seekable files that fetch what is read, and little more."""

from __future__ import annotations

import errno
import io
import os
from functools import partial
from typing import TYPE_CHECKING, BinaryIO

from gokart._calls import ahead
from gokart.storage.download import RangeSource, ResumedDownload

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

HEAD_BYTES = 1 << 20
"""How much of an object is fetched when it is opened; smaller ones take that one request only."""

_BUFFER_BYTES = 1 << 16
_TAIL_BYTES = 1 << 16
"""Formats with their contents at the end (parquet, feather, zip) read these bytes in several steps."""

_FIRST_WINDOW_BYTES = 1 << 22
_WINDOW_AFTER_JUMP_BYTES = 1 << 20
_LAST_WINDOW_BYTES = 1 << 26
_SKIP_BYTES = 1 << 20
"""A gap that is read over, since that takes less time than another request."""

_PART_BYTES = 1 << 24
_CONNECTIONS = 4
"""How many parts of a large read are fetched side by side: servers limit the speed of each connection."""


def open_ranged(source: RangeSource, head: bytes) -> BinaryIO:
    """Open the object of `source` for reading, whose first bytes are `head` (`HEAD_BYTES`, or all if it is smaller)."""
    return SmallFile(source.path, head) if len(head) >= source.size_bytes else RangedFile(source, [(0, head)])


class SmallFile(io.BytesIO):
    """An object that was fetched whole."""

    def __init__(self, path: str, content: bytes) -> None:
        super().__init__(content)
        self.name = path

    def writable(self) -> bool:
        """Return False."""
        return False

    def write(self, data: object, /) -> int:
        """Refuse to write.

        Raises:
            io.UnsupportedOperation: always.
        """
        raise io.UnsupportedOperation('write')


class RangedFile(io.BufferedReader):
    """An object that is fetched while it is read.

    What is read in order comes as a stream, by a few requests for ranges that grow; what is read after a jump comes by
    a request for about as much as is read. Large reads go into the buffer of the reader without a copy in between. A
    file serves one thread at a time.

    Args:
        source: the object.
        known: pieces of it that need no request, each with its position.
    """

    def __init__(self, source: RangeSource, known: list[tuple[int, bytes]]) -> None:
        self._source = source
        self._known = known
        super().__init__(_Ranges(source, known), _BUFFER_BYTES)

    def duplicate(self) -> RangedFile:
        """Return an independent file of the same version of the object, at its start; this one may be closed."""
        return RangedFile(self._source, self._known)

    def read(self, size: int | None = -1, /) -> bytes:
        """Read at most `size` bytes, all that are left if it is negative or None."""
        left = max(0, self._source.size_bytes - self.tell())
        count = left if size is None or size < 0 else min(size, left)
        if count <= _BUFFER_BYTES:
            return super().read(count)
        room = io.BytesIO(bytes(count))  # unlike a bytearray, it gives its content away as bytes without a copy
        with room.getbuffer() as view:
            if count < 2 * _PART_BYTES:
                self.readinto(view)
            else:
                self._read_side_by_side(view)
        return room.getvalue()

    def read1(self, size: int = -1, /) -> bytes:
        """Read at most `size` bytes, as many as are there without another request."""
        if size:
            self.peek(1)  # fills the buffer, past which small pieces would go
        return super().read1(size)

    def _read_side_by_side(self, view: memoryview) -> None:
        # Only for memory of ours, which outlives the threads whatever happens to the caller.
        start = self.tell()
        parts = range(0, len(view), _PART_BYTES)
        reads = [partial(self._read_part, start + part, view[part : part + _PART_BYTES]) for part in parts]
        for _ in ahead(reads, _CONNECTIONS):
            pass
        self.seek(start + len(view))

    def _read_part(self, position: int, view: memoryview) -> None:
        with _Ranges(self._source, self._known) as ranges:
            ranges.seek(position)
            ranges.readinto(view)


class _Ranges(io.RawIOBase):
    """The unbuffered file below a `RangedFile`."""

    mode = 'rb'

    def __init__(self, source: RangeSource, known: list[tuple[int, bytes]]) -> None:
        self.name = source.path
        self._source = source
        self._known = known
        self._position = 0
        self._download = ResumedDownload(source, len(known[0][1]), len(known[0][1]))
        self._window_bytes = _FIRST_WINDOW_BYTES

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        self._require_open()
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        self._require_open()
        bases = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._source.size_bytes}
        if whence not in bases:
            raise io.UnsupportedOperation(f'{self.name!r} has no positions of the kind {whence}.')
        position = bases[whence] + offset
        if position < 0:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL), self.name)
        self._position = position
        return position

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        self._require_open()
        with memoryview(buffer).cast('B') as view:
            count = max(0, min(len(view), self._source.size_bytes - self._position))
            filled = 0
            while filled < count:
                filled += self._fill(view[filled:count], self._position + filled)
        self._position += count  # not before: a failed read is one that did not happen
        return count

    def close(self) -> None:
        self._download.close()
        super().close()

    def _require_open(self) -> None:
        if self.closed:
            raise ValueError(f'{self.name!r} is read after it was closed.')

    def _fill(self, view: memoryview, position: int) -> int:
        """Fill some of `view` with the bytes at `position`; returns how much."""
        for start, piece in self._known:
            if start <= position < start + len(piece):
                content = memoryview(piece)[position - start :][: len(view)]
                view[: len(content)] = content
                return len(content)
        gap = position - self._download.position
        if gap and position >= self._source.size_bytes - _TAIL_BYTES:
            self._fetch_tail()
            return 0
        if 0 <= gap <= _SKIP_BYTES and position < self._download.stop:
            self._download.skip(gap)
        else:
            self._start_download(position, self._next_window(0 <= gap <= _SKIP_BYTES, len(view)))
        view = view[: self._download.stop - position]
        self._download.readinto(view)
        return len(view)

    def _next_window(self, is_near: bool, count: int) -> int:
        """Return how much to ask for in order to read `count` bytes, which are near what was read last or not."""
        if not is_near:
            self._window_bytes = _WINDOW_AFTER_JUMP_BYTES
            return max(count, _BUFFER_BYTES)
        window, self._window_bytes = self._window_bytes, min(2 * self._window_bytes, _LAST_WINDOW_BYTES)
        return max(count, window)

    def _start_download(self, position: int, count: int) -> None:
        self._download.close()
        self._download = ResumedDownload(self._source, position, min(position + count, self._source.size_bytes))

    def _fetch_tail(self) -> None:
        _, head = self._known[0]
        start = max(len(head), self._source.size_bytes - _TAIL_BYTES)
        tail = bytearray(self._source.size_bytes - start)
        ResumedDownload(self._source, start, self._source.size_bytes).readinto(memoryview(tail))
        self._known.append((start, bytes(tail)))
