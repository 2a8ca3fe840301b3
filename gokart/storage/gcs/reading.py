"""Objects of Google Cloud Storage being read in ranges, as the bytes that are stored.

What somebody stored with ``Content-Encoding: gzip`` is not decompressed: only so do its size and its ranges hold, see
https://cloud.google.com/storage/docs/transcoding.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gokart.storage.common_errors import changed
from gokart.storage.gcs.client import GCSClient, require
from gokart.storage.gcs.errors import Action, Deed, ForeignAnswerError, explain, is_missing
from gokart.storage.object_url import ObjectUrl
from gokart.storage.ranged import HEAD_BYTES
from gokart.storage.retries import BrokenOffError, RetryPolicy

if TYPE_CHECKING:
    from requests import Response

_CONTENT_RANGE = re.compile(r'bytes (?:(\d+)-(\d+)|\*)/(\d+)')
_MD5 = re.compile(r'md5=([^,\s]+)')


@dataclass(frozen=True, slots=True)
class Head:
    """The first bytes of an object, and what came with them.

    Attributes:
        content: `HEAD_BYTES`, or all of a smaller object.
        size_bytes: size of the whole object.
        generation: its version; None if the server does not tell, as some emulators do not.
    """

    content: bytes
    size_bytes: int
    generation: str | None


class GCSDownload:
    """The answer to a request for a range of bytes, being received."""

    def __init__(self, response: Response) -> None:
        self._response = response

    def readinto(self, buffer: memoryview, /) -> int:
        """Receive at most ``len(buffer)`` bytes; 0 means that the range ended."""
        try:
            content = self._response.raw.read(len(buffer), decode_content=False)
        except Exception as error:  # what the layers below requests raise
            raise BrokenOffError(f'the download broke off: {error}') from error
        buffer[: len(content)] = content
        return len(content)

    def read(self, size_bytes: int) -> bytes:
        """Receive exactly `size_bytes`."""
        content = bytearray(size_bytes)
        received = 0
        with memoryview(content) as view:
            while received < size_bytes:
                count = self.readinto(view[received:])
                if not count:
                    raise BrokenOffError(f'the download ended after {received} of {size_bytes} bytes')
                received += count
        return bytes(content)

    def close(self) -> None:
        """Give the connection back, or drop it if there is more to receive."""
        self._response.close()


class GCSObject:
    """One generation of one object, a `RangeSource`."""

    def __init__(self, url: ObjectUrl, path: str, head: Head, client: Callable[[], GCSClient]) -> None:
        self.path = path
        self.size_bytes = head.size_bytes
        self._url = url
        self._generation = head.generation
        self._client = client
        self.retries: RetryPolicy = client().retries

    def download(self, start: int, stop: int) -> GCSDownload:
        """Ask for the bytes from `start` up to, not including, `stop`: one request, not tried again.

        Raises:
            ObjectChangedError: the object has another version by now, or is gone.
        """
        try:
            response = _get(self._client(), self._url, start, stop, self._generation)
        except Exception as error:
            if is_missing(error):
                raise changed(self.path) from error
            raise
        if _told_generation(response) not in (None, self._generation):
            response.close()
            raise changed(self.path)
        if start and response.status_code != 206:
            response.close()
            raise BrokenOffError('the server sent the whole object where a range was asked for')
        return GCSDownload(response)

    def explain(self, error: Exception) -> Exception:
        """Return the error of ours for one of the client library, with path, action and cure."""
        return explain(error, Deed(Action.READ, self.path), self._client().endpoint)


def fetch_head(client: GCSClient, url: ObjectUrl, generation: str | None = None) -> Head:
    """Read the first bytes of an object in one request, of `generation` if that is given."""
    response = _get(client, url, 0, HEAD_BYTES, generation)
    try:
        _require_storage(response)
        size_bytes = _size(response)
        content = GCSDownload(response).read(min(size_bytes, HEAD_BYTES) if response.status_code != 416 else 0)
        if len(content) == size_bytes:
            _verify(content, response)
        return Head(content, size_bytes, _told_generation(response) or generation)
    finally:
        response.close()


def _get(client: GCSClient, url: ObjectUrl, start: int, stop: int, generation: str | None) -> Response:
    params = {'alt': 'media', **({'generation': generation} if generation else {})}
    # Without gzip here the server would decompress what is stored compressed.
    headers = {'Range': f'bytes={start}-{stop - 1}', 'Accept-Encoding': 'gzip'}
    response = client.ask('GET', client.url_of(url, '/download'), params, headers)
    if response.status_code != 416 or _size(response):  # an empty object has no first byte
        require(response, 200, 206)
    return response


def _require_storage(response: Response) -> None:
    """Check that no other web server has answered, with a page of its own and no regard to the range."""
    if response.status_code == 200 and not any(name.lower().startswith('x-goog-') for name in response.headers):
        raise ForeignAnswerError('no object')


def _size(response: Response) -> int:
    """Return the size of the whole object."""
    told = _CONTENT_RANGE.fullmatch(response.headers.get('Content-Range', '').strip())
    if told:
        return int(told.group(3))
    if response.status_code == 416:
        return -1
    stored = response.headers.get('x-goog-stored-content-length') or response.headers.get('Content-Length')
    if stored is None:
        raise BrokenOffError('the server does not say how long the object is')
    return int(stored)


def _told_generation(response: Response) -> str | None:
    return response.headers.get('x-goog-generation')


def _verify(content: bytes, response: Response) -> None:
    told = _MD5.search(response.headers.get('x-goog-hash', ''))
    if told is None:
        return  # a composed object has none
    digest = hashlib.md5(content, usedforsecurity=False).digest()
    if base64.b64decode(told.group(1)) != digest:
        raise BrokenOffError('the bytes that came have another checksum than the object')
