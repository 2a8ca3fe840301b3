"""Archives of directories as objects: the zip clients, each of one archive and one directory."""

from __future__ import annotations

from abc import abstractmethod
from pathlib import Path
from typing import IO, cast

from gokart.archive import pack, unpack
from gokart.storage.registry import scheme_of, storage_for
from gokart.storage.scratch import scratch_directory
from gokart.storage.transfer import remove_objects


class ZipClient:
    """A zip archive, and the directory that it is made from and unpacked to."""

    @abstractmethod
    def exists(self) -> bool:
        """Whether there is the archive."""

    @abstractmethod
    def make_archive(self) -> None:
        """Make the archive of all that is in the directory."""

    @abstractmethod
    def unpack_archive(self) -> None:
        """Add what is in the archive to the directory."""

    @abstractmethod
    def remove(self) -> None:
        """Remove the archive."""

    @property
    @abstractmethod
    def path(self) -> str:
        """Path or URL of the archive."""


class StoredZipClient(ZipClient):
    """A zip archive in any storage.

    Args:
        file_path: path or URL of the archive.
        temporary_directory: the directory.
    """

    def __init__(self, file_path: str, temporary_directory: str) -> None:
        self._file_path = file_path
        self._temporary_directory = temporary_directory

    def exists(self) -> bool:
        """Whether there is the archive."""
        return storage_for(self._file_path).exists(self._file_path)

    def make_archive(self) -> None:
        """Make the archive of all that is in the directory; it appears complete or not at all.

        Raises:
            FileNotFoundError: there is no directory.
            UnsupportedObjectError: there is something that no archive can hold.
        """
        with storage_for(self._file_path).open_write(self._file_path) as file:
            pack(self._temporary_directory, cast('IO[bytes]', file))

    def unpack_archive(self) -> None:
        """Add what is in the archive to the directory, in place of files of the same names.

        Raises:
            FileNotFoundError: there is no archive.
            BrokenFileError: it is damaged, or would write elsewhere.
        """
        with storage_for(self._file_path).open_read(self._file_path) as file:
            with scratch_directory(self._temporary_directory) as scratch:
                unpack(file, scratch)
                _move_content(Path(scratch), Path(self._temporary_directory))

    def remove(self) -> None:
        """Remove the archive; does nothing if there is none."""
        remove_objects([self._file_path])

    @property
    def path(self) -> str:
        """Path or URL of the archive."""
        return self._file_path


class LocalZipClient(StoredZipClient):
    """A zip archive on the local disk."""


class S3ZipClient(StoredZipClient):
    """A zip archive on S3."""


class GCSZipClient(StoredZipClient):
    """A zip archive on Google Cloud Storage."""


_CLIENTS = {'file': LocalZipClient, 's3': S3ZipClient, 'gs': GCSZipClient}


def make_zip_client(file_path: str, temporary_directory: str) -> ZipClient:
    """Make the client of the archive at a path or URL, for a directory."""
    client = _CLIENTS.get(scheme_of(file_path), StoredZipClient)
    return client(file_path, temporary_directory)


def _move_content(source: Path, destination: Path) -> None:
    for path in sorted(source.rglob('*')):
        moved = destination / path.relative_to(source)
        if path.is_dir():
            moved.mkdir(exist_ok=True)
        else:
            path.replace(moved)
