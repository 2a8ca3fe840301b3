"""URLs of objects in buckets: ``scheme://bucket/key``, with keys as they stand, without any escapes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gokart.errors import StorageError

LONGEST_KEY_BYTES = 1024
"""What S3 and Google Cloud Storage take."""


@dataclass(frozen=True, slots=True)
class ObjectUrl:
    """The parts of a URL; `key` is empty for a whole bucket."""

    scheme: str
    bucket: str
    key: str

    def with_key(self, key: str) -> str:
        """Return the URL of another object of the bucket."""
        return f'{self.scheme}://{self.bucket}/{key}'


def parse_object(path: str) -> ObjectUrl:
    """Take the URL of an object apart.

    Raises:
        StorageError: it is none.
    """
    url = _parse(path)
    if not url.key or url.key.endswith('/'):
        raise StorageError(f'{path!r} is no path of an object: it must look like {url.scheme}://bucket/directory/name.')
    return url


def parse_cloud_object(path: str) -> ObjectUrl:
    """Take the URL of an object on S3 or Google Cloud Storage apart.

    Raises:
        StorageError: it is none, or its key is not one that they take.
    """
    url = parse_object(path)
    try:
        size_bytes = len(url.key.encode())
    except UnicodeEncodeError as error:
        raise StorageError(f'{path!r} is no path of an object: its name is no valid text.') from error
    if size_bytes > LONGEST_KEY_BYTES:
        raise StorageError(
            f'{path!r} is too long: its key has {size_bytes} bytes in UTF-8, and may have {LONGEST_KEY_BYTES}. Shorten '
            'workspace_directory or the name.'
        )
    return url


def parse_directory(path: str) -> ObjectUrl:
    """Take the URL of a directory apart: its key is empty, or ends in one slash.

    Raises:
        StorageError: it is none.
    """
    url = _parse(path)
    directory = url.key.rstrip('/')
    return ObjectUrl(url.scheme, url.bucket, f'{directory}/' if directory else '')


def by_bucket(urls: Mapping[str, ObjectUrl]) -> list[dict[str, ObjectUrl]]:
    """Group URLs by their buckets; each has the path that it was parsed from as its key."""
    grouped: dict[str, dict[str, ObjectUrl]] = {}
    for path, url in urls.items():
        grouped.setdefault(url.bucket, {})[path] = url
    return list(grouped.values())


def _parse(path: str) -> ObjectUrl:
    scheme, _, rest = path.partition('://')
    bucket, _, key = rest.partition('/')
    if not bucket:
        raise StorageError(f'{path!r} names no bucket: it must look like {scheme}://bucket/directory/name.')
    return ObjectUrl(scheme.lower(), bucket, key)
