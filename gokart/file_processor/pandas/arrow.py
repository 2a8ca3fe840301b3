"""pandas frames as arrow tables, with the labels that arrow cannot express kept in the metadata of the file.

Arrow names columns by text. Other labels (numbers, dates, tuples) are written as their ``str()``, as the published
library does, and once more as JSON in the metadata, from which they are restored.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gokart.errors import UnsupportedObjectError
from gokart.file_processor._streams import local_path
from gokart.file_processor.pandas.frames import require_unique
from gokart.file_processor.pandas.labels import decode_label, encode_label

if TYPE_CHECKING:
    import pandas
    import pyarrow

_KEY = b'gokart'


def to_table(
    frame: pandas.DataFrame,
    kind: str,
    extra_columns: Mapping[str, Any] | None = None,
    notes: Mapping[str, Any] | None = None,
) -> pyarrow.Table:
    """Turn `frame` into a table, without its index.

    Args:
        frame: its column labels are unique.
        kind: name of the file format, for messages.
        extra_columns: columns to add behind those of the frame.
        notes: what to keep in the metadata besides, as JSON; read it with `read_notes`.

    Raises:
        UnsupportedObjectError: arrow cannot hold a value, or a label cannot be restored.
    """
    import pandas
    import pyarrow

    notes = dict(notes or {})
    bare = frame.copy(deep=False)
    bare.index = pandas.RangeIndex(len(frame))
    if not _is_text(frame.columns):
        notes['columns'] = [encode_label(label, kind) for label in frame.columns]
        notes['column_names'] = [encode_label(name, kind) for name in frame.columns.names]
        bare.columns = pandas.Index([str(label) for label in frame.columns])
    for name, values in (extra_columns or {}).items():
        bare.insert(len(bare.columns), name, values, allow_duplicates=True)
    require_unique(bare.columns, 'column', kind)
    try:
        table = pyarrow.Table.from_pandas(bare)
    except (pyarrow.ArrowException, OverflowError, UnicodeError) as error:
        raise UnsupportedObjectError(f'A {kind} file cannot hold a value of the frame: {error}') from error
    return table.replace_schema_metadata({**table.schema.metadata, _KEY: json.dumps(notes)}) if notes else table


def _is_text(labels: pandas.Index[Any]) -> bool:
    return all(type(label) is str for label in labels) and all(type(name) in (str, type(None)) for name in labels.names)


def native_file(file: Any) -> pyarrow.NativeFile:
    """Return `file`, from its current position on, as a file of arrow's own.

    Arrow reads in threads. One that still holds a file of Python's when the interpreter ends aborts the process.
    """
    import pyarrow

    path = local_path(file)
    return pyarrow.OSFile(path) if path and file.tell() == 0 else pyarrow.BufferReader(file.read())


def read_notes(metadata: Mapping[bytes, bytes] | None) -> dict[str, Any]:
    """Return the notes of a file from its schema's metadata; none if it has none of ours."""
    notes: dict[str, Any] = json.loads((metadata or {}).get(_KEY, b'{}'))
    return notes


def restore_labels(frame: pandas.DataFrame, metadata: Mapping[bytes, bytes] | None) -> pandas.DataFrame:
    """Give the loaded `frame` the column labels that it was dumped with; columns behind these keep theirs."""
    import pandas

    notes = read_notes(metadata)
    if 'columns' in notes:
        labels = [decode_label(label) for label in notes['columns']]
        names = [decode_label(name) for name in notes['column_names']]
        rest = list(frame.columns[len(labels) :])
        if len(names) > 1 and not rest:
            frame.columns = pandas.MultiIndex.from_tuples(labels, names=names)
        else:
            dtype = object if None in labels else None  # None would become NaN
            frame.columns = pandas.Index([*labels, *rest], dtype=dtype, tupleize_cols=False, name=names[0])
    elif frame.columns.empty:
        frame.columns = pandas.RangeIndex(0)  # the default: arrow knows no type of labels that are not there
    return frame
