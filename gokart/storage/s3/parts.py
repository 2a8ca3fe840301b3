"""An upload in parts: the parts go side by side, and whatever happens, the upload is completed or aborted."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from concurrent.futures import CancelledError, ThreadPoolExecutor, as_completed
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import Any, BinaryIO

from gokart.errors import PreconditionError, StorageError
from gokart.storage.object_url import ObjectUrl
from gokart.storage.s3.client import Connection
from gokart.storage.s3.leftovers import Span, abort, abort_others
from gokart.storage.s3.unfinished import Note, UnfinishedUpload

logger = logging.getLogger(__name__)

_ACTION = 'written'
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
_MOST_PARTS = 10_000
_MEBIBYTE = 1 << 20
_IN_MEMORY_BYTES = 64 * _MEBIBYTE
_CLOCK_SECONDS = timedelta(seconds=2)  # servers tell times to the second


class PartedUpload:
    """An upload in parts, begun by `__enter__`; leaving the ``with`` block by an exception aborts it.

    Args:
        connection: where to write.
        path: the URL as the user gave it.
        url: the URL.
        metadata: user metadata of the object.
    """

    def __init__(self, connection: Connection, path: str, url: ObjectUrl, metadata: Mapping[str, str]) -> None:
        self._connection = connection
        self._path = path
        self._url = url
        self._metadata = metadata
        self._stopped = threading.Event()
        self._reading = threading.Lock()
        self._lost: Span | None = None

    def __enter__(self) -> PartedUpload:
        self._id = self._begin()
        self._note = Note(UnfinishedUpload(self._connection.endpoint, self._url.bucket, self._url.key, self._id))
        return self

    def __exit__(self, kind: type[BaseException] | None, *exc_info: object) -> None:
        if kind is not None:
            self._abort()
        self._note.remove()
        if kind is None or issubclass(kind, (PreconditionError, FileNotFoundError)):
            abort_others(self._connection, self._path, self._url, self._lost)

    def send(self, content: BinaryIO, size_bytes: int) -> list[dict[str, Any]]:
        """Send all parts; returns what `complete` takes.

        Args:
            content: an open file; no more than 64 MiB of it are in memory, or one part.
            size_bytes: its size.
        """
        part_bytes = _part_bytes(size_bytes, self._connection.config.part_size_bytes)
        starts = range(0, max(1, size_bytes), part_bytes)
        threads = min(self._connection.config.pool_size, len(starts), max(1, _IN_MEMORY_BYTES // part_bytes))
        with ThreadPoolExecutor(threads, 'gokart-upload') as pool:
            parts = [
                pool.submit(self._send_part, number, content, start, part_bytes)
                for number, start in enumerate(starts, start=1)
            ]
            try:
                for part in as_completed(parts):
                    part.result()
            except BaseException:
                self._stopped.set()
                pool.shutdown(wait=True, cancel_futures=True)  # parts that arrive after an abort would stay
                raise
        return [part.result() for part in parts]

    def complete(self, parts: list[dict[str, Any]], conditions: Mapping[str, str]) -> None:
        """Let the object appear.

        Args:
            parts: what `send` returned.
            conditions: what is true of the object that is there, in the words of boto3.

        Raises:
            PreconditionError: the conditions do not hold.
            FileNotFoundError: the upload is gone; it may have been completed by a request whose answer was lost.
        """
        self._connection.call(
            _ACTION,
            self._path,
            lambda client: client.complete_multipart_upload(
                **self._names(), MultipartUpload={'Parts': parts}, **conditions
            ),
        )

    def _begin(self) -> str:
        times = []

        def request(client: Any) -> Mapping[str, Any]:
            times.append(time.monotonic())
            # Parts must have the checksum that was announced, and boto3 adds one to them if it may.
            checks = getattr(client.meta.config, 'request_checksum_calculation', None) == 'when_supported'
            return client.create_multipart_upload(  # type: ignore[no-any-return]
                Bucket=self._url.bucket,
                Key=self._url.key,
                Metadata=self._metadata,
                **({'ChecksumAlgorithm': 'CRC32'} if checks else {}),
            )

        answer = self._connection.call(_ACTION, self._path, request)
        if len(times) > 1:
            now = _date_of(answer)
            passed = timedelta(seconds=time.monotonic() - times[0])
            self._lost = Span(now - passed - _CLOCK_SECONDS, now + _CLOCK_SECONDS)
        return str(answer['UploadId'])

    def _send_part(self, number: int, content: BinaryIO, start: int, size_bytes: int) -> dict[str, Any]:
        with self._reading:
            content.seek(start)
            data = content.read(size_bytes)

        def request(client: Any) -> Mapping[str, Any]:
            if self._stopped.is_set():
                raise CancelledError
            return client.upload_part(**self._names(), PartNumber=number, Body=data)  # type: ignore[no-any-return]

        answer = self._connection.call(_ACTION, self._path, request)
        checksums = {name: value for name, value in answer.items() if name.startswith('Checksum')}
        return {'PartNumber': number, 'ETag': answer['ETag'], **checksums}

    def _abort(self) -> None:
        try:
            abort(self._connection, self._path, self._url, self._id)
        except StorageError as error:
            logger.warning('an unfinished upload is left, and the next process will try to abort it: %s', error)
            self._note.leave()

    def _names(self) -> dict[str, str]:
        return {'Bucket': self._url.bucket, 'Key': self._url.key, 'UploadId': self._id}


def _part_bytes(size_bytes: int, wanted_bytes: int) -> int:
    """Return the size of the parts: as wanted, or in whole mebibytes what keeps their number in the limits of S3."""
    smallest = -(-size_bytes // _MOST_PARTS)
    return max(wanted_bytes, -(-smallest // _MEBIBYTE) * _MEBIBYTE)


def _date_of(answer: Mapping[str, Any]) -> datetime:
    try:
        date = parsedate_to_datetime(answer['ResponseMetadata']['HTTPHeaders']['date'])
    except (KeyError, TypeError, ValueError):
        return datetime.now(timezone.utc)
    return date if date.tzinfo else date.replace(tzinfo=timezone.utc)
