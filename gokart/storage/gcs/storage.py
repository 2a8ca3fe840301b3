"""Google Cloud Storage as a storage: ``gs://`` paths."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import partial
from typing import BinaryIO

from gokart.storage.changes import removing
from gokart.storage.condition import require
from gokart.storage.contract import Condition, ObjectEntry, ObjectStat, Version, WriteCondition
from gokart.storage.gcs.access import Access
from gokart.storage.gcs.client import GCSClient
from gokart.storage.gcs.errors import Action, Deed, is_missing
from gokart.storage.gcs.labels import MAX_LABEL_BYTES, checked_labels, labels_of
from gokart.storage.gcs.many import find_existing, remove_existing
from gokart.storage.gcs.names import directory_at, object_at
from gokart.storage.gcs.objects import Resource, list_page, look_at, remove
from gokart.storage.gcs.reading import GCSObject, Head, fetch_head
from gokart.storage.gcs.upload import Upload
from gokart.storage.object_url import ObjectUrl, by_bucket
from gokart.storage.ranged import open_ranged
from gokart.storage.scratch import ScratchFile, scratch_file
from gokart.storage.stream import PublishingStream


class GCSStorage:
    """Objects of Google Cloud Storage; threads may share it, and each process has a client of its own.

    A version is a generation. See https://cloud.google.com/storage/docs/request-preconditions.
    """

    max_label_bytes = MAX_LABEL_BYTES

    def __init__(self) -> None:
        self._access = Access()

    def __reduce__(self) -> tuple[type[GCSStorage], tuple[()]]:
        return GCSStorage, ()

    def open_read(self, path: str) -> BinaryIO:
        """Open the object for reading: a seekable binary file of the bytes as they are stored.

        Raises:
            FileNotFoundError: there is no object.
        """
        url = object_at(path)
        deed = Deed(Action.READ, path)
        head = self._access.ask_for_object(deed, url, partial(fetch_head, url=url))
        if head.generation is None and head.size_bytes > len(head.content):
            head = self._read_version(deed, url)
        source = GCSObject(url, path, head, partial(self._access.client, deed))
        return open_ranged(source, head.content)

    def open_write(
        self, path: str, condition: WriteCondition = Condition.ANY, labels: Mapping[str, str] | None = None
    ) -> PublishingStream:
        """Start to write the object; it is spooled in the directory for temporary files.

        Raises:
            LabelsTooLargeError: `labels` take more than `max_label_bytes`.
        """
        url = object_at(path)
        checked = checked_labels(labels or {}, path)
        publish = partial(self._publish, Deed(Action.WRITE, path, condition), url, checked)
        return PublishingStream(scratch_file(tempfile.gettempdir()), path, publish)

    def stat(self, path: str) -> ObjectStat:
        """Tell size, time and version.

        Raises:
            FileNotFoundError: there is no object.
        """
        found = self._look_at(path)
        return ObjectStat(path, found.size_bytes, found.modified, Version(found.generation))

    def exists(self, path: str) -> bool:
        """Whether there is an object at `path`."""
        try:
            self._look_at(path)
        except FileNotFoundError:
            return False
        return True

    def labels(self, path: str) -> dict[str, str]:
        """Return the labels of the object, as they were given.

        Raises:
            FileNotFoundError: there is no object.
        """
        return labels_of(self._look_at(path).metadata)

    def remove(self, path: str) -> None:
        """Remove the object.

        Raises:
            FileNotFoundError: there is no object.
        """
        self._remove(Deed(Action.REMOVE, path))

    def remove_version(self, path: str, version: Version) -> None:
        """Remove the object if it still has the version.

        Raises:
            PreconditionError: it has another one, or there is no object.
        """
        try:
            self._remove(Deed(Action.REMOVE, path, version), version)
        except FileNotFoundError:
            require(version, None, path)

    def list(self, directory: str) -> Iterator[ObjectEntry]:
        """Yield the objects below `directory`, ordered by path."""
        url = directory_at(directory)
        deed = Deed(Action.LIST, directory)
        token: str | None = None
        while True:
            page, token = self._access.ask(deed, url, partial(_resources, url=url, token=token))
            for found in page:
                if not found.key.endswith('/'):  # what some programs keep for a directory
                    yield ObjectEntry(url.with_key(found.key), found.size_bytes, found.modified)
            if token is None:
                return

    def exists_many(self, paths: Collection[str]) -> set[str]:
        """Return those of `paths` at which there is an object, with as few requests as serve."""
        return {path for urls in _grouped(paths) for path in find_existing(self._access, urls, self.exists)}

    def remove_many(self, paths: Iterable[str]) -> None:
        """Remove the objects at `paths`, as far as there are any."""
        paths = list(paths)
        with removing(*paths):
            for urls in _grouped(paths):
                remove_existing(self._access, urls, self.remove)

    def _remove(self, deed: Deed, generation: str | None = None) -> None:
        url = object_at(deed.path)
        tries = 0

        def delete(client: GCSClient) -> None:
            nonlocal tries
            tries += 1
            try:
                remove(client, url, generation)
            except Exception as error:
                # A removal whose answer was lost lets its own repetition fail.
                if not (is_missing(error) and tries > 1):
                    raise

        with removing(deed.path):
            self._access.ask_for_object(deed, url, delete)

    def _look_at(self, path: str) -> Resource:
        url = object_at(path)
        return self._access.ask_for_object(Deed(Action.LOOK_AT, path), url, partial(look_at, url=url))

    def _read_version(self, deed: Deed, url: ObjectUrl) -> Head:
        generation = self.stat(deed.path).version
        return self._access.ask_for_object(deed, url, partial(fetch_head, url=url, generation=generation))

    def _publish(self, deed: Deed, url: ObjectUrl, labels: Mapping[str, str], file: ScratchFile) -> Version | None:
        client = self._access.client(deed)
        upload = Upload(client, url, file.path, deed.condition, labels)
        return self._access.explained(deed, url, client, upload.run)


def _grouped(paths: Iterable[str]) -> list[dict[str, ObjectUrl]]:
    return by_bucket({path: object_at(path) for path in paths})


def _resources(client: GCSClient, url: ObjectUrl, token: str | None) -> tuple[list[Resource], str | None]:
    page = list_page(client, url, token=token)
    return [Resource.of(item) for item in page.items], page.next_token
