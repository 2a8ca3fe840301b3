"""Uploads in parts that nobody will finish, found and aborted: of dead processes, old ones, and lost beginnings."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from gokart.storage.object_url import ObjectUrl
from gokart.storage.s3.client import Connection
from gokart.storage.s3.failures import code_of
from gokart.storage.s3.unfinished import abandoned_uploads, forget

logger = logging.getLogger(__name__)

_ACTION = 'cleared of unfinished uploads'
_ABANDONED_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """When something happened, by the clock of the server."""

    earliest: datetime
    latest: datetime


def abort(connection: Connection, path: str, url: ObjectUrl, upload_id: str) -> None:
    """Abort an upload; one that is gone is fine.

    Raises:
        StorageError: S3 refuses.
    """

    def request(client: Any) -> None:
        try:
            client.abort_multipart_upload(Bucket=url.bucket, Key=url.key, UploadId=upload_id)
        except client.exceptions.ClientError as error:
            if code_of(error) not in ('NoSuchUpload', 'NoSuchBucket', 'NoSuchKey'):
                raise

    connection.call(_ACTION, path, request)


def abort_of_dead_processes(connection: Connection) -> None:
    """Abort the uploads that processes on this machine have left when they were killed."""
    for upload, note in abandoned_uploads(connection.endpoint):
        url = ObjectUrl('s3', upload.bucket, upload.key)
        try:
            abort(connection, url.with_key(url.key), url, upload.upload_id)
            forget(note)
        except OSError as error:
            logger.debug('left an unfinished upload: %s', error)


def abort_others(connection: Connection, path: str, url: ObjectUrl, lost: Span | None) -> None:
    """Abort uploads of this very key that were begun over a day ago, or by a request of ours whose answer was lost.

    Args:
        connection: where to look.
        path: the URL as the user gave it.
        url: the URL.
        lost: when beginnings may have been lost; None if none was. Other processes may have begun one then, too, and
            have sent parts by now.
    """
    try:
        for upload_id in _others(connection, path, url, lost):
            abort(connection, path, url, upload_id)
    except OSError as error:  # many may write and not list uploads
        logger.debug('did not look for unfinished uploads: %s', error)


def _others(connection: Connection, path: str, url: ObjectUrl, lost: Span | None) -> Iterator[str]:
    too_old = datetime.now(timezone.utc) - _ABANDONED_AFTER
    found = connection.call(
        _ACTION, path, lambda client: client.list_multipart_uploads(Bucket=url.bucket, Prefix=url.key)
    )
    for upload in found.get('Uploads', ()):
        if upload['Key'] != url.key:
            continue
        is_lost = lost is not None and lost.earliest <= upload['Initiated'] <= lost.latest
        if upload['Initiated'] < too_old or (is_lost and not _has_parts(connection, path, url, upload['UploadId'])):
            yield upload['UploadId']


def _has_parts(connection: Connection, path: str, url: ObjectUrl, upload_id: str) -> bool:
    found = connection.call(
        _ACTION,
        path,
        lambda client: client.list_parts(Bucket=url.bucket, Key=url.key, UploadId=upload_id, MaxParts=1),
    )
    return bool(found.get('Parts'))
