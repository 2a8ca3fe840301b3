"""Large frames: a DataFrame in parts of limited size, the save and load functions of a large-frame target."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from gokart.errors import BrokenFileError, TaskDefinitionError, UnsupportedObjectError
from gokart.file_processor.pandas.column_groups import LARGE_BYTES, beside, bounds

if TYPE_CHECKING:
    import pandas as pd

_PART_NAME = re.compile(r'data_([0-9]+)\.pkl', re.ASCII)


class LargeDataFrameProcessor:
    """Saves a frame in parts of at most `max_byte` bytes of memory each, and at least a row.

    Memory is what ``memory_usage(index=True, deep=True)`` tells. The categories and index levels, which each part
    holds again, are not counted when they alone take more than half of `max_byte`.
    """

    # Archives name the load function by its published address, under which earlier versions find it as well.
    __module__ = 'gokart.target'

    def __init__(self, max_byte: int) -> None:
        if max_byte < 1:
            raise TaskDefinitionError(f'max_byte of a large frame must be at least 1, not {max_byte}.')
        self.max_byte = max_byte

    def save(self, df: pd.DataFrame, file_path: str) -> None:
        """Write the rows of `df` in order to ``data_0.pkl``, ``data_1.pkl``, … in the directory of `file_path`.

        Raises:
            UnsupportedObjectError: `df` is no pandas DataFrame or Series.
        """
        import pandas as pd

        if not isinstance(df, pd.DataFrame | pd.Series):
            raise UnsupportedObjectError(f'A large-frame target holds a pandas DataFrame, not a {type(df).__name__}.')
        directory = Path(file_path).parent
        directory.mkdir(parents=True, exist_ok=True)
        for stale in _part_paths(directory):
            stale.unlink()
        for number, part in enumerate(_split(df, self.max_byte)):
            part.to_pickle(directory / f'data_{number}.pkl')

    @staticmethod
    def load(file_path: str) -> pd.DataFrame:
        """Read the frame that was saved in the directory of `file_path`.

        Raises:
            BrokenFileError: a part is missing.
        """
        import pandas as pd

        paths = _part_paths(Path(file_path).parent)
        for number, path in enumerate(paths or [Path()]):
            if path.name != f'data_{number}.pkl':
                raise BrokenFileError(f'The large frame has no part data_{number}.pkl.')
        parts = (cast('pd.DataFrame', pd.read_pickle(path)) for path in paths)
        if len(paths) == 1:
            return next(parts)
        if sum(path.stat().st_size for path in paths) < LARGE_BYTES:
            return pd.concat(list(parts))
        return _stacked(parts)


LargeDataFrameProcessor.load.__module__ = LargeDataFrameProcessor.__module__


def _stacked(parts: Iterator[pd.DataFrame]) -> pd.DataFrame:
    """Stack `parts`, column group by column group: those that are stacked are in memory no more."""
    import pandas as pd

    cut = [_cut(part) for part in parts]
    first = cut[0]
    if len(first) == 1 or not all(_same_columns(pieces, first) for pieces in cut):
        whole: list[pd.DataFrame] = [beside(pieces) if len(pieces) > 1 else pieces[0] for pieces in cut]
        return pd.concat(whole)
    groups = []
    for position in range(len(first)):
        pieces = [part[position] for part in cut]
        groups.append(pd.concat(pieces, ignore_index=position > 0))
        for part in cut:
            part[position] = None
    return beside(groups)


def _cut(part: pd.DataFrame) -> list[Any]:
    """Cut a part into groups of columns that share no memory; only the first has the index."""
    import pandas as pd

    if type(part) is not pd.DataFrame or part.shape[1] < 2:
        return [part]
    pieces = [part.iloc[:, start:stop].copy() for start, stop in bounds(part.shape[1])]
    return [pieces[0], *(piece.reset_index(drop=True) for piece in pieces[1:])]


def _same_columns(pieces: list[Any], others: list[Any]) -> bool:
    return len(pieces) == len(others) and all(map(lambda one, other: one.columns.equals(other.columns), pieces, others))


def _split(df: pd.DataFrame, max_bytes: int) -> Iterator[pd.DataFrame]:
    """Yield slices of `df` in order: pieces of equal length, and those of them that are too large split again."""
    empty_bytes = _memory_bytes(df.iloc[len(df) :])
    limit_bytes = max_bytes + _uncounted_bytes(df, max_bytes)
    pending = [(0, len(df))]
    while pending:
        start, stop = pending.pop()
        part = df.iloc[start:stop]
        part_bytes = _memory_bytes(part)
        rows = stop - start
        if rows <= 1 or part_bytes <= limit_bytes:
            yield part
            continue
        room_bytes = max(limit_bytes - empty_bytes, 1)
        pieces = min(rows, max(2, -(-(part_bytes - empty_bytes) // room_bytes)))
        bounds = [start + rows * piece // pieces for piece in range(pieces + 1)]
        pending += reversed(list(itertools.pairwise(bounds)))


def _uncounted_bytes(df: pd.DataFrame, max_bytes: int) -> int:
    """Bytes of the categories and levels that each part repeats, if counting them would leave too little for rows."""
    import pandas as pd

    repeated_bytes = _memory_bytes(df.iloc[len(df) :], index=not isinstance(df.index, pd.RangeIndex))
    return repeated_bytes if 2 * repeated_bytes > max_bytes else 0


def _memory_bytes(df: pd.DataFrame, index: bool = True) -> int:
    import numpy as np

    return int(np.sum(df.memory_usage(index=index, deep=True)))  # of a Series it is one number


def _part_paths(directory: Path) -> list[Path]:
    """List the parts in `directory` by their number."""
    numbered = {int(match[1]): path for path in directory.iterdir() if (match := _PART_NAME.fullmatch(path.name))}
    return [numbered[number] for number in sorted(numbered)]
