"""How a finished local file becomes an object: by one request, or in parts, with the condition of the write."""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from gokart.errors import PreconditionError, StorageError
from gokart.storage.condition import require
from gokart.storage.contract import Condition, Version, WriteCondition
from gokart.storage.object_url import ObjectUrl
from gokart.storage.s3.client import Connection
from gokart.storage.s3.labels import metadata_of
from gokart.storage.s3.parts import PartedUpload
from gokart.storage.s3.state import ObjectState, etag_in, state_of, version_of_bytes
from gokart.storage.scratch import ScratchFile

_ACTION = 'written'
_TRIES = 3


@dataclass(frozen=True, slots=True)
class S3Publication:
    """Publishes one local file as the object at `path`; each is used once.

    Args:
        connection: where to write.
        path: the URL as the user gave it.
        url: the URL.
        condition: what must be true of the object that is there.
        token: the mark of this write, by which it knows its own object again.
        metadata: the user metadata, with the token.
    """

    connection: Connection
    path: str
    url: ObjectUrl
    condition: WriteCondition
    token: str
    metadata: Mapping[str, str]

    def __call__(self, file: ScratchFile) -> Version | None:
        """Publish `file`, and return its version if that is known.

        Raises:
            PreconditionError: the condition does not hold.
            StorageError: S3 refuses, or `file` is gone.
        """
        try:
            content = Path(file.path).open('rb')  # noqa: SIM115 (only its opening may fail here)
        except FileNotFoundError as error:
            raise StorageError(
                f'{self.path!r} was not written: somebody removed {file.path!r}, which held what was written so far.'
            ) from error
        with content:
            return self._publish(content)

    def _publish(self, content: BinaryIO) -> Version | None:
        failure: Exception | None = None
        for _ in range(_TRIES):
            try:
                return self._write(content)
            except (PreconditionError, FileNotFoundError) as error:
                published = self._published()
                if published is not None:
                    return published.version_of_bytes
                failure = error
        raise StorageError(f'{self.path!r} was not written: others kept replacing or aborting it.') from failure

    def _write(self, content: BinaryIO) -> Version | None:
        size_bytes = content.seek(0, os.SEEK_END)
        is_long = size_bytes > self.connection.config.part_size_bytes
        conditions = self._conditions(is_long)
        if is_long:
            self._put_in_parts(content, size_bytes, conditions)
            return None
        content.seek(0)
        body = content.read()
        if _is_content(conditions.get('IfMatch'), body):
            self._put_in_parts(content, size_bytes, conditions)
            return None
        return self._put(body, conditions)

    def _conditions(self, is_long: bool) -> dict[str, str]:
        """Return what a request takes for the condition to be checked at the moment of publication."""
        if self.condition is Condition.ANY:
            return {}
        if self.condition is Condition.ABSENT and not is_long:
            return {'IfNoneMatch': '*'}
        etag = etag_in(self.condition)
        if etag is not None:
            return {'IfMatch': etag}
        found = state_of(self.connection, _ACTION, self.path, self.url)
        require(self.condition, found.version if found else None, self.path)
        return {'IfMatch': found.etag} if found else {'IfNoneMatch': '*'}

    def _put_in_parts(self, content: BinaryIO, size_bytes: int, conditions: Mapping[str, str]) -> None:
        with PartedUpload(self.connection, self.path, self.url, self.metadata) as upload:
            upload.complete(upload.send(content, size_bytes), conditions)

    def _put(self, body: bytes, conditions: Mapping[str, str]) -> Version:
        answer = self.connection.call(
            _ACTION,
            self.path,
            lambda client: client.put_object(
                Bucket=self.url.bucket, Key=self.url.key, Body=body, Metadata=self.metadata, **conditions
            ),
        )
        if 'ETag' not in answer:
            raise self.connection.explanation(_ACTION, self.path).no_s3()
        return version_of_bytes(answer['ETag'])

    def _published(self) -> ObjectState | None:
        """Return the object if it is there although a request failed, since the answer to an earlier one was lost.

        Raises:
            PreconditionError: somebody else was quicker.
        """
        found = state_of(self.connection, _ACTION, self.path, self.url)
        if found is not None and found.token == self.token:
            return found
        by_bytes = etag_in(self.condition) is not None
        version = None if found is None else found.version_of_bytes if by_bytes else found.version
        require(self.condition, version, self.path)
        return None


def _is_content(etag: str | None, body: bytes) -> bool:
    """Whether an object that is written with `body` by one request has `etag`.

    Where a swap replaces equal bytes, its condition would hold again for the next one. In parts, the tag is another.
    """
    return etag is not None and etag.strip('"') == hashlib.md5(body, usedforsecurity=False).hexdigest()


def publication(
    connection: Connection, path: str, url: ObjectUrl, condition: WriteCondition, labels: Mapping[str, str]
) -> S3Publication:
    """Return the publication of an object with `labels`.

    Raises:
        LabelsTooLargeError: the labels take too much.
    """
    token = uuid.uuid4().hex
    return S3Publication(connection, path, url, condition, token, metadata_of(labels, token, path))
