"""pandas frames as csv and tsv."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal

from gokart.file_processor._streams import as_text, utf8_bytes, utf8_lines
from gokart.file_processor.contract import FileProcessor
from gokart.file_processor.pandas.arrays import FEW_ROWS, ROWS_AT_ONCE, array_of, content_of, is_text, text_type
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
        content = utf8_bytes(file, self._encoding)
        if hasattr(content, '__iter__'):  # what pandas asks of a file
            return self._read(content)
        with as_text(file, self._encoding) as text:
            return self._read(_TextOnly(text))

    def _read(self, file: Any) -> pandas.DataFrame:
        import pandas

        try:
            frame: pandas.DataFrame = pandas.read_csv(file, sep=self._sep, **_exact_numbers())
        except pandas.errors.EmptyDataError:
            frame = pandas.DataFrame()
        return frame

    def dump(self, obj: Any, file: Any) -> None:
        """Write a DataFrame, or a Series as one column.

        Raises:
            UnsupportedObjectError: `obj` is neither.
            UnencodableTextError: the encoding has no form for a character.
        """
        frame = frame_of(obj, 'csv')
        warn_of_lost_index(frame, 'csv')
        quoting: Literal[0, 2] = csv.QUOTE_NONNUMERIC if _needs_quotes(frame) else csv.QUOTE_MINIMAL
        with as_text(file, self._encoding) as text:
            # mode: pandas takes some text files of Luigi for binary ones
            frame.to_csv(text, sep=self._sep, mode='wt', index=False, lineterminator='\n', quoting=quoting)


class _TextOnly:
    """A text file that tells no mode: by that, pandas takes some text files of Luigi for binary ones."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self.read = file.read

    def __iter__(self) -> Iterator[str]:
        return iter(self._file)


def _exact_numbers() -> dict[str, Any]:
    """Return the options that make pandas read each number as the nearest float."""
    import pandas

    major, minor = pandas.__version__.split('.')[:2]
    return {} if (int(major), int(minor)) >= (3, 1) else {'float_precision': 'round_trip'}


def _needs_quotes(frame: pandas.DataFrame) -> bool:
    # A carriage return alone ends a line for readers, but the writer of Python before 3.13 does not quote it.
    if sys.version_info >= (3, 13):
        return False
    columns = (column for _, column in frame.items() if column.dtype.kind not in 'biufcmM')
    return any('\r' in str(label) for label in frame.columns) or any(map(_has_return, columns))


def _has_return(column: pandas.Series[Any]) -> bool:
    import pandas

    if isinstance(column.dtype, pandas.CategoricalDtype):
        column = column.cat.categories.to_series()
    portions = (column.iloc[start : start + ROWS_AT_ONCE] for start in range(0, len(column), ROWS_AT_ONCE))
    return any(map(_portion_has_return, portions))


def _portion_has_return(column: pandas.Series[Any]) -> bool:
    import numpy

    array = array_of(column) if len(column) > FEW_ROWS else None
    if array is not None and is_text(array):
        return bool((numpy.frombuffer(content_of(array.cast(text_type())), 'u1') == ord('\r')).any())
    return any('\r' in str(value) for value in column.tolist())
