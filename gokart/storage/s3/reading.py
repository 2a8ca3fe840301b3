"""Reading of objects of S3 in ranges, each request pinned to the version that was opened."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gokart.errors import StorageError
from gokart.storage.common_errors import changed
from gokart.storage.object_url import ObjectUrl
from gokart.storage.ranged import HEAD_BYTES
from gokart.storage.retries import RetryPolicy
from gokart.storage.s3.client import Connection
from gokart.storage.s3.failures import code_of, status_of

_ACTION = 'read'
_CONTENT_RANGE = re.compile(r'bytes (\d+)-\d+/(\d+)')


class S3Download:
    """The answer to one request for a range of bytes, being received."""

    def __init__(self, body: Any) -> None:
        self._body = body

    def readinto(self, buffer: memoryview, /) -> int:
        """Receive at most ``len(buffer)`` bytes; 0 means that the range ended.

        Raises:
            Exception: what botocore raises when the answer breaks off.
        """
        data = self._body.read(len(buffer))  # older ones have no readinto, and newer ones do the same in it
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Give the connection back, or drop it if there is more to receive."""
        self._body.close()


@dataclass(frozen=True, slots=True)
class S3Source:
    """One version of one object.

    Attributes:
        etag: what S3 calls the content; equal bytes may have equal ones.
    """

    path: str
    size_bytes: int
    retries: RetryPolicy
    url: ObjectUrl
    etag: str
    connection: Connection

    def download(self, start: int, stop: int) -> S3Download:
        """Ask for the bytes from `start` up to, not including, `stop`: one request, not tried again.

        Raises:
            ObjectChangedError: the object has another version by now, or is gone.
            StorageError: the server knows no ranges.
            Exception: what botocore raises.
        """

        def request(client: Any) -> Mapping[str, Any]:
            try:
                return client.get_object(  # type: ignore[no-any-return]
                    Bucket=self.url.bucket, Key=self.url.key, Range=f'bytes={start}-{stop - 1}', IfMatch=self.etag
                )
            except client.exceptions.ClientError as error:
                if code_of(error) != 'NoSuchBucket' and status_of(error) in (404, 412, 416):
                    raise changed(self.path) from error
                raise

        answer = self.connection.once(request)
        if _range_of(answer, self.path)[0] != start:
            raise _without_ranges(answer, self.path)
        return S3Download(answer['Body'])

    def explain(self, error: Exception) -> Exception:
        """Return the error of ours for one of botocore, with path, action and cure; any other as it is."""
        return self.connection.explain(error, _ACTION, self.path)


def open_source(connection: Connection, path: str, url: ObjectUrl) -> tuple[S3Source, bytes]:
    """Return the object as it is now, and its first `HEAD_BYTES`; one request.

    Raises:
        FileNotFoundError: there is no object.
        StorageError: it cannot be read.
    """

    def request(client: Any) -> tuple[S3Source, bytes]:
        try:
            answer = client.get_object(Bucket=url.bucket, Key=url.key, Range=f'bytes=0-{HEAD_BYTES - 1}')
        except client.exceptions.ClientError as error:
            if status_of(error) != 416:  # an empty object has no first byte
                raise
            return S3Source(path, 0, connection.retries, url, '', connection), b''
        with contextlib.closing(answer['Body']) as body:
            if 'ETag' not in answer:
                raise connection.explanation(_ACTION, path).no_s3()
            _, size_bytes = _range_of(answer, path)
            return S3Source(path, size_bytes, connection.retries, url, answer['ETag'], connection), body.read()

    return connection.call(_ACTION, path, request)


def _range_of(answer: Mapping[str, Any], path: str) -> tuple[int, int]:
    """Return where the bytes of an answer begin, and the size of the whole object."""
    found = _CONTENT_RANGE.fullmatch(answer.get('ContentRange', ''))
    if found:
        return int(found[1]), int(found[2])
    size_bytes = int(answer['ContentLength'])
    if size_bytes > HEAD_BYTES:
        raise _without_ranges(answer, path)
    return 0, size_bytes


def _without_ranges(answer: Mapping[str, Any], path: str) -> StorageError:
    answer['Body'].close()
    return StorageError(
        f'{path!r} cannot be read: it is larger than {HEAD_BYTES} bytes, and its server knows no ranges.'
    )
