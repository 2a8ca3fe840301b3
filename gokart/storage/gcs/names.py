"""Which names buckets and objects of Google Cloud Storage may have.

See https://cloud.google.com/storage/docs/objects#naming and https://cloud.google.com/storage/docs/buckets#naming.
"""

from __future__ import annotations

import re

from gokart.errors import StorageError
from gokart.storage.object_url import ObjectUrl, parse_cloud_object, parse_directory

_BUCKET = re.compile(r'[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]')


def object_at(path: str) -> ObjectUrl:
    """Take the URL of an object apart.

    Raises:
        StorageError: there can be no such object.
    """
    url = parse_cloud_object(path)
    _check_bucket(url, path)
    if url.key in ('.', '..') or '\r' in url.key or '\n' in url.key:
        raise StorageError(f'{path!r} is no path of an object: a name is not "." or "..", and has no line breaks.')
    return url


def directory_at(path: str) -> ObjectUrl:
    """Take the URL of a directory apart.

    Raises:
        StorageError: there can be no such directory.
    """
    url = parse_directory(path)
    _check_bucket(url, path)
    return url


def _check_bucket(url: ObjectUrl, path: str) -> None:
    if not _BUCKET.fullmatch(url.bucket):
        raise StorageError(
            f'{url.bucket!r} in {path!r} is no name of a bucket: that has 3 to 222 lower case letters, digits, dashes, '
            'underscores and dots, and begins and ends with a letter or digit.'
        )
