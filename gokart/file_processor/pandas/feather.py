"""pandas frames as feather, with their index."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import luigi.format

from gokart.errors import UnsupportedObjectError
from gokart.file_processor.contract import FileProcessor
from gokart.file_processor.pandas.arrow import native_file, read_notes, restore_labels, to_table
from gokart.file_processor.pandas.column_groups import read_by_columns
from gokart.file_processor.pandas.frames import require_frame, warn_of_lost_index
from gokart.file_processor.pandas.labels import decode_label, encode_label

if TYPE_CHECKING:
    import pandas

INDEX_COLUMN_PREFIX = '__feather_gokart_index__'


class FeatherFileProcessorPandas(FileProcessor):
    """Stores a frame as feather.

    Args:
        store_index_in_feather: whether the index travels along, as the column ``__feather_gokart_index__<its name>``;
            without it the frame loads with the numbers of its rows as index.
    """

    def __init__(self, store_index_in_feather: bool) -> None:
        self._store_index_in_feather = store_index_in_feather

    def format(self) -> Any:
        """Return the format of a binary file."""
        return luigi.format.Nop

    def load(self, file: Any) -> pandas.DataFrame:
        """Read the frame, with its index if it was stored and is asked for."""
        import pandas
        import pyarrow.ipc

        with native_file(file) as native:
            schema = pyarrow.ipc.open_file(native).schema

            def read(columns: list[str] | None) -> pandas.DataFrame:
                native.seek(0)
                return pandas.read_feather(native, columns=columns)

            frame = read_by_columns(read, schema, native.size())
        metadata = schema.metadata
        index = _pop_index(frame, read_notes(metadata)) if self._store_index_in_feather else None
        frame = restore_labels(frame, metadata)
        if index is not None:
            frame.index = index
        return frame

    def dump(self, obj: Any, file: Any) -> None:
        """Write a DataFrame.

        Raises:
            UnsupportedObjectError: `obj` is something else, has a MultiIndex or an index that is called ``'None'``, or
                arrow cannot hold its values or labels.
        """
        import pyarrow.feather

        frame = require_frame(obj, 'feather')
        if self._store_index_in_feather:
            column = INDEX_COLUMN_PREFIX + str(_name_of_index(frame))
            table = to_table(frame, 'feather', {column: _values_of_index(frame.index)}, _notes_of_index(frame.index))
        else:
            warn_of_lost_index(frame, 'feather')
            table = to_table(frame, 'feather')
        pyarrow.feather.write_feather(table, file)


def _name_of_index(frame: pandas.DataFrame) -> Any:
    if frame.index.nlevels > 1:
        raise UnsupportedObjectError(
            f'A feather file cannot hold a MultiIndex ({list(frame.index.names)}): use reset_index(), or store pkl.'
        )
    if frame.index.name == 'None':
        raise UnsupportedObjectError(
            'A feather file cannot hold an index called "None", which stands for an index without a name: rename it.'
        )
    return frame.index.name


def _values_of_index(index: pandas.Index[Any]) -> Any:
    import numpy
    import pandas

    if not isinstance(index, pandas.RangeIndex):
        return index
    # The index itself would remember all of its numbers, for as long as the frame lives.
    return pandas.Series(numpy.arange(index.start, index.stop, index.step), copy=False)


def _notes_of_index(index: pandas.Index[Any]) -> dict[str, Any]:
    """Return what the column of the index cannot tell."""
    import pandas

    notes: dict[str, Any] = {}
    if index.name is not None and type(index.name) is not str:
        notes['index_name'] = encode_label(index.name, 'feather')
    if isinstance(index, (pandas.DatetimeIndex, pandas.TimedeltaIndex)) and index.freq is not None:
        notes['index_freq'] = index.freqstr
    return notes


def _pop_index(frame: pandas.DataFrame, notes: Mapping[str, Any]) -> Any:
    """Take the index out of the columns of `frame`."""
    import pandas

    stored = [label for label in frame.columns if str(label).startswith(INDEX_COLUMN_PREFIX)]
    if not stored:
        return None
    text = stored[-1].removeprefix(INDEX_COLUMN_PREFIX)
    name = decode_label(notes['index_name']) if 'index_name' in notes else None if text == 'None' else text
    index: Any = pandas.Index(frame.pop(stored[-1])).rename(name)
    if 'index_freq' in notes:
        with contextlib.suppress(ValueError):  # an alias that another version of pandas wrote
            return type(index)(index, freq=notes['index_freq'])
    return index
