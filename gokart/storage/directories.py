"""Directories of storages, which have none: there is one where objects lie below it, or where a marker says so.

A marker is an empty object beside the directory, named as Hadoop does it and as Luigi's ``S3Client`` knows it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from gokart.errors import BucketNotFoundError
from gokart.storage.contract import ObjectEntry
from gokart.storage.registry import remote_storage, storage_for

_MARKER_SUFFIX = '_$folder$'


def is_top(path: str) -> bool:
    """Whether `path` is a whole bucket: it is always a directory, and never an object."""
    bucket, _, key = path.partition('://')[2].partition('/')
    return bool(bucket) and not key.strip('/') and remote_storage(path) is not None


def is_object(path: str) -> bool:
    """Whether there is an object at `path`."""
    return not path.endswith('/') and not is_top(path) and storage_for(path).exists(path)


def is_directory(path: str) -> bool:
    """Whether there are objects below `path`, or its marker; of a whole bucket, whether it exists."""
    try:
        if next(storage_for(path).list(path), None) is not None or is_top(path):
            return True
    except BucketNotFoundError:
        return False
    marker = marker_of(path)
    return storage_for(marker).exists(marker)


def make_directory(path: str) -> None:
    """Write the marker of `path`."""
    marker = marker_of(path)
    storage_for(marker).open_write(marker).close()


def marker_of(path: str) -> str:
    """Return the path of the marker of the directory at `path`.

    >>> marker_of('s3://bucket/directory/')
    's3://bucket/directory_$folder$'
    """
    return path.rstrip('/') + _MARKER_SUFFIX


def is_marker(path: str) -> bool:
    """Whether the object at `path` is the marker of a directory."""
    return path.endswith(_MARKER_SUFFIX)


def parent_of(path: str) -> str:
    """Return the path of the directory in which the object or directory at `path` is.

    >>> parent_of('s3://bucket/directory/'), parent_of('memory://name')
    ('s3://bucket', 'memory://')
    """
    parent = path.rstrip('/').rpartition('/')[0]
    return f'{parent}/' if parent.endswith(':/') else parent


def entries_below(
    directory: str, start_time: datetime | None = None, end_time: datetime | None = None
) -> Iterator[ObjectEntry]:
    """Yield the objects below `directory` that were written between the two times, at any depth."""
    for entry in storage_for(directory).list(directory):
        too_early = start_time is not None and entry.modified <= start_time
        too_late = end_time is not None and entry.modified >= end_time
        if not too_early and not too_late:
            yield entry
