"""`gokart.testing.assert_frame_contents_equal`."""

from __future__ import annotations

import pandas as pd
import pytest

from gokart.testing import assert_frame_contents_equal


def test_the_order_of_rows_and_columns_makes_no_difference():
    actual = pd.DataFrame({'a': [1, 2], 'b': [3, 4]})
    assert_frame_contents_equal(actual, pd.DataFrame({'b': [4, 3], 'a': [2, 1]}, index=[1, 0]))


def test_empty_frames_are_equal():
    assert_frame_contents_equal(pd.DataFrame(), pd.DataFrame())


@pytest.mark.parametrize(
    ('actual', 'expected', 'message'),
    [
        (pd.DataFrame({'a': [1, 2]}), pd.DataFrame({'a': [1, 3]}), 'values are different'),
        (pd.DataFrame({'a': [1, 2]}), pd.DataFrame({'a': [2, 1]}), 'values are different'),
        (pd.DataFrame({'a': [1]}), pd.DataFrame({'a': [1.0]}), 'dtype'),
        (pd.DataFrame({'a': [1], 'b': [1]}), pd.DataFrame({'a': [1]}), r"columns are not equal.*\['b'\]"),
        (pd.DataFrame({'a': [1]}), pd.DataFrame({'a': [1, 2]}), 'index are not equal'),
        (pd.DataFrame({'a': [1, 2]}, index=[0, 0]), pd.DataFrame({'a': [1, 2]}), 'actual index is not unique'),
        (pd.DataFrame({'a': [1]}), pd.DataFrame([[1, 2]], columns=['a', 'a']), 'expected columns is not unique'),
        ([1], pd.DataFrame(), 'actual is not a DataFrame'),
    ],
)
def test_differences_fail(actual, expected, message):
    with pytest.raises(AssertionError, match=message):
        assert_frame_contents_equal(actual, expected)


def test_options_of_pandas_are_handed_on():
    assert_frame_contents_equal(pd.DataFrame({'a': [1]}), pd.DataFrame({'a': [1.0]}), check_dtype=False)
