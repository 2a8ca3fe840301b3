"""Columns of pandas frames as arrays of arrow's, which work on all values at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas
    import pyarrow

FEW_ROWS = 40
"""Up to so many rows it takes longer to look at all values at once than at one by one."""
ROWS_AT_ONCE = 20_000
"""Bounds the memory that looking at so many takes."""
FLOATS_SKIP_FROM = 2**53
"""From here on two integers may be one float."""

_OBJECTS = {'string': 'string', 'integer': 'int64', 'floating': 'float64', 'boolean': 'bool'}
"""Types of arrow for objects of one type, as `pandas.api.types.infer_dtype` calls it."""


def array_of(column: pandas.Series[Any]) -> pyarrow.Array | None:
    """Return the values of `column`, missing ones as null; None if they are objects of several types or of others."""
    import pandas
    import pyarrow

    kind = None
    if column.dtype == object:
        kind = _OBJECTS.get(pandas.api.types.infer_dtype(column, skipna=True))
        if kind is None:
            return None
    try:
        array = pyarrow.array(column, kind, from_pandas=True)
    except (pyarrow.ArrowException, ImportError, OverflowError, TypeError, ValueError):
        return None
    if isinstance(array, pyarrow.ChunkedArray):
        return pyarrow.concat_arrays(array.chunks or [pyarrow.array([], array.type)])
    return array


def is_text(array: pyarrow.Array) -> bool:
    """Whether the values are texts."""
    from pyarrow import types

    return bool(types.is_string(array.type) or types.is_large_string(array.type))


def compute() -> Any:
    """Return the functions of arrow, most of which are made when it is imported."""
    import pyarrow.compute

    return pyarrow.compute


def text_type() -> pyarrow.DataType:
    """Return the type of the texts that are made here, of any size."""
    import pyarrow

    return pyarrow.large_string()


def text_array(texts: Iterable[str | None]) -> pyarrow.Array:
    """Return texts as an array."""
    import pyarrow

    return pyarrow.array(texts, text_type())


def content_of(texts: pyarrow.Array) -> memoryview:
    """Return all texts of an array of `text_type`, one behind the other."""
    import numpy

    _, offsets, content = texts.buffers()
    ends = numpy.frombuffer(offsets, 'i8')[texts.offset : texts.offset + len(texts) + 1]
    return memoryview(content)[ends[0] : ends[-1]]
