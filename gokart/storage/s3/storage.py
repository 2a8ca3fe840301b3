"""S3 as a storage: whole objects by ``s3://bucket/key``."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import partial
from typing import BinaryIO

from gokart.storage.changes import removing
from gokart.storage.common_errors import missing
from gokart.storage.condition import require
from gokart.storage.contract import Condition, ObjectEntry, ObjectStat, Version, WriteCondition
from gokart.storage.key_scan import existing_keys
from gokart.storage.object_url import ObjectUrl, by_bucket, parse_cloud_object, parse_directory
from gokart.storage.ranged import open_ranged
from gokart.storage.s3.client import Connection
from gokart.storage.s3.labels import MAX_LABEL_BYTES, labels_of
from gokart.storage.s3.leftovers import abort_of_dead_processes
from gokart.storage.s3.listing import entries, keys_from, require_bucket
from gokart.storage.s3.reading import open_source
from gokart.storage.s3.removal import MOST_KEYS, remove_etag, remove_key, remove_keys
from gokart.storage.s3.state import ObjectState, etag_in, state_of
from gokart.storage.s3.upload import S3Publication, publication
from gokart.storage.scratch import ScratchFile, scratch_file
from gokart.storage.stream import PublishingStream

_LOOKED_UP = 'looked up'


class S3Storage:
    """Objects in buckets of S3, or of a server that speaks its protocol; the configuration is read at the first use.

    Threads share it; a forked child makes a client of its own.
    """

    max_label_bytes = MAX_LABEL_BYTES

    def __init__(self) -> None:
        self._connection = Connection()
        self._known_buckets: set[str] = set()
        self._has_written = False

    def __reduce__(self) -> tuple[type[S3Storage], tuple[()]]:
        return S3Storage, ()

    def open_read(self, path: str) -> BinaryIO:
        """Open the object for reading, by a request for its beginning; the rest is fetched as it is read.

        Raises:
            FileNotFoundError: there is no object.
        """
        source, head = open_source(self._connection, path, parse_cloud_object(path))
        return open_ranged(source, head)

    def open_write(
        self, path: str, condition: WriteCondition = Condition.ANY, labels: Mapping[str, str] | None = None
    ) -> PublishingStream:
        """Start to write the object with `labels`; it is spooled in the directory for temporary files.

        Raises:
            LabelsTooLargeError: `labels` take more than `max_label_bytes`, or too many escapes.
        """
        publish = publication(self._connection, path, parse_cloud_object(path), condition, labels or {})
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
        with removing(path):
            remove_key(self._connection, path, parse_cloud_object(path))

    def remove_version(self, path: str, version: Version) -> None:
        """Remove the object if it still has the version.

        Raises:
            PreconditionError: it has another one, or there is no object.
        """
        etag = etag_in(version)
        if etag is None:
            found = self._find(path, 'removed')
            require(version, found.version if found else None, path)
            etag = found.etag if found else ''
        with removing(path):
            remove_etag(self._connection, path, parse_cloud_object(path), etag)

    def list(self, directory: str) -> Iterator[ObjectEntry]:
        """Yield the objects below `directory`, ordered by path; a thousand for each request."""
        return entries(self._connection, directory, parse_directory(directory))

    def exists_many(self, paths: Collection[str]) -> set[str]:
        """Return those of `paths` at which there is an object; by listings where that takes fewer requests."""
        found: set[str] = set()
        for urls in by_bucket({path: parse_cloud_object(path) for path in paths}):
            keys = self._existing_keys(urls)
            found.update(path for path, url in urls.items() if url.key in keys)
        return found

    def remove_many(self, paths: Iterable[str]) -> None:
        """Remove the objects at `paths`, as far as there are any; a thousand for each request."""
        paths = list(paths)
        with removing(*paths):
            for urls in by_bucket({path: parse_cloud_object(path) for path in paths}):
                keys = list(dict.fromkeys(url.key for url in urls.values()))
                for start in range(0, len(keys), MOST_KEYS):
                    remove_keys(self._connection, next(iter(urls.values())), keys[start : start + MOST_KEYS])

    def labels(self, path: str) -> dict[str, str]:
        """Return the labels of the object; of one that others wrote, its user metadata.

        Raises:
            FileNotFoundError: there is no object.
        """
        return labels_of(self._state(path, _LOOKED_UP).metadata)

    def _publish(self, publish: S3Publication, file: ScratchFile) -> Version | None:
        if not self._has_written:
            self._has_written = True
            abort_of_dead_processes(self._connection)
        return publish(file)

    def _state(self, path: str, action: str) -> ObjectState:
        found = self._find(path, action)
        if found is None:
            raise missing(path)
        return found

    def _find(self, path: str, action: str) -> ObjectState | None:
        url = parse_cloud_object(path)
        found = state_of(self._connection, action, path, url)
        # A request for headers cannot tell whether the bucket is missing, and it is better known before hours of work.
        if found is None and url.bucket not in self._known_buckets:
            require_bucket(self._connection, action, path, url)
        self._known_buckets.add(url.bucket)
        return found

    def _existing_keys(self, urls: Mapping[str, ObjectUrl]) -> set[str]:
        paths = {url.key: path for path, url in urls.items()}
        list_from = partial(keys_from, self._connection, next(iter(urls.values())))
        return existing_keys(paths, list_from, lambda key: self.exists(paths[key]), self._connection.config.pool_size)
