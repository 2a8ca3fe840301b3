"""Objects of Google Cloud Storage being written: small ones in one request, larger ones in parts.

Whatever happens, one request decides: the only one, or that of the last part. Nothing is visible before.
See https://cloud.google.com/storage/docs/uploading-objects.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gokart.storage.contract import Condition, Version, WriteCondition
from gokart.storage.gcs.client import GCSClient
from gokart.storage.gcs.errors import ForeignAnswerError, is_failed_condition, is_missing
from gokart.storage.gcs.labels import TOKEN, with_token
from gokart.storage.gcs.objects import look_at
from gokart.storage.gcs.resumable import LostSessionError, PartsUpload
from gokart.storage.object_url import ObjectUrl
from gokart.storage.retries import Failure, RetryPolicy

if TYPE_CHECKING:
    from requests import Response

_MEDIA_TYPE = 'application/octet-stream'
_JSON_TYPE = 'application/json; charset=UTF-8'
_SESSIONS = 3


class Upload:
    """One object to be written.

    Args:
        client: the client of this process.
        url: of the object.
        file: path of the local file that holds its bytes.
        condition: what must be true of the object at publication.
        labels: metadata of the object.
    """

    def __init__(
        self, client: GCSClient, url: ObjectUrl, file: str, condition: WriteCondition, labels: Mapping[str, str]
    ) -> None:
        self._client = client
        self._url = url
        self._file = file
        self._size_bytes = os.path.getsize(file)
        self._metadata = dict(labels)
        self._conditions: dict[str, str] = {}
        self._token = uuid.uuid4().hex
        self._may_be_written = False
        if condition is not Condition.ANY:
            self._conditions['ifGenerationMatch'] = '0' if condition is Condition.ABSENT else str(condition)
            # Where there is no room for the token, a write whose answer was lost counts as failed.
            self._metadata = with_token(labels, self._token)

    def run(self) -> Version | None:
        """Write the object, and return its generation if the service has told it.

        Raises:
            Exception: what the client library raises, after all retries.
        """
        try:
            if self._size_bytes <= self._client.config.part_size_bytes:
                return self._client.retries.call(self._send_whole)
            RetryPolicy(_classify_session, retries=_SESSIONS).call(self._send_in_parts)
        except Exception as error:
            # A write whose answer was lost lets its own repetition fail.
            if not (is_failed_condition(error) and self._may_be_written):
                raise
            published = self._published()
            if published is None:
                raise
            return published
        return None

    def _published(self) -> Version | None:
        """Return the generation of the object if it is the one that was to be written."""
        try:
            found = self._client.retries.call(lambda: look_at(self._client, self._url))
        except Exception as error:
            if is_missing(error):
                return None
            raise
        return Version(found.generation) if found.metadata.get(TOKEN) == self._token else None

    def _send_whole(self) -> Version | None:
        with open(self._file, 'rb') as file:  # noqa: PTH123
            content = file.read()
        digest = base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()
        boundary = uuid.uuid4().hex
        head = f'--{boundary}\r\nContent-Type: {_JSON_TYPE}\r\n\r\n{self._describe(md5Hash=digest)}\r\n'
        head += f'--{boundary}\r\nContent-Type: {_MEDIA_TYPE}\r\n\r\n'
        body = b''.join((head.encode(), content, f'\r\n--{boundary}--\r\n'.encode()))
        headers = {'Content-Type': f'multipart/related; boundary={boundary}'}
        response = self._decide(
            'POST', self._client.url_of_bucket(self._url, '/upload'), self._query('multipart'), headers, body
        )
        answer = self._client.finish(response, 200)
        if 'json' not in response.headers.get('Content-Type', ''):
            raise ForeignAnswerError('no answer to an upload')
        return _generation_in(answer)

    def _send_in_parts(self) -> None:
        session = self._client.retries.call(self._start_session)
        with open(self._file, 'rb') as file:  # noqa: PTH123
            PartsUpload(self._client, session, file, self._size_bytes, self._decide).run()

    def _start_session(self) -> str:
        headers = {
            'Content-Type': _JSON_TYPE,
            'X-Upload-Content-Type': _MEDIA_TYPE,
            'X-Upload-Content-Length': str(self._size_bytes),
        }
        url = self._client.url_of_bucket(self._url, '/upload')
        response = self._client.ask('POST', url, self._query('resumable'), headers, self._describe().encode())
        self._client.finish(response, 200)
        return str(response.headers['Location'])

    def _decide(self, *request: Any) -> Response:
        """Make a request that may publish the object."""
        status = None
        try:
            response = self._client.ask(*request)
            status = response.status_code
        finally:
            self._may_be_written |= status is None or status >= 500
        return response

    def _describe(self, **fields: str) -> str:
        metadata = {'metadata': self._metadata} if self._metadata else {}
        return json.dumps({'name': self._url.key, 'contentType': _MEDIA_TYPE, **metadata, **fields})

    def _query(self, kind: str) -> dict[str, str]:
        return {'uploadType': kind, **self._conditions}


def _generation_in(answer: bytes) -> Version | None:
    try:
        return Version(str(json.loads(answer)['generation']))
    except (ValueError, KeyError, TypeError):  # the status says that the object is there
        return None


def _classify_session(error: BaseException) -> Failure:
    return Failure.PASSING if isinstance(error, LostSessionError) else Failure.FINAL
