"""Listings of a bucket, page by page, in the order of the keys."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

from gokart.errors import AccessDeniedError
from gokart.storage.contract import ObjectEntry
from gokart.storage.key_scan import KeyPage
from gokart.storage.object_url import LONGEST_KEY_BYTES, ObjectUrl
from gokart.storage.s3.client import Connection
from gokart.storage.s3.state import in_seconds

_ACTION = 'listed'
_LAST_CHARACTER = '\U0010ffff'


def entries(connection: Connection, directory: str, url: ObjectUrl) -> Iterator[ObjectEntry]:
    """Yield the objects whose keys begin with the key of `url`, in order; one request for a thousand.

    Keys that end in a slash, by which some programs mark directories, are left out.
    """
    position: dict[str, str] = {}
    while True:
        page = _page(connection, _ACTION, directory, Bucket=url.bucket, Prefix=url.key, **position)
        for found in page.get('Contents', ()):
            if not found['Key'].endswith('/'):
                yield ObjectEntry(url.with_key(found['Key']), found['Size'], in_seconds(found['LastModified']))
        if not page.get('IsTruncated'):
            return
        position = {'ContinuationToken': page['NextContinuationToken']}


def keys_from(connection: Connection, url: ObjectUrl, prefix: str, start: str) -> KeyPage:
    """Return the first page of the keys of the bucket that begin with `prefix` and are not less than `start`."""
    options = {'StartAfter': _just_before(start)} if start > prefix else {}
    page = _page(connection, _ACTION, url.with_key(prefix), Bucket=url.bucket, Prefix=prefix, **options)
    keys = [found['Key'] for found in page.get('Contents', ()) if found['Key'] >= start]
    return KeyPage(keys, not page.get('IsTruncated'))


def require_bucket(connection: Connection, action: str, path: str, url: ObjectUrl) -> None:
    """Look whether the bucket of `url` is there, as far as that may be asked.

    Raises:
        BucketNotFoundError: it is not.
    """
    # To ask for its headers takes the same permission, and the answer could not tell a server that is no S3.
    with contextlib.suppress(AccessDeniedError):
        _page(connection, action, path, Bucket=url.bucket, MaxKeys=1)


def _page(connection: Connection, action: str, path: str, **request: Any) -> Mapping[str, Any]:
    page: Mapping[str, Any] = connection.call(action, path, lambda client: client.list_objects_v2(**request))
    if not page.keys() & {'Name', 'KeyCount', 'Contents'}:
        raise connection.explanation(action, path).no_s3()
    return page


def _just_before(key: str) -> str:
    """Return a text that is less than `key`, with hardly any keys between: S3 lists what is greater than it."""
    if key.endswith('\0'):
        return key[:-1]
    last = ord(key[-1]) - 1
    before = key[:-1] + chr(0xD7FF if 0xD800 <= last <= 0xDFFF else last)
    longest = before + _LAST_CHARACTER
    return longest if len(longest.encode()) <= LONGEST_KEY_BYTES else before
