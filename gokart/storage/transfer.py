"""Whole objects on their way from one path to another, of whatever storages."""

from __future__ import annotations

import contextlib
import io
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gokart.storage.changes import removing
from gokart.storage.contract import Condition, WriteCondition
from gokart.storage.labels import fitting_labels, labels_of, max_label_bytes, open_labelled
from gokart.storage.registry import remote_storage, storage_for
from gokart.storage.scratch import ScratchFile, scratch_file

_CHUNK_BYTES = 1 << 20


def copy_object(
    source: str,
    destination: str,
    condition: WriteCondition = Condition.ANY,
    labels: Mapping[str, str] | None = None,
) -> int:
    """Copy an object; return its size in bytes.

    Args:
        source: path of the object.
        destination: path of the copy.
        condition: what must be true at `destination`.
        labels: of the copy; by default those of the object, as many as the other storage keeps.

    Raises:
        FileNotFoundError: there is no object at `source`.
        PreconditionError: `condition` does not hold.
    """
    with storage_for(source).open_read(source) as file:
        if labels is None and (limit_bytes := max_label_bytes(destination)):
            labels = fitting_labels(labels_of(source), limit_bytes)
        with open_labelled(destination, labels, condition) as stream:
            shutil.copyfileobj(file, stream, _CHUNK_BYTES)
            return stream.tell()


def remove_objects(paths: Sequence[str]) -> None:
    """Remove the objects at `paths`, all of one storage, as far as there are any."""
    if not paths:
        return
    remote = remote_storage(paths[0])
    with removing(*paths):
        if remote is not None:
            remote.remove_many(paths)
            return
        for path in paths:
            with contextlib.suppress(FileNotFoundError):
                storage_for(path).remove(path)


class DownloadedFile(io.BufferedReader):
    """A local copy of an object, open for reading; `name` is its path, and closing it removes it."""

    def __init__(self, file: ScratchFile) -> None:
        self._file = file
        super().__init__(io.FileIO(file.path))

    def close(self) -> None:
        """Close and remove the file; does nothing when closed."""
        try:
            super().close()
        finally:
            self._file.remove()


def download(
    path: str, chunk_bytes: int = _CHUNK_BYTES, is_enough: Callable[[Any], bool] = lambda file: False
) -> DownloadedFile:
    """Copy an object to a private local file.

    Args:
        path: path of the object.
        chunk_bytes: how much is copied at a time.
        is_enough: called with the file after each chunk; if it returns True, the rest is left out.

    Raises:
        FileNotFoundError: there is no object.
    """
    with storage_for(path).open_read(path) as source:
        file = scratch_file(tempfile.gettempdir())
        try:
            sink = io.BufferedWriter(file.raw)
            while chunk := source.read(chunk_bytes):
                sink.write(chunk)
                if is_enough(sink):
                    break
            sink.flush()
            file.finish()
            return DownloadedFile(file)
        except BaseException:
            file.remove()
            raise
