"""pandas frames as JSON: where the values stand in each layout."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from gokart.errors import UnsupportedObjectError
from gokart.file_processor._streams import warn_of_loss
from gokart.file_processor.pandas.arrays import FEW_ROWS, ROWS_AT_ONCE, content_of, text_array
from gokart.file_processor.pandas.frames import warn_of_lost_index
from gokart.file_processor.pandas.json.axis_names import cells_of_labels, names_of_columns, names_of_rows
from gokart.file_processor.pandas.json.cells import cells, cells_of_few
from gokart.file_processor.pandas.json.encoders import joined

if TYPE_CHECKING:
    import pandas
    import pyarrow

Text: TypeAlias = bytes | memoryview

Column: TypeAlias = 'pandas.Series[Any]'

_CELLS_AT_ONCE = 1 << 18
"""Bounds the memory that the text of the values takes, as `ROWS_AT_ONCE` does."""
_LEAST_ROWS = 2_000
"""Each portion of each column takes some calls."""


def write_frame(frame: pandas.DataFrame, orient: str) -> Iterator[Text]:
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


def _columns(frame: pandas.DataFrame) -> Iterator[Text]:
    columns = names_of_columns(frame)
    index = joined(names_of_rows(frame), ':')
    yield b'{'
    for position, (name, column) in enumerate(zip(columns, _series(frame), strict=True)):
        yield f'{"," if position else ""}{name}:{{'.encode('ascii')
        yield from _listed(_rows([column], ['', ','], index))
        yield b'}'
    yield b'}'


def _index(frame: pandas.DataFrame) -> Iterator[Text]:
    index = names_of_rows(frame)
    first, *others = _record(frame)
    yield b'{'
    yield from _listed(_rows(_series(frame), [f':{first}', *others, ','], index))
    yield b'}'


def _records(frame: pandas.DataFrame) -> Iterator[Text]:
    warn_of_lost_index(frame, 'ndjson')
    if len(frame.columns) and frame.empty:
        warn_of_loss(
            f'The columns of the empty frame ({list(frame.columns)}) are dropped: a ndjson file has records only.'
        )
    return _rows(_series(frame), [*_record(frame), '\n'], len(frame))


def _values(frame: pandas.DataFrame) -> Iterator[Text]:
    warn_of_lost_index(frame, "json with orient 'values'")
    return _array(frame, _list(frame))


def _split(frame: pandas.DataFrame) -> Iterator[Text]:
    columns = ','.join(cells_of_labels(frame.columns, 'columns'))
    index = ','.join(cells_of_labels(frame.index, 'index'))
    yield f'{{"columns":[{columns}],"index":[{index}],"data":'.encode('ascii')
    yield from _array(frame, _list(frame))
    yield b'}'


def _table(frame: pandas.DataFrame) -> Iterator[Text]:
    schema = _schema(frame)
    flat = _flat(frame, schema['primaryKey'])
    for name in flat.columns:
        if flat[name].dtype.kind == 'm':
            raise UnsupportedObjectError(f"pandas reads no durations in the layout 'table', as in column {name!r}.")
        if flat[name].dtype.kind == 'M':
            flat[name] = [None if value != value else value.isoformat() for value in flat[name]]
    yield f'{{"schema":{json.dumps(schema)},"data":'.encode('ascii')
    yield from _array(flat, _record(flat))
    yield b'}'


def _flat(frame: pandas.DataFrame, names: list[str]) -> pandas.DataFrame:
    """Return `frame` with its index as columns of these `names`.

    Raises:
        UnsupportedObjectError: pandas loses part of a text in the layout 'table'.
    """
    try:
        flat: pandas.DataFrame = frame.reset_index(names=names)
        for _, column in flat.items():
            if column.dtype == 'object':
                ''.join(value for value in column if isinstance(value, str)).encode()
    except UnicodeEncodeError as error:
        raise UnsupportedObjectError(
            f"The layout 'table' has no form for half a character ({error}): replace it, or choose the layout 'split'."
        ) from error
    return flat


def _schema(frame: pandas.DataFrame) -> dict[str, Any]:
    """Describe index and columns as pandas does.

    Raises:
        UnsupportedObjectError: pandas reads no such labels in the layout 'table'.
    """
    cure = "rename them, or choose the layout 'split'."
    try:
        schema: dict[str, Any] = json.loads(frame.iloc[:0].to_json(orient='table'))['schema']
    except (NotImplementedError, ValueError) as error:
        raise UnsupportedObjectError(
            f"The layout 'table' has no form for the labels {list(frame.columns)[:10]}: {error}: {cure}"
        ) from error
    names = [*schema['primaryKey'], *frame.columns]
    if not all(isinstance(name, str) for name in names) or len(set(names)) < len(names):
        raise UnsupportedObjectError(
            f"The layout 'table' names index and columns by different texts, not as {names[:10]}: {cure}"
        )
    return schema


_LAYOUTS: dict[str, Callable[[pandas.DataFrame], Iterator[Text]]] = {
    'columns': _columns,
    'index': _index,
    'records': _records,
    'values': _values,
    'split': _split,
    'table': _table,
}


def _record(frame: pandas.DataFrame) -> list[str]:
    """Return what stands before, between and behind the values of a row that is a JSON object."""
    names = names_of_columns(frame)
    return [f'{"," if position else "{"}{name}:' for position, name in enumerate(names)] + ['}' if names else '{}']


def _list(frame: pandas.DataFrame) -> list[str]:
    """Return what stands before, between and behind the values of a row that is a JSON array."""
    columns = frame.shape[1]
    return ['[', *[','] * (columns - 1), ']'] if columns else ['[]']


def _array(frame: pandas.DataFrame, texts: Sequence[str]) -> Iterator[Text]:
    """Yield the rows of `frame` as a JSON array."""
    yield b'['
    yield from _listed(_rows(_series(frame), [*texts, ','], len(frame)))
    yield b']'


def _listed(pieces: Iterator[memoryview]) -> Iterator[Text]:
    """Yield pieces that end in a comma, the last one without it."""
    for number, piece in enumerate(pieces):
        if number:
            yield b','
        yield piece[:-1]


def _series(frame: pandas.DataFrame) -> list[Column]:
    return [column for _, column in frame.items()]


def _rows(columns: Sequence[Column], texts: Sequence[str], names: pyarrow.Array | int) -> Iterator[memoryview]:
    """Yield rows in portions: name, text, value, text, value, ..., and all other texts.

    Args:
        names: one for each row; or only how many rows there are.
    """
    rows = names if isinstance(names, int) else len(names)
    portion = max(_LEAST_ROWS, min(ROWS_AT_ONCE, _CELLS_AT_ONCE // max(1, len(columns))))
    texts = [*texts[: len(columns)], ''.join(texts[len(columns) :])]
    write = _few_rows if rows <= FEW_ROWS else _many_rows
    for start in range(0, rows, portion):
        parts = [column.iloc[start : start + portion] for column in columns] if rows > portion else columns
        if isinstance(names, int):
            yield write(parts, texts, text_array([''] * min(portion, rows - start)))
        else:
            yield write(parts, texts, names.slice(start, portion))


def _few_rows(columns: Sequence[Column], texts: Sequence[str], names: pyarrow.Array) -> memoryview:
    rows = zip(names.to_pylist(), *map(cells_of_few, columns), strict=True)
    parts = (itertools.chain(*zip(row, texts, strict=True)) for row in rows)
    return memoryview(''.join(itertools.chain.from_iterable(parts)).encode('ascii'))


def _many_rows(columns: Sequence[Column], texts: Sequence[str], names: pyarrow.Array) -> memoryview:
    parts = itertools.chain(*zip([names, *map(cells, columns)], texts, strict=True))
    return content_of(joined(*parts, missing='null'))
