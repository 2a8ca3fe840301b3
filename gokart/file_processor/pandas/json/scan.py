"""JSON of flat tables parsed by arrow, several times as quick as by Python, with the same result or none.

Arrow reads lines of objects. What it may read in another way than `json.loads` is left to that.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gokart.file_processor.pandas.arrays import FLOATS_SKIP_FROM
from gokart.file_processor.pandas.json.escapes import may_have_escaped
from gokart.file_processor.pandas.json.layout import find_layout

if TYPE_CHECKING:
    import pyarrow

_WORTHWHILE_BYTES = 1 << 15
"""Below this size Python is as quick."""
_BLOCK_BYTES = 1 << 22
_MOST_BYTES = 2**31 - 1
_ABOVE_INTEGERS = 2.0**63
"""From here on a float may be an integer that arrow knows no type of."""


@dataclass(frozen=True)
class Scanned:
    """A table.

    Attributes:
        names: those of the columns, in the order in which they are first met.
        columns: values of each, as pandas takes them.
        index: names of the rows; empty if they are only numbered.
    """

    names: list[str]
    columns: list[Any]
    index: list[str]


def scan(content: bytes, orient: str) -> Scanned | None:
    """Read a table in the layout `orient`; None if `content` needs more care."""
    return _LAYOUTS[orient](content) if orient in _LAYOUTS and len(content) >= _WORTHWHILE_BYTES else None


def _scan_lines(content: bytes) -> Scanned | None:
    """Read lines that are flat objects; None if `content` is anything else or needs more care."""
    if not _is_readable(content):
        return None
    first = _flat(content[: content.find(b'\n')])
    if first is None:
        return None
    table = _table(content, [name for name, value in first.items() if isinstance(value, str)])
    if table is None or not table.num_columns or not _are_lines(content, table.num_rows):
        return None
    names = list(dict.fromkeys([*first, *table.column_names]))
    columns = _all_values([table.column(name) for name in names])
    return None if columns is None else Scanned(names, columns, [])


def _scan_columns(content: bytes) -> Scanned | None:
    """Read an object of flat objects with equal keys; None if `content` is anything else or needs more care."""
    content = content.rstrip()
    if len(content) > _MOST_BYTES or not _is_readable(content) or b'\\"' in content:
        return None
    found = find_layout(content)
    if found is None:
        return None
    layout, names, index = found
    if len(content) < _WORTHWHILE_BYTES * len(names) // 8:
        return None
    columns = []
    for position, objects in enumerate(layout.objects() or []):
        table = _table(objects, [''] if layout.begins_with_text(position) else [])
        if table is None or table.num_rows != layout.opens.shape[1] or table.column_names != ['']:
            return None
        columns.append(table.column(0))
    values = _all_values(columns)
    return Scanned(names, values, index) if values else None


_LAYOUTS: dict[str, Callable[[bytes], Scanned | None]] = {'columns': _scan_columns, 'records': _scan_lines}


def _is_readable(content: bytes) -> bool:
    if not content.startswith(b'{"') or may_have_escaped(content):
        return False
    try:
        return content.isascii() or bool(content.decode())
    except UnicodeDecodeError:
        return False


def _flat(line: bytes) -> dict[str, Any] | None:
    try:
        parsed = json.loads(line)
    except ValueError:
        return None
    is_flat = isinstance(parsed, dict) and not any(isinstance(value, (dict, list)) for value in parsed.values())
    return parsed if is_flat else None


def _are_lines(content: bytes, rows: int) -> bool:
    """Whether flat objects, which so many were found, stand one a line: arrow takes them without newlines as well."""
    newlines = content.count(b'\n') + (not content.endswith(b'\n'))
    return newlines == rows == content.count(b'\n{') + 1


def _table(content: bytes | memoryview, texts: Sequence[str]) -> pyarrow.Table | None:
    """Parse lines of objects; arrow would turn texts that look like dates into dates, were they not called texts."""
    import pyarrow
    import pyarrow.json

    source = pyarrow.BufferReader(pyarrow.py_buffer(content))
    try:
        table = pyarrow.json.read_json(
            source,
            pyarrow.json.ReadOptions(use_threads=False, block_size=_BLOCK_BYTES),
            pyarrow.json.ParseOptions(explicit_schema=pyarrow.schema([(name, pyarrow.string()) for name in texts])),
        )
    except (pyarrow.ArrowException, UnicodeError):
        return None
    dates = [field.name for field in table.schema if pyarrow.types.is_timestamp(field.type)]
    return _table(content, [*texts, *dates]) if dates else table


def _all_values(columns: Sequence[pyarrow.ChunkedArray]) -> list[Any] | None:
    found = []
    for column in columns:
        values = _values(column)
        if values is None:
            return None
        found.append(values)
    return found


def _values(column: pyarrow.ChunkedArray) -> Any:
    """Return the values in the type that pandas gives to a list of them; None if that takes a closer look."""
    import numpy
    from pyarrow import types

    if types.is_string(column.type):
        return _texts(column)
    if types.is_boolean(column.type):
        return column.to_numpy()
    if types.is_int64(column.type):
        numbers = column.to_numpy()
        large = column.null_count and numpy.nanmax(numpy.abs(numbers)) >= FLOATS_SKIP_FROM
        return None if large else numbers
    if types.is_float64(column.type):
        numbers = column.to_numpy()
        missing = numpy.isnan(numbers).sum()
        return None if missing > column.null_count or (numpy.abs(numbers) >= _ABOVE_INTEGERS).any() else numbers
    return numpy.full(len(column), numpy.nan) if types.is_null(column.type) else None


def _texts(column: pyarrow.ChunkedArray) -> Any:
    import pandas

    texts = column.to_pandas()
    return texts if texts.dtype == pandas.Series(['text']).dtype else pandas.Series(column.to_pylist())
