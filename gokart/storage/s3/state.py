"""What is asked of one object without reading it: size, time, version and labels, by one request for its headers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from gokart.storage.contract import ObjectStat, Version, WriteCondition
from gokart.storage.object_url import ObjectUrl
from gokart.storage.s3.client import Connection
from gokart.storage.s3.failures import status_of
from gokart.storage.s3.labels import TOKEN

_WITHOUT_REASON = {400, 403}
_BYTES = 'bytes-'


@dataclass(frozen=True, slots=True)
class ObjectState:
    """What the headers of an object tell.

    Attributes:
        etag: what S3 calls the content; equal bytes may have equal ones.
        metadata: the user metadata, names in lower case.
    """

    etag: str
    size_bytes: int
    modified: datetime
    metadata: Mapping[str, str]

    @property
    def token(self) -> str | None:
        """The mark of the write, if it was one of ours."""
        return self.metadata.get(TOKEN)

    @property
    def version(self) -> Version:
        """The version of the object; the time tells it from a copy that others put back, with its metadata."""
        content = self.etag.strip('"')
        return Version(f'{content}-{self.token or "foreign"}-{self.modified:%Y%m%dT%H%M%SZ}')

    @property
    def version_of_bytes(self) -> Version:
        """What the bytes of the object are called."""
        return version_of_bytes(self.etag)

    def stat(self, path: str) -> ObjectStat:
        """Return it in the words of the contract."""
        return ObjectStat(path, self.size_bytes, self.modified, self.version)


def version_of_bytes(etag: str) -> Version:
    """Return the version of whatever object has `etag`; `etag_in` finds it there again."""
    return Version(f'{_BYTES}{etag}')


def etag_in(condition: WriteCondition) -> str | None:
    """Return the etag that `condition` is about alone; None if it is about anything else."""
    if isinstance(condition, str) and condition.startswith(_BYTES):
        return condition.removeprefix(_BYTES)
    return None


def state_of(connection: Connection, action: str, path: str, url: ObjectUrl) -> ObjectState | None:
    """Return the state of the object at `url`; None if there is none.

    Args:
        connection: where to ask.
        action: what is done to the object, for messages.
        path: the URL as the user gave it.
        url: the URL.

    Raises:
        StorageError: S3 does not tell.
    """

    def request(client: Any) -> ObjectState | None:
        try:
            answer = client.head_object(Bucket=url.bucket, Key=url.key)
        except client.exceptions.ClientError as error:
            if status_of(error) == 404:
                return None
            if status_of(error) in _WITHOUT_REASON:
                _ask_why(client, url)
            raise
        if 'ETag' not in answer:
            raise connection.explanation(action, path).no_s3()
        modified = in_seconds(answer['LastModified'])
        return ObjectState(answer['ETag'], answer['ContentLength'], modified, answer.get('Metadata', {}))

    return connection.call(action, path, request)


def in_seconds(time: datetime) -> datetime:
    """Return `time` in UTC to the second: listings of some servers know more than headers can tell."""
    return time.astimezone(timezone.utc).replace(microsecond=0)


def _ask_why(client: Any, url: ObjectUrl) -> None:
    """Raise the error that says more: the answer to a request for headers has no body."""
    client.get_object(Bucket=url.bucket, Key=url.key, Range='bytes=0-0')['Body'].close()
