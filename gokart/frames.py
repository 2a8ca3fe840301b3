"""Data frames of tasks: loaded ones stacked to one, and the refusal to dump empty ones."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from gokart.errors import EmptyDumpError, RequiredColumnError, UnsupportedObjectError

if TYPE_CHECKING:
    import pandas as pd


def stack_frames(
    loaded: Any, required_columns: Collection[str] | None, drop_columns: bool, task: object
) -> pd.DataFrame:
    """Concatenate the frames of `loaded`, a frame or nested lists of frames, row-wise.

    A dict of one entry stands for its value. An empty result has the `required_columns`.

    Args:
        loaded: what the task loaded.
        required_columns: columns that the result must have; None: no demand.
        drop_columns: whether to keep only the required columns.
        task: the task that loads, for messages.

    Raises:
        RequiredColumnError: a required column is missing.
        UnsupportedObjectError: `loaded` holds something that is no `pandas.DataFrame`.
    """
    import pandas as pd

    frames = list(_single_frames(loaded, task))
    for frame in frames:
        if not isinstance(frame, pd.DataFrame):
            raise UnsupportedObjectError(
                f'{task}: load_data_frame() stacks pandas.DataFrame objects, but an input is a {type(frame).__name__}. '
                'Use load() for other objects.'
            )
    rows = [frame for frame in frames if not frame.empty] or frames[:1]
    stacked: pd.DataFrame = rows[0] if len(rows) == 1 else pd.concat(rows) if rows else pd.DataFrame()
    required = list(required_columns or [])
    if stacked.empty and required:
        empty: pd.DataFrame = pd.DataFrame(
            columns=sorted(required) if isinstance(required_columns, (set, frozenset)) else required
        )
        return empty
    _check_columns(required, stacked.columns, task)
    return stacked.loc[:, stacked.columns.isin(required)] if drop_columns else stacked


def _single_frames(loaded: Any, task: object) -> Iterator[Any]:
    # Not flatten(): a frame is iterable itself.
    if isinstance(loaded, (list, tuple)):
        for item in loaded:
            yield from _single_frames(item, task)
    elif isinstance(loaded, dict):
        if len(loaded) != 1:
            raise UnsupportedObjectError(
                f'{task}: load_data_frame() cannot stack a dict of {len(loaded)} entries ({sorted(map(str, loaded))}). '
                'Name one of them: load_data_frame(target=…).'
            )
        yield from _single_frames(next(iter(loaded.values())), task)
    else:
        yield loaded


def _check_columns(required: Iterable[str], present: Iterable[str], task: object) -> None:
    missing = [column for column in required if column not in set(present)]
    if missing:
        raise RequiredColumnError(
            f'{task}: the loaded frame lacks the required columns {missing!r}; it has {list(present)!r}. '
            'Let the required task dump them, or leave them out of required_columns.'
        )


def check_not_empty(obj: Any, task: object) -> None:
    """Refuse an empty data frame of pandas or polars.

    Raises:
        EmptyDumpError: `obj` is one.
    """
    if _is_empty_frame(obj):
        raise EmptyDumpError(
            f'{task} dumps an empty {type(obj).__name__}, and fail_on_empty_dump is set. '
            'Find out why it is empty, or switch fail_on_empty_dump off.'
        )


def _is_empty_frame(obj: Any) -> bool:
    # A frame of a library that was never imported does not exist.
    pandas, polars = sys.modules.get('pandas'), sys.modules.get('polars')
    if pandas is not None and isinstance(obj, pandas.DataFrame):
        return bool(obj.empty)
    return polars is not None and isinstance(obj, polars.DataFrame) and bool(obj.is_empty())
