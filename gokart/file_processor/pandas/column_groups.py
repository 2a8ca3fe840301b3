"""pandas frames put together from groups of columns, so that never all columns are in memory twice."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas
    import pyarrow

GROUPS = 16
"""The most parts that are made of one frame: each takes a look at the file, and wide frames have many columns."""
LARGE_BYTES = 1 << 22
"""From this size on a second copy costs more than the looks."""

_MANY_COLUMNS = 100
"""From this number on pandas warns of a frame whose columns lie apart."""


def read_by_columns(
    read: Callable[[list[str] | None], pandas.DataFrame], schema: pyarrow.Schema, size_bytes: int
) -> pandas.DataFrame:
    """Read a file of arrow's, a large one by groups of columns: converting one needs no other in memory.

    Args:
        read: reads the columns of these names; None: all.
        schema: the columns of the file.
        size_bytes: how large the frame is, about.
    """
    names: list[str] = schema.names
    if size_bytes < LARGE_BYTES or len(names) < 2 or len(set(names)) < len(names) or not _has_plain_index(schema):
        return read(None)
    return beside([read(names[start:stop]) for start, stop in bounds(len(names))])


def bounds(count: int) -> list[tuple[int, int]]:
    """Divide so many columns into groups of about equal length: first column and the one behind the last."""
    groups = min(GROUPS, count)
    return list(itertools.pairwise(count * number // groups for number in range(groups + 1)))


def beside(frames: Sequence[pandas.DataFrame]) -> pandas.DataFrame:
    """Put frames of the same rows side by side; up to a hundred columns are not copied, in pandas 3 more neither."""
    import pandas

    for frame in frames:
        frame.index = frames[0].index
    columns = sum(frame.shape[1] for frame in frames)
    if _concat_copies() and columns <= _MANY_COLUMNS:
        return _views_beside(frames)
    joined: pandas.DataFrame = pandas.concat(frames, axis=1)
    return joined


def _concat_copies() -> bool:
    import pandas

    return int(pandas.__version__.split('.')[0]) < 3


def _views_beside(frames: Sequence[pandas.DataFrame]) -> pandas.DataFrame:
    import pandas

    series = [frame.iloc[:, position] for frame in frames for position in range(frame.shape[1])]
    views: pandas.DataFrame = pandas.DataFrame(dict(enumerate(series)), copy=False)
    views.columns = frames[0].columns.append([frame.columns for frame in frames[1:]])
    views.attrs = frames[0].attrs
    return views


def _has_plain_index(schema: pyarrow.Schema) -> bool:
    """Whether the rows are numbered: any other index would be read with each group."""
    indexes = (schema.pandas_metadata or {}).get('index_columns', [])
    return all(isinstance(index, dict) and index.get('kind') == 'range' for index in indexes)
