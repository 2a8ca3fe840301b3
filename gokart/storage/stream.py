"""The write stream of every storage: a private local file that is published when it is closed."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING

from gokart.errors import GokartError, StorageError
from gokart.storage.changes import note_written
from gokart.storage.contract import Version
from gokart.storage.scratch import ScratchFile

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_BUFFER_BYTES = 1 << 16


class PublishingStream(io.BufferedWriter):
    """A `WriteStream` over a private file: closing it publishes, whatever else happens to it discards.

    A failing write discards at once, so that a full disk is freed while its exception travels.

    Args:
        file: the file to fill.
        path: path of the object, for messages.
        publish: gets the finished file, puts its content in place and tells the version if it knows it; called at
            most once.

    Attributes:
        version: as `gokart.storage.contract.VersionedWriteStream` says.
    """

    def __init__(self, file: ScratchFile, path: str, publish: Callable[[ScratchFile], Version | None]) -> None:
        self.version: Version | None = None
        self._file = file
        self._path = path
        self._publish = publish
        self._failure: tuple[int | None, str] | None = None
        super().__init__(file.raw, _BUFFER_BYTES)

    def write(self, data: ReadableBuffer, /) -> int:
        """Write `data` at the current position; returns the number of bytes."""
        try:
            return super().write(data)
        except OSError as error:
            self._fail(error)
            raise

    def flush(self) -> None:
        """Hand what is buffered to the local file."""
        try:
            super().flush()
        except OSError as error:
            self._fail(error)
            raise

    def fileno(self) -> int:
        """Return the descriptor of the local file, for programs and libraries that write to it themselves."""
        self._file.share()
        return super().fileno()

    def close(self) -> None:
        """Publish the object; does nothing when closed.

        Raises:
            PreconditionError: the condition of the write does not hold; nothing is published or left behind.
            StorageError: an earlier write failed, or a forked child closes the stream of its parent.
        """
        failure, self._failure = self._failure, None
        if failure is not None:
            number, reason = failure
            raise StorageError(number, f'Not written, since an earlier write to it failed: {reason}', self._path)
        if self.closed:
            return
        try:
            self._require_ownership()
            super().flush()
            self._file.finish()
            self.version = self._publish(self._file)
            note_written(self._path)
        except OSError as error:
            self._name(error)
            raise
        finally:
            self.discard()

    def discard(self) -> None:
        """Forget what was written: the path keeps what it had; does nothing when closed."""
        self._file.remove()

    def __exit__(self, *exc_info: object) -> None:
        if exc_info[0] is None:
            self.close()
        else:
            self.discard()

    def __del__(self) -> None:
        self.discard()

    def _require_ownership(self) -> None:
        if self._file.is_inherited:
            raise StorageError(
                f'{self._path!r} is being written by the parent of this process: only there can it be finished. '
                'Open it after forking.'
            )

    def _fail(self, error: OSError) -> None:
        self._name(error)
        self._failure = (error.errno, error.strerror or str(error))
        self.discard()

    def _name(self, error: OSError) -> None:
        # What the system says of the private file is of no use to the user.
        if error.errno is not None and not isinstance(error, GokartError):
            error.filename, error.filename2 = self._path, None
