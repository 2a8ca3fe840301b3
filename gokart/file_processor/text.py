"""Text files: txt, ini."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gokart.file_processor._streams import as_text, utf8_lines
from gokart.file_processor.contract import FileProcessor


class TextFileProcessor(FileProcessor):
    r"""Stores lines as UTF-8, each ended by ``'\n'`` on every platform."""

    def format(self) -> Any:
        """Return the format of a UTF-8 file."""
        return utf8_lines()

    def load(self, file: Any) -> list[str]:
        """Read the lines, without their newline and with all other blanks."""
        with as_text(file, 'utf-8') as text:
            return read_lines(text)

    def dump(self, obj: Any, file: Any) -> None:
        """Write a list as one ``str()`` a line, anything else as its ``str()``.

        Raises:
            UnencodableTextError: UTF-8 has no form for a character.
        """
        with as_text(file, 'utf-8') as text:
            for piece in pieces(obj):
                text.write(piece)


def read_lines(text: Any) -> list[str]:
    """List the lines of the open text file, without their newline."""
    return [line.rstrip('\n') for line in text]


def pieces(obj: object) -> Iterator[str]:
    """Yield the text of `obj` in writable pieces."""
    if isinstance(obj, list):
        for item in obj:
            yield f'{item!s}\n'
    else:
        yield str(obj)
