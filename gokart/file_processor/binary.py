"""Files of plain bytes: png, jpg."""

from __future__ import annotations

from typing import Any

import luigi.format

from gokart.file_processor._streams import wrong_type
from gokart.file_processor.contract import FileProcessor


class BinaryFileProcessor(FileProcessor):
    """Stores bytes as they are."""

    def format(self) -> Any:
        """Return the format of a binary file."""
        return luigi.format.Nop

    def load(self, file: Any) -> bytes:
        """Read all bytes."""
        content: bytes = file.read()
        return content

    def dump(self, obj: Any, file: Any) -> None:
        """Write `obj`, which is bytes or another contiguous buffer, such as an array of numpy."""
        try:
            content = memoryview(obj).cast('B')
        except TypeError:
            raise wrong_type('binary', 'bytes', obj) from None
        file.write(content)
