"""pandas frames from JSON: nothing is inferred from how values or labels look."""

from __future__ import annotations

import io
import itertools
import json
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from gokart.file_processor.pandas.arrays import FLOATS_SKIP_FROM
from gokart.file_processor.pandas.json.escapes import decode_names, mark_texts
from gokart.file_processor.pandas.json.scan import scan

if TYPE_CHECKING:
    import pandas


def read_frame(content: bytes, orient: str) -> pandas.DataFrame:
    """Read a frame in the layout `orient`.

    Raises:
        ValueError: `content` is not JSON, or no frame.
    """
    scanned = scan(content, orient)
    if scanned is not None:
        index = decode_names(scanned.index) if scanned.index else len(scanned.columns[0])
        return _frame(decode_names(scanned.names), scanned.columns, index)
    if orient == 'records':
        return _from_records(_lines(mark_texts(content)))
    try:
        if orient == 'table':
            return _from_table(content)
        return _LAYOUTS[orient](json.loads(mark_texts(content)))
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f'The JSON is no frame in the layout {orient!r}: {type(error).__name__}: {error}') from error


def _lines(content: bytes) -> list[Any]:
    """Parse one value a line; the published library wrote a Series of texts as several in one line."""
    lines = content.decode('utf-8-sig').split('\n')
    try:
        values: list[Any] = json.loads(f'[{",".join(line for line in lines if line.strip())}]')
        return values
    except ValueError:
        for number, line in enumerate(lines, start=1):
            try:
                json.loads(f'[{line}]')
            except ValueError as error:
                raise ValueError(f'Line {number} is not JSON: {error}') from None
        raise


def _from_columns(parsed: Any) -> pandas.DataFrame:
    """Read columns, each a mapping from index to value; also the other things that a frame is written as by others."""
    if isinstance(parsed, list):
        return _from_records(parsed)
    if all(isinstance(column, dict) for column in parsed.values()):
        index = _union(parsed.values())
        columns = [[column.get(name) for name in index] for column in parsed.values()]
        return _frame(decode_names(list(parsed)), columns, decode_names(index))
    if all(isinstance(column, list) for column in parsed.values()):
        return _frame(decode_names(list(parsed)), list(parsed.values()))
    return _frame([0], [list(parsed.values())], decode_names(list(parsed)))


def _from_index(parsed: Any) -> pandas.DataFrame:
    names = _union(parsed.values())
    columns = [[row.get(name) for row in parsed.values()] for name in names]
    return _frame(decode_names(names), columns, decode_names(list(parsed)))


def _from_records(records: Sequence[Any]) -> pandas.DataFrame:
    if not all(isinstance(record, dict) for record in records):
        return _from_values(records) if all(isinstance(row, list) for row in records) else _frame([0], [list(records)])
    names = _union(records)
    return _frame(decode_names(names), [[record.get(name) for record in records] for name in names], len(records))


def _from_values(rows: Any) -> pandas.DataFrame:
    columns = [list(column) for column in itertools.zip_longest(*rows)]
    return _frame(list(range(len(columns))), columns, len(rows))


def _from_split(parsed: Any) -> pandas.DataFrame:
    columns = [list(column) for column in zip(*parsed['data'], strict=True)] or [[] for _ in parsed['columns']]
    return _frame(_hashable(parsed['columns']), columns, _hashable(parsed['index']))


def _from_table(content: bytes) -> pandas.DataFrame:
    import pandas

    frame = pandas.read_json(io.BytesIO(content), orient='table')
    rows = json.loads(content)['data']
    for name in frame.columns:
        dtype: Any = frame[name].dtype
        if dtype.kind == 'f':  # the parser of pandas gets the last digit wrong
            frame[name] = pandas.Series([row[name] for row in rows], frame.index, dtype)
    return frame


_LAYOUTS: dict[str, Callable[[Any], pandas.DataFrame]] = {
    'columns': _from_columns,
    'index': _from_index,
    'values': _from_values,
    'split': _from_split,
}


def _frame(labels: list[Any], columns: Sequence[Any], index: list[Any] | int | None = None) -> pandas.DataFrame:
    """Build a frame; an index of the first numbers, or a number of rows, gives the default index."""
    import pandas

    rows = index if isinstance(index, int) else len(index) if index is not None else None
    if rows is None or isinstance(index, int) or index == list(range(rows)):
        index = None
    frame: pandas.DataFrame = pandas.DataFrame(
        {position: _column(values) for position, values in enumerate(columns)},
        index=pandas.RangeIndex(rows) if rows is not None else None,
    )
    frame.columns = _made(pandas.Index, labels)
    if index is not None:
        frame.index = _made(pandas.Index, index)
    return frame


def _column(values: Any) -> Any:
    """Return the values of a column in the type that keeps them, where pandas would choose another."""
    import pandas

    if not isinstance(values, list):
        return values
    if all(value is None for value in values):
        return pandas.Series(values, dtype='float64')
    if None in values and _has_large_integer(values):
        return pandas.array(values, dtype='Int64')
    return _made(pandas.Series, values)


def _made(kind: Callable[..., Any], values: list[Any]) -> Any:
    """Make a Series or an Index of `values`, of objects if they are texts that arrow cannot hold."""
    try:
        return kind(values)
    except UnicodeEncodeError:  # half a character, which is no UTF-8
        return kind(values, dtype=object)


def _has_large_integer(values: list[Any]) -> bool:
    """Whether there are only integers and None, and a float would not keep them."""
    known = [value for value in values if value is not None]
    return all(type(value) is int for value in known) and (
        max(map(abs, known)) >= FLOATS_SKIP_FROM and min(known) >= -(2**63) and max(known) < 2**63
    )


def _union(mappings: Iterable[Any]) -> list[str]:
    """List the names of all mappings, in the order in which they are first met."""
    return list(dict.fromkeys(itertools.chain.from_iterable(mappings)))


def _hashable(labels: list[Any]) -> list[Any]:
    return [tuple(label) if isinstance(label, list) else label for label in labels]
