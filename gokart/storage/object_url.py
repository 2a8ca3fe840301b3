"""URLs of objects in buckets: ``scheme://bucket/key``, with keys as they stand, without any escapes."""

from __future__ import annotations

from dataclasses import dataclass

from gokart.errors import StorageError


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


def parse_directory(path: str) -> ObjectUrl:
    """Take the URL of a directory apart: its key is empty, or ends in one slash.

    Raises:
        StorageError: it is none.
    """
    url = _parse(path)
    directory = url.key.rstrip('/')
    return ObjectUrl(url.scheme, url.bucket, f'{directory}/' if directory else '')


def _parse(path: str) -> ObjectUrl:
    scheme, _, rest = path.partition('://')
    bucket, _, key = rest.partition('/')
    if not bucket:
        raise StorageError(f'{path!r} names no bucket: it must look like {scheme}://bucket/directory/name.')
    return ObjectUrl(scheme.lower(), bucket, key)
