"""Removal of many objects by few requests."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from gokart.errors import PreconditionError
from gokart.storage.object_url import ObjectUrl
from gokart.storage.retries import Failure
from gokart.storage.s3.client import Connection
from gokart.storage.s3.failures import classify, code_of

MOST_KEYS = 1000

_ACTION = 'removed'
_UNKNOWN_TO_XML = re.compile('[\x00-\x1f\x7f\ufffe\uffff]')


def remove_keys(connection: Connection, url: ObjectUrl, keys: Sequence[str]) -> None:
    """Remove the objects with `keys`, at most `MOST_KEYS`, in the bucket of `url`, as far as there are any.

    Raises:
        StorageError: one of them cannot be removed; the others are.
    """
    left = [key for key in keys if not _UNKNOWN_TO_XML.search(key)]

    def request(client: Any) -> list[tuple[str, Exception]]:
        answer = client.delete_objects(
            Bucket=url.bucket, Delete={'Objects': [{'Key': key} for key in left], 'Quiet': True}
        )
        failures = [(error['Key'], _as_answer(client, error)) for error in answer.get('Errors', ())]
        left[:] = [key for key, error in failures if classify(error) is Failure.PASSING]
        if left:
            raise next(error for key, error in failures if key == left[0])
        return failures

    for key, error in connection.call(_ACTION, url.with_key(left[0]), request) if left else ():
        if code_of(error) != 'NoSuchKey':
            raise connection.explain(error, _ACTION, url.with_key(key)) from error
    for key in filter(_UNKNOWN_TO_XML.search, keys):
        remove_key(connection, url.with_key(key), replace(url, key=key))


def remove_key(connection: Connection, path: str, url: ObjectUrl) -> None:
    """Remove one object, or do nothing if there is none.

    Raises:
        StorageError: it cannot be removed.
    """
    connection.call(_ACTION, path, lambda client: client.delete_object(Bucket=url.bucket, Key=url.key))


def remove_etag(connection: Connection, path: str, url: ObjectUrl, etag: str) -> None:
    """Remove the object if its content still is called `etag`.

    Raises:
        PreconditionError: it is another one, or there is none.
    """
    tries = 0

    def request(client: Any) -> None:
        nonlocal tries
        tries += 1
        try:
            client.delete_object(Bucket=url.bucket, Key=url.key, IfMatch=etag)
        except client.exceptions.ClientError as error:
            if code_of(error) != 'NoSuchKey':
                raise
            if tries == 1:  # a removal whose answer was lost lets its own repetition fail
                raise PreconditionError(f'{path!r} was removed by somebody else.') from error

    connection.call(_ACTION, path, request)


def _as_answer(client: Any, error: dict[str, str]) -> Exception:
    """Return the exception that boto3 would have raised if the key had been asked for alone."""
    status = 403 if error.get('Code') == 'AccessDenied' else 400
    response = {'Error': error, 'ResponseMetadata': {'HTTPStatusCode': status}}
    answer: Exception = client.exceptions.ClientError(response, 'DeleteObject')
    return answer
