"""Comparison of frames whose rows and columns may come in any order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


def assert_frame_contents_equal(actual: pd.DataFrame, expected: pd.DataFrame, **kwargs: Any) -> None:
    """Assert that two frames are equal up to the order of rows (by their index) and of columns.

    Args:
        actual: the frame to look at.
        expected: what it should be.
        **kwargs: options of `pandas.testing.assert_frame_equal`.

    Raises:
        AssertionError: they differ, one is no DataFrame, or has duplicates in its index or columns.
    """
    import pandas as pd
    from pandas.testing import assert_frame_equal

    for name, frame in (('actual', actual), ('expected', expected)):
        if not isinstance(frame, pd.DataFrame):
            raise AssertionError(f'{name} is not a DataFrame but {type(frame).__name__}: {frame!r:.200}')
        for part, labels in (('index', frame.index), ('columns', frame.columns)):
            if not labels.is_unique:
                repeated = list(labels[labels.duplicated()].unique()[:5])
                raise AssertionError(f'{name} {part} is not unique: {repeated!r} occur more than once')
    for part, found, wanted in (
        ('index', actual.index, expected.index),
        ('columns', actual.columns, expected.columns),
    ):
        lacking, surplus = wanted.difference(found), found.difference(wanted)
        if len(lacking) or len(surplus):
            raise AssertionError(
                f'{part} are not equal: actual lacks {list(lacking[:5])!r} and has {list(surplus[:5])!r} besides'
            )
    assert_frame_equal(actual.loc[expected.index, expected.columns], expected, **kwargs)
