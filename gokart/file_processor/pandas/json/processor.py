"""pandas frames as json and ndjson."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

import luigi.format

from gokart.errors import ConfigError, UnsupportedObjectError
from gokart.file_processor._streams import is_text
from gokart.file_processor.contract import FileProcessor
from gokart.file_processor.pandas.frames import frame_of
from gokart.file_processor.pandas.json.reader import read_frame
from gokart.file_processor.pandas.json.writer import write_frame

if TYPE_CHECKING:
    import pandas

JsonOrient: TypeAlias = Literal['split', 'records', 'index', 'table', 'columns', 'values']


class JsonFileProcessorPandas(FileProcessor):
    """Stores a frame as JSON, in one of the layouts of `pandas.DataFrame.to_json`.

    Numbers keep all their digits, texts stay texts and numbers stay numbers: nothing is inferred from how a value or
    a column is called or looks. What JSON has no form for is written like this:

    - None, NaN, NaT and NA are ``null``; a column of nothing else loads as NaN.
    - Infinities are ``1e999`` and ``-1e999``, which overflow to infinities when they are read.
    - Dates and times of day with a date are milliseconds since 1970-01-01 in UTC, durations are milliseconds, with a
      fraction if they are finer; they load as numbers.
    - A Series is a frame of one column.
    - Labels are texts or numbers; a text that reads as a number (``"7"``) is escaped so that it stays a text.
    - ``'records'`` and ``'values'`` keep no index, and ``'records'`` no columns of a frame without rows.

    Args:
        orient: the layout; ``'records'`` is one JSON record a line, None is ``'columns'``.

    Raises:
        ConfigError: there is no such layout.
    """

    def __init__(self, orient: JsonOrient | None = None) -> None:
        if orient not in (None, *get_args(JsonOrient)):
            known = ', '.join(map(repr, get_args(JsonOrient)))
            raise ConfigError(f'orient must be None or one of {known}, got {orient!r}.')
        self._orient: JsonOrient = orient or 'columns'

    def format(self) -> Any:
        """Return the format of a binary file."""
        return luigi.format.Nop

    def load(self, file: Any) -> pandas.DataFrame:
        """Read the frame.

        Raises:
            ValueError: the file is not JSON, or no frame.
        """
        content = file.read()
        return read_frame(content.encode() if is_text(file) else bytes(content), self._orient)

    def dump(self, obj: Any, file: Any) -> None:
        """Write a DataFrame, a Series, or a dict that `pandas.DataFrame.from_dict` takes.

        Raises:
            UnsupportedObjectError: `obj` is something else, or JSON cannot hold a value of it.
        """
        frame = _frame_of_dict(obj) if isinstance(obj, dict) else frame_of(obj, 'json')
        binary = not is_text(file)
        for piece in write_frame(frame, self._orient):
            file.write(piece if binary else str(piece, 'ascii'))


def _frame_of_dict(content: dict[Any, Any]) -> pandas.DataFrame:
    import pandas

    try:
        frame: pandas.DataFrame = pandas.DataFrame.from_dict(content)
    except ValueError as error:
        raise UnsupportedObjectError(
            f'A dict is stored as the frame of its columns, which this one does not make: {error}'
        ) from error
    return frame
