"""Frames of any content come back from every format."""

from __future__ import annotations

import io
import math
import warnings

import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gokart.file_processor import make_file_processor

TEXT = st.text(st.characters(codec='utf-8', exclude_characters='\x00'), max_size=6)
VALUES = {
    'text': TEXT,
    'int': st.integers(-(2**63), 2**63 - 1),
    'float': st.floats(allow_nan=False, allow_infinity=False),
    'bool': st.booleans(),
    'none': st.none(),
}


@st.composite
def columns(draw, optional=True):
    """Draw named columns of one length, each of one type with None among its values."""
    rows = draw(st.integers(0, 4))
    names = draw(st.lists(TEXT, max_size=4, unique=True))
    kinds = [VALUES[draw(st.sampled_from(list(VALUES)))] for _ in names]
    return {
        name: draw(st.lists(kind | st.none() if optional else kind, min_size=rows, max_size=rows))
        for name, kind in zip(names, kinds, strict=True)
    }


def round_trip(frame, kind, dataframe_type):
    processor = make_file_processor(f'x.{kind}', dataframe_type=dataframe_type)
    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        processor.dump(frame, file)
    file.seek(0)
    return processor.load(file)


def plain(column):
    """List the values of a column; missing ones are None."""
    return [None if value is None or value is pd.NA or value != value else value for value in column]


each_binary = pytest.mark.parametrize('kind', ['pkl', 'parquet', 'feather'])
each_json = pytest.mark.parametrize('kind', ['json', 'ndjson'])
quick = settings(derandomize=True, max_examples=25, deadline=None)


@each_binary
@given(data=columns())
@quick
def test_pandas_frame_comes_back(kind, data):
    frame = pd.DataFrame(data)
    pd.testing.assert_frame_equal(
        round_trip(frame, kind, 'pandas'), frame, check_column_type=False, check_index_type='equiv'
    )


@each_json
@given(data=columns(optional=False))
@quick
def test_pandas_frame_comes_back_from_json(kind, data):
    frame = pd.DataFrame(data)
    loaded = round_trip(frame, kind, 'pandas')
    if kind == 'json' or len(frame):
        assert list(loaded) == list(frame)
        assert all(plain(loaded[name]) == plain(frame[name]) for name in frame)
    assert len(loaded) == len(frame)


@given(data=columns(), index=st.lists(TEXT | st.integers(-3, 3).map(str), min_size=4, max_size=4, unique=True))
@quick
def test_pandas_index_comes_back_from_json(data, index):
    frame = pd.DataFrame(data)
    frame.index = pd.Index(index[: len(frame)], dtype=object)
    assert not data or list(round_trip(frame, 'json', 'pandas').index) == index[: len(frame)]


@pytest.mark.parametrize('kind', ['csv', 'tsv'])
@given(numbers=st.lists(VALUES['float']), words=st.lists(TEXT.map(lambda text: f'word {text}'), min_size=9, max_size=9))
@quick
def test_pandas_frame_comes_back_from_csv(kind, numbers, words):
    """Texts that read as numbers or as missing are none any more in a file without types."""
    frame = pd.DataFrame(
        {'number': pd.Series(numbers[:9], dtype=float), 'word': pd.Series(words[: len(numbers)], dtype=str)}
    )
    loaded = round_trip(frame, kind, 'pandas')
    assert plain(loaded['number']) == plain(frame['number'])
    assert plain(loaded['word']) == plain(frame['word'])


@pytest.mark.parametrize('dataframe_type', ['polars', 'polars-lazy'])
@pytest.mark.parametrize('kind', ['pkl', 'parquet', 'feather'])
@given(data=columns())
@quick
def test_polars_frame_comes_back(kind, dataframe_type, data):
    frame = pl.DataFrame(data)
    loaded = round_trip(frame, kind, dataframe_type).lazy().collect()
    assert loaded.equals(frame)
    assert loaded.schema == frame.schema


@each_json
@given(data=columns())
@quick
def test_polars_frame_comes_back_from_json(kind, data):
    frame = pl.DataFrame(data)
    loaded = round_trip(frame, kind, 'polars')
    assert frame.is_empty() or loaded.to_dict(as_series=False) == data


@pytest.mark.parametrize('kind', ['parquet', 'feather', 'json'])
@given(value=st.floats())
@quick
def test_every_float_comes_back(kind, value):
    loaded = round_trip(pd.DataFrame({'a': [value]}), kind, 'pandas')['a'][0]
    assert loaded == value or (math.isnan(loaded) and math.isnan(value))
