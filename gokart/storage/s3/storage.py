"""S3 as a storage: whole objects by ``s3://bucket/key``."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any, BinaryIO

from gokart.errors import AccessDeniedError, StorageError
from gokart.storage.changes import removing
from gokart.storage.condition import require
from gokart.storage.contract import Condition, ObjectEntry, ObjectStat, Version, WriteCondition
from gokart.storage.key_scan import existing_keys
from gokart.storage.object_url import ObjectUrl, parse_directory, parse_object
from gokart.storage.ranged import open_ranged
from gokart.storage.s3.client import Connection
from gokart.storage.s3.errors import missing
from gokart.storage.s3.labels import MAX_LABEL_BYTES, labels_of
from gokart.storage.s3.leftovers import abort_of_dead_processes
from gokart.storage.s3.listing import entries, keys_from, require_bucket
from gokart.storage.s3.reading import open_source
from gokart.storage.s3.removal import remove_etag, remove_key, remove_keys
from gokart.storage.s3.state import ObjectState, state_of
from gokart.storage.s3.upload import S3Publication, publication
from gokart.storage.scratch import ScratchFile, scratch_file
from gokart.storage.stream import PublishingStream

_LOOKED_UP = 'looked up'
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
_LONGEST_KEY_BYTES = 1024


class S3Storage:
    """Objects in buckets of S3, or of a server that speaks its protocol; the configuration is read at the first use.

    Threads share it; a forked child makes a client of its own.
    """

    max_label_bytes = MAX_LABEL_BYTES

    def __init__(self) -> None:
        self._connection = Connection()
        self._known_buckets: set[str] = set()
        self._has_written = False

    def __reduce__(self) -> tuple[Any, ...]:
        return S3Storage, ()

    def open_read(self, path: str) -> BinaryIO:
        """Open the object for reading, by a request for its beginning; the rest is fetched as it is read.

        Raises:
            FileNotFoundError: there is no object.
        """
        source, head = open_source(self._connection, path, _object(path))
        return open_ranged(source, head)

    def open_write(
        self, path: str, condition: WriteCondition = Condition.ANY, labels: Mapping[str, str] | None = None
    ) -> PublishingStream:
        """Start to write the object with `labels`; it is spooled in the directory for temporary files.

        Raises:
            LabelsTooLargeError: `labels` take more than `max_label_bytes`, or too many escapes.
        """
        publish = publication(self._connection, path, _object(path), condition, labels or {})
        return PublishingStream(scratch_file(tempfile.gettempdir()), path, lambda file: self._publish(publish, file))

    def stat(self, path: str) -> ObjectStat:
        """Tell size, time (to the second) and version.

        Raises:
            FileNotFoundError: there is no object.
        """
        return self._state(path, _LOOKED_UP).stat(path)

    def exists(self, path: str) -> bool:
        """Whether there is an object at `path`.

        Raises:
            BucketNotFoundError: there is not even its bucket.
        """
        return self._find(path, _LOOKED_UP) is not None

    def remove(self, path: str) -> None:
        """Remove the object.

        Raises:
            FileNotFoundError: there is no object.
        """
        self._state(path, 'removed')
        url = _object(path)
        with removing(path):
            remove_key(self._connection, path, url.bucket, url.key)

    def remove_version(self, path: str, version: Version) -> None:
        """Remove the object if it still has the version.

        Raises:
            PreconditionError: it has another one, or there is no object.
        """
        found = self._find(path, 'removed')
        require(version, found.version if found else None, path)
        if found is not None:
            with removing(path):
                remove_etag(self._connection, path, _object(path), found.etag)

    def list(self, directory: str) -> Iterator[ObjectEntry]:
        """Yield the objects below `directory`, ordered by path; a thousand for each request."""
        return entries(self._connection, directory, parse_directory(directory))

    def exists_many(self, paths: Collection[str]) -> set[str]:
        """Return those of `paths` at which there is an object; by listings where that takes fewer requests."""
        found: set[str] = set()
        for bucket, wanted in _by_bucket(paths).items():
            keys = self._existing_keys(bucket, wanted)
            found.update(path for key in keys for path in wanted[key])
        return found

    def remove_many(self, paths: Iterable[str]) -> None:
        """Remove the objects at `paths`, as far as there are any; a thousand for each request."""
        paths = list(paths)
        with removing(*paths):
            for bucket, by_key in _by_bucket(paths).items():
                keys = iter(by_key)
                while some := list(islice(keys, 1000)):
                    remove_keys(self._connection, ObjectUrl('s3', bucket, ''), some)

    def labels(self, path: str) -> dict[str, str]:
        """Return the labels of the object; of one that others wrote, its user metadata.

        Raises:
            FileNotFoundError: there is no object.
        """
        return labels_of(self._state(path, _LOOKED_UP).metadata)

    def _publish(self, publish: S3Publication, file: ScratchFile) -> None:
        if not self._has_written:
            self._has_written = True
            abort_of_dead_processes(self._connection)
        publish(file)

    def _state(self, path: str, action: str) -> ObjectState:
        found = self._find(path, action)
        if found is None:
            raise missing(path)
        return found

    def _find(self, path: str, action: str) -> ObjectState | None:
        url = _object(path)
        found = state_of(self._connection, action, path, url)
        # A request for headers cannot tell whether the bucket is missing, and it is better known before hours of work.
        if found is None and url.bucket not in self._known_buckets:
            require_bucket(self._connection, action, path, url)
        self._known_buckets.add(url.bucket)
        return found

    def _existing_keys(self, bucket: str, wanted: Mapping[str, object]) -> set[str]:
        top = ObjectUrl('s3', bucket, '')
        connections = self._connection.config.pool_size

        def exists(key: str) -> bool:
            return self.exists(top.with_key(key))

        try:
            return existing_keys(
                wanted.keys(),
                lambda prefix, start: keys_from(self._connection, top, prefix, start),
                exists,
                connections,
            )
        except AccessDeniedError:  # single objects may be allowed
            with ThreadPoolExecutor(connections) as pool:
                return {key for key, is_there in zip(wanted, pool.map(exists, wanted), strict=True) if is_there}


def _object(path: str) -> ObjectUrl:
    url = parse_object(path)
    try:
        size_bytes = len(url.key.encode())
    except UnicodeEncodeError as error:
        raise StorageError(f'{path!r} is no path of an object: its name is no valid text.') from error
    if size_bytes > _LONGEST_KEY_BYTES:
        raise StorageError(
            f'{path!r} is too long: its key has {size_bytes} bytes in UTF-8, S3 takes {_LONGEST_KEY_BYTES}. Shorten '
            'workspace_directory or the name.'
        )
    return url


def _by_bucket(paths: Iterable[str]) -> dict[str, dict[str, set[str]]]:
    """Return, by bucket and key, how the object was called."""
    found: dict[str, dict[str, set[str]]] = {}
    for path in paths:
        url = _object(path)
        found.setdefault(url.bucket, {}).setdefault(url.key, set()).add(path)
    return found
