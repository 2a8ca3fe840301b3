"""pandas frames as JSON: where the values stand in each layout."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from gokart.errors import UnsupportedObjectError
from gokart.file_processor._streams import warn_of_loss
from gokart.file_processor.pandas.frames import warn_of_lost_index
from gokart.file_processor.pandas.json_cells import cells
from gokart.file_processor.pandas.json_labels import encode_names, survive

if TYPE_CHECKING:
    import pandas

_ROWS_AT_ONCE = 20_000
"""Bounds the memory that the text of the values takes."""


def write_frame(frame: pandas.DataFrame, orient: str) -> Iterator[str]:
    """Yield the text of `frame` in the layout `orient`, in pieces of ASCII.

    Raises:
        UnsupportedObjectError: JSON cannot hold a value or the labels.
    """
    dates = [label for label, dtype in zip(frame.columns, frame.dtypes, strict=True) if dtype.kind in 'mM']
    if dates and orient != 'table':
        warn_of_loss(
            f'Columns {dates} hold dates or durations, which load from a json file as numbers of milliseconds.'
        )
    return _LAYOUTS[orient](frame)


def _columns(frame: pandas.DataFrame) -> Iterator[str]:
    columns = _names(frame.columns, 'columns')
    index = _names(frame.index, 'index')
    yield '{'
    for position, name in enumerate(columns):
        yield f'{"," if position else ""}{name}:{{'
        for start in range(0, len(frame), _ROWS_AT_ONCE):
            stop = start + _ROWS_AT_ONCE
            values = cells(frame.iloc[start:stop, position])
            yield (',' if start else '') + ','.join(map('%s:%s'.__mod__, zip(index[start:stop], values, strict=True)))
        yield '}'
    yield '}'


def _index(frame: pandas.DataFrame) -> Iterator[str]:
    index = _names(frame.index, 'index')
    yield '{'
    for start, rows in _rows(frame, _record(frame)):
        yield (',' if start else '') + ','.join(map('%s:%s'.__mod__, zip(index[start:], rows, strict=False)))
    yield '}'


def _records(frame: pandas.DataFrame) -> Iterator[str]:
    warn_of_lost_index(frame, 'ndjson')
    if len(frame.columns) and frame.empty:
        warn_of_loss(
            f'The columns of the empty frame ({list(frame.columns)}) are dropped: a ndjson file has records only.'
        )
    for _, rows in _rows(frame, _record(frame)):
        yield '\n'.join(rows) + '\n'


def _values(frame: pandas.DataFrame) -> Iterator[str]:
    warn_of_lost_index(frame, "json with orient 'values'")
    yield from _array(frame, _list(frame))


def _split(frame: pandas.DataFrame) -> Iterator[str]:
    yield f'{{"columns":[{",".join(_cells_of_labels(frame.columns))}]'
    yield f',"index":[{",".join(_cells_of_labels(frame.index))}],"data":'
    yield from _array(frame, _list(frame))
    yield '}'


def _table(frame: pandas.DataFrame) -> Iterator[str]:
    schema = json.loads(frame.iloc[:0].to_json(orient='table'))['schema']
    flat = frame.reset_index(names=schema['primaryKey'])
    for name in flat.columns:
        if flat[name].dtype.kind == 'm':
            raise UnsupportedObjectError(f"pandas reads no durations in the layout 'table', as in column {name!r}.")
        if flat[name].dtype.kind == 'M':
            flat[name] = [None if value != value else value.isoformat() for value in flat[name]]
    yield f'{{"schema":{json.dumps(schema)},"data":'
    yield from _array(flat, _record(flat))
    yield '}'


_LAYOUTS: dict[str, Callable[[pandas.DataFrame], Iterator[str]]] = {
    'columns': _columns,
    'index': _index,
    'records': _records,
    'values': _values,
    'split': _split,
    'table': _table,
}


def _record(frame: pandas.DataFrame) -> str:
    """Return the template of a row as a JSON object."""
    names = (name.replace('%', '%%') for name in _names(frame.columns, 'columns'))
    return f'{{{",".join(f"{name}:%s" for name in names)}}}'


def _list(frame: pandas.DataFrame) -> str:
    """Return the template of a row as a JSON array."""
    return f'[{",".join(["%s"] * len(frame.columns))}]'


def _array(frame: pandas.DataFrame, template: str) -> Iterator[str]:
    """Yield the rows of `frame` as a JSON array."""
    yield '['
    for start, rows in _rows(frame, template):
        yield (',' if start else '') + ','.join(rows)
    yield ']'


def _rows(frame: pandas.DataFrame, template: str) -> Iterator[tuple[int, Iterable[str]]]:
    """Yield the rows of `frame` in portions, each with the number of its first row."""
    for start in range(0, len(frame), _ROWS_AT_ONCE):
        part = frame.iloc[start : start + _ROWS_AT_ONCE]
        columns = [cells(part.iloc[:, position]) for position in range(part.shape[1])]
        yield start, map(template.__mod__, zip(*columns, strict=True)) if columns else [template] * len(part)


def _names(axis: pandas.Index[Any], what: str) -> list[str]:
    """Return the labels of an axis as names of a JSON object."""
    labels = list(axis)
    if axis.dtype.kind in 'mM':
        labels = [json.loads(cell) for cell in _cells_of_labels(axis)]
    if axis.dtype.kind in 'mM' or not survive(labels):
        kind = 'numbers' if axis.dtype.kind in 'mM' else 'text'
        warn_of_loss(
            f'The labels of the {what} ({type(axis).__name__}) load as {kind}: names in a json file are text, and read '
            'as int or float where all labels of an axis are. A feather or pickle file keeps them.'
        )
    names = encode_names(labels)
    if len(set(names)) < len(names):
        raise UnsupportedObjectError(f'A json file cannot hold {what} with several labels of one text: {labels[:10]}.')
    return names


def _cells_of_labels(axis: pandas.Index[Any]) -> list[str]:
    return cells(axis.to_series(name='of labels'))
