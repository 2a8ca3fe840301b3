"""pandas frames as csv and tsv."""

from __future__ import annotations

import csv
import sys
from typing import TYPE_CHECKING, Any, Literal

from gokart.file_processor._streams import as_text, utf8_lines
from gokart.file_processor.contract import FileProcessor
from gokart.file_processor.pandas.frames import frame_of, warn_of_lost_index

if TYPE_CHECKING:
    import pandas


class CsvFileProcessorPandas(FileProcessor):
    """Stores a frame as text, without its index.

    The text has no types: loading infers them from the values of each column, and an empty text loads as missing.

    Args:
        sep: separator of the columns, one character.
        encoding: encoding of the file.
    """

    def __init__(self, sep: str = ',', encoding: str = 'utf-8') -> None:
        self._sep = sep
        self._encoding = encoding

    def format(self) -> Any:
        """Return the format of a text file in the encoding."""
        return utf8_lines(self._encoding)

    def load(self, file: Any) -> pandas.DataFrame:
        """Read the frame; an empty file is an empty frame."""
        import pandas

        with as_text(file, self._encoding) as text:
            try:
                frame: pandas.DataFrame = pandas.read_csv(text, sep=self._sep, **_exact_numbers())
            except pandas.errors.EmptyDataError:
                frame = pandas.DataFrame()
        return frame

    def dump(self, obj: Any, file: Any) -> None:
        """Write a DataFrame, or a Series as one column.

        Raises:
            UnsupportedObjectError: `obj` is neither.
        """
        frame = frame_of(obj, 'csv')
        warn_of_lost_index(frame, 'csv')
        quoting: Literal[0, 2] = csv.QUOTE_NONNUMERIC if _needs_quotes(frame) else csv.QUOTE_MINIMAL
        with as_text(file, self._encoding) as text:
            # mode: pandas takes some text files of Luigi for binary ones
            frame.to_csv(text, sep=self._sep, mode='wt', index=False, lineterminator='\n', quoting=quoting)


def _exact_numbers() -> dict[str, Any]:
    """Return the options that make pandas read each number as the nearest float."""
    import pandas

    major, minor = pandas.__version__.split('.')[:2]
    return {} if (int(major), int(minor)) >= (3, 1) else {'float_precision': 'round_trip'}


def _needs_quotes(frame: pandas.DataFrame) -> bool:
    # A carriage return alone ends a line for readers, but the writer of Python before 3.13 does not quote it.
    if sys.version_info >= (3, 13):
        return False
    columns = (frame.iloc[:, position] for position in range(frame.shape[1]))
    texts = [frame.columns, *(column for column in columns if column.dtype.kind not in 'biufcmM')]
    return any('\r' in ''.join(map(str, text)) for text in texts)
