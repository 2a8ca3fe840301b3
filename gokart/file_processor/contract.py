"""The contract of a file processor: it knows a format, never a path or a cloud."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any


class FileProcessor(ABC):
    """Turns an object into the content of one file and back."""

    @abstractmethod
    def format(self) -> Any:
        """Return the `luigi.format` of the file: `luigi.format.Nop` for bytes, None for UTF-8 text."""

    @abstractmethod
    def load(self, file: Any) -> Any:
        """Read the object from `file`, a seekable file in the mode that `format` tells.

        It need not be a local file: read from the stream, not from ``file.name``.
        """

    @abstractmethod
    def dump(self, obj: Any, file: Any) -> None:
        """Write `obj` to `file`, or to the local path ``file.name``.

        Raises:
            UnsupportedObjectError: the format cannot hold `obj`.
        """
