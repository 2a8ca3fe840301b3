"""Notes on the local disk of uploads in parts that are under way: the next process ends those of processes that died.

S3 keeps, and bills, the parts of an upload that nobody completes or aborts.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import stat
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from gokart.storage.naming import PREFIX
from gokart.storage.scratch import ScratchFile, scratch_file
from gokart.storage.sweep import abandoned

logger = logging.getLogger(__name__)

_TRIES = 10
_LONGEST_LIFE_SECONDS = 7 * 24 * 3600.0


@dataclass(frozen=True, slots=True)
class UnfinishedUpload:
    """An upload in parts that was begun."""

    endpoint: str
    bucket: str
    key: str
    upload_id: str


class Note:
    """A note of one upload, which stays when the process dies, or when `leave` was called."""

    def __init__(self, upload: UnfinishedUpload) -> None:
        self._file: ScratchFile | None = None
        try:
            self._file = _new_file()
            if self._file is not None:
                self._file.raw.write(json.dumps(asdict(upload)).encode())
        except OSError as error:  # a full disk must not fail an upload
            logger.debug('made no note of an upload: %s', error)

    def remove(self) -> None:
        """Forget the upload, which is complete or aborted."""
        if self._file is not None:
            self._file.remove()
            _remove_if_empty(Path(self._file.path).parent)

    def leave(self) -> None:
        """Leave the upload to the next process."""
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.finish()
                self._file.rename_to(f'{self._file.path}.tmp')
            self._file.remove()


def abandoned_uploads(endpoint: str) -> Iterator[tuple[UnfinishedUpload, Path]]:
    """Yield the uploads to `endpoint` that dead processes have left, each with its note, to be removed once aborted."""
    try:
        directory = _own_directory(make=False)
    except OSError:  # mostly, there are no notes
        return
    for path in abandoned(directory) if directory else ():
        with contextlib.suppress(OSError):
            upload = _read(path)
            is_old = time.time() - path.stat().st_mtime > _LONGEST_LIFE_SECONDS
            if upload is not None and upload.endpoint == endpoint:
                yield upload, path
            if upload is None or is_old:  # whoever could abort it had a week
                forget(path)


def forget(note: Path) -> None:
    """Remove the note of an upload of a dead process, which is aborted by now."""
    note.unlink(missing_ok=True)
    _remove_if_empty(note.parent)


def _read(path: Path) -> UnfinishedUpload | None:
    try:
        return UnfinishedUpload(**json.loads(path.read_bytes()))
    except (ValueError, TypeError):
        return None


def _new_file() -> ScratchFile | None:
    for _ in range(_TRIES):
        # Another process may have just removed the empty directory; other errors come again.
        with contextlib.suppress(FileNotFoundError, FileExistsError, NotADirectoryError):
            directory = _own_directory()
            return scratch_file(directory) if directory else None
    return None


def _remove_if_empty(directory: Path) -> None:
    with contextlib.suppress(OSError):  # others have notes there, or were quicker
        directory.rmdir()


def _own_directory(make: bool = True) -> str | None:
    """Return the directory of the notes; None if it is not ours alone.

    Raises:
        FileNotFoundError: there is none, or not any more.
    """
    user = 'user' if sys.platform == 'win32' else str(os.getuid())
    directory = Path(tempfile.gettempdir(), f'{PREFIX}uploads-{user}')
    if make:
        directory.mkdir(mode=0o700, exist_ok=True)
    found = directory.lstat()
    is_ours = sys.platform == 'win32' or found.st_uid == os.getuid()
    return str(directory) if is_ours and stat.S_ISDIR(found.st_mode) else None
