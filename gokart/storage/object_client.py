"""Single objects to and from the local disk, with the methods of Luigi's clients for S3 and Google Cloud Storage."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from gokart._calls import side_by_side
from gokart.errors import StorageError
from gokart.storage.object_summary import ObjectSummary, summary_of
from gokart.storage.registry import scheme_of, storage_for
from gokart.storage.transfer import DownloadedFile, copy_object, download

MAX_THREADS = 16
_CHUNK_BYTES = 10 << 20


class ObjectClient:
    """Objects by whole URLs, in whatever storages, with the methods and arguments of Luigi's clients.

    Sizes of parts and chunks are matters of the configuration; where Luigi's clients take them, they are taken and not
    needed. No method keeps a media type, whether it comes as `mimetype` or, as in Luigi's ``S3Client``, as
    ``ContentType``; other options of boto3's requests are refused.

    Args:
        scheme: the scheme of the only paths that are served; None serves all.
    """

    def __init__(self, scheme: str | None = None) -> None:
        self._scheme = scheme

    def _require_own(self, *paths: str) -> None:
        for path in paths:
            if self._scheme is not None and scheme_of(path) != self._scheme:
                raise StorageError(f'{path!r} is no path of this client, which serves {self._scheme}:// only.')

    def get_key(self, path: str) -> ObjectSummary | None:
        """Return what is known of the object at `path`; None if there is none."""
        self._require_own(path)
        try:
            return summary_of(storage_for(path).stat(path))
        except FileNotFoundError:
            return None

    def get(self, s3_path: str, destination_local_path: str | os.PathLike[str]) -> None:
        """Copy an object to a local file, which appears complete or not at all.

        Raises:
            FileNotFoundError: there is no object.
        """
        self._require_own(s3_path)
        copy_object(s3_path, os.fspath(destination_local_path))

    def get_as_bytes(self, s3_path: str) -> bytes:
        """Return the content of an object.

        Raises:
            FileNotFoundError: there is no object.
        """
        self._require_own(s3_path)
        with storage_for(s3_path).open_read(s3_path) as file:
            return file.read()

    def get_as_string(self, s3_path: str, encoding: str = 'utf-8') -> str:
        """Return the content of an object as text."""
        return self.get_as_bytes(s3_path).decode(encoding)

    def download(
        self, path: str, chunksize: int | None = None, chunk_callback: Callable[[Any], bool] = lambda file: False
    ) -> DownloadedFile:
        """Copy an object to a temporary local file: open for reading, at its `name`, and gone when it is closed.

        Args:
            path: path of the object.
            chunksize: how many bytes are copied at a time.
            chunk_callback: called with the local file after each chunk; True ends the copying.

        Raises:
            FileNotFoundError: there is no object.
        """
        self._require_own(path)
        return download(path, chunksize or _CHUNK_BYTES, chunk_callback)

    def put(
        self,
        local_path: str | os.PathLike[str],
        destination_s3_path: str,
        mimetype: str | None = None,
        chunksize: int | None = None,
        **options: Any,
    ) -> None:
        """Copy a local file to an object."""
        self._require_own(destination_s3_path)
        _check_options(options)
        copy_object(os.fspath(local_path), destination_s3_path)

    def put_multipart(
        self,
        local_path: str | os.PathLike[str],
        destination_s3_path: str,
        part_size: int | None = None,
        **options: Any,
    ) -> None:
        """Copy a local file to an object, as `put` does."""
        self.put(local_path, destination_s3_path, **options)

    def put_multiple(
        self,
        filepaths: Iterable[str | os.PathLike[str]],
        remote_directory: str,
        mimetype: str | None = None,
        chunksize: int | None = None,
        num_process: int = 1,
    ) -> None:
        """Copy local files to objects of the same names in `remote_directory`, `num_process` side by side.

        Raises:
            ValueError: `filepaths` is one path.
        """
        if isinstance(filepaths, str):
            raise ValueError(f'put_multiple() takes a list of paths, not one: {filepaths!r}. Use put() for one file.')
        self._require_own(remote_directory)
        directory = remote_directory.rstrip('/')

        def put(name: str) -> int:
            return copy_object(name, f'{directory}/{os.path.basename(name)}')  # noqa: PTH119

        side_by_side(put, [os.fspath(path) for path in filepaths], min(num_process, MAX_THREADS))

    def put_string(
        self, content: str | bytes, destination_s3_path: str, mimetype: str | None = None, **options: Any
    ) -> None:
        """Write an object; text is encoded in UTF-8."""
        self._require_own(destination_s3_path)
        _check_options(options)
        with storage_for(destination_s3_path).open_write(destination_s3_path) as stream:
            stream.write(content.encode() if isinstance(content, str) else content)


def _check_options(options: Mapping[str, Any]) -> None:
    unknown = sorted(options.keys() - {'ContentType'})
    if unknown:
        raise TypeError(
            f'Objects cannot be stored with {", ".join(unknown)} here: of the options of boto3 only ContentType is '
            'taken. Store them with a client of boto3, or set the bucket up for it.'
        )
