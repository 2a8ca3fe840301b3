"""The refusal to dump empty frames."""

from __future__ import annotations

import sys
from typing import Any

from gokart.errors import EmptyDumpError


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
