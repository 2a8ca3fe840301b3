"""What earlier versions offered for object storage, in terms of `storage`: for code that still calls it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from luigi.format import Format
from luigi.target import FileSystemTarget

from gokart.object_labels import is_log_file, make_labels
from gokart.storage.file_system import StorageFileSystem
from gokart.storage.labels import fitting_labels, labels_of, max_label_bytes
from gokart.storage.registry import storage_for
from gokart.storage.transfer import copy_object
from gokart.stored_archive import ZipClient, make_zip_client
from gokart.stored_file import StoredFile

_PREFIXES = ('s3://', 'gs://')


class ObjectStorage:
    """Functions for paths in object storage."""

    @staticmethod
    def if_object_storage_path(path: str) -> bool:
        """Whether `path` is the URL of an object on S3 or Google Cloud Storage."""
        return path.startswith(_PREFIXES)

    @staticmethod
    def get_object_storage_target(path: str, format: Format) -> FileSystemTarget:  # noqa: A002 (the published name)
        """Return the target of an object."""
        return StoredFile(path, format)

    @staticmethod
    def exists(path: str) -> bool:
        """Whether there is an object at `path`, or objects below it."""
        return StorageFileSystem().exists(path)

    @staticmethod
    def get_timestamp(path: str) -> datetime:
        """Return when an object was written: aware, in UTC.

        Raises:
            FileNotFoundError: there is no object.
        """
        return storage_for(path).stat(path).modified

    @staticmethod
    def get_zip_client(file_path: str, temporary_directory: str) -> ZipClient:
        """Return the client of a zip archive and a directory."""
        return make_zip_client(file_path, temporary_directory)

    @staticmethod
    def is_buffered_reader(file: object) -> bool:
        """Whether `file` can be read from any position: all but what Luigi's ``S3Target`` opens."""
        seekable = getattr(file, 'seekable', None)
        return seekable is None or bool(seekable())


class GCSObjectMetadataClient:
    """Labels objects that are stored already; `TargetOnKart.dump` does it while it stores them."""

    MAX_GCS_METADATA_SIZE = 8 * 1024

    @staticmethod
    def add_task_state_labels(
        path: str,
        task_params: Mapping[str, str] | None = None,
        custom_labels: Mapping[str, str] | None = None,
        required_task_outputs: Any = None,
    ) -> None:
        """Add labels to those of the object at `path`, and let them win; the object is written anew for it.

        Log files get none, and neither does an object whose storage keeps none.

        Raises:
            FileNotFoundError: there is no object.
            PreconditionError: somebody else wrote the object meanwhile.
        """
        limit_bytes = max_label_bytes(path)
        if not limit_bytes or is_log_file(path):
            return
        version = storage_for(path).stat(path).version
        added = make_labels(task_params, custom_labels, required_task_outputs, limit_bytes)
        labels = fitting_labels({**labels_of(path), **added}, limit_bytes)
        copy_object(path, path, version, labels)
