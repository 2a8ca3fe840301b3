"""Files that gokart 1.12.2 wrote load to the values that it was given."""

from __future__ import annotations

from pathlib import Path

import luigi
import numpy as np
import pandas as pd
import polars as pl
import pytest
import tasks

from gokart.file_processor import make_file_processor

WORKSPACE = Path(__file__).parents[1] / 'golden' / 'workspace'
KINDS = [kind for kind in tasks.DUMPS if kind not in ('large', 'model')]
FRAMES = [kind for kind in KINDS if isinstance(tasks.value(kind), pd.DataFrame)]


def load(kind, **kwargs):
    (path,) = WORKSPACE.glob(f'sample_*.{kind}')
    processor = make_file_processor(str(path), **kwargs)
    with luigi.LocalTarget(str(path), format=processor.format()).open('r') as file:
        return processor.load(file)


@pytest.mark.parametrize('kind', FRAMES)
def test_frame_loads(kind):
    expected = tasks.value(kind)
    if kind in ('csv', 'tsv'):
        expected = expected.replace({'word': {'': np.nan}})
    pd.testing.assert_frame_equal(load(kind), expected, check_dtype=False, check_column_type=False)


@pytest.mark.parametrize('kind', FRAMES)
@pytest.mark.parametrize('dataframe_type', ['polars', 'polars-lazy'])
def test_frame_loads_as_one_of_polars(kind, dataframe_type):
    loaded = load(kind, dataframe_type=dataframe_type).lazy().collect()
    expected = pl.DataFrame(tasks.FRAME.to_dict(orient='list'), strict=False)
    expected = expected.with_columns(pl.col('score').fill_nan(None))
    if kind in ('csv', 'tsv'):
        expected = expected.with_columns(word=pl.when(pl.col('word') != '').then(pl.col('word')))
        loaded = loaded.with_columns(word=pl.when(pl.col('word') != '').then(pl.col('word')))
    assert loaded.select(expected.columns).equals(expected)


@pytest.mark.parametrize('kind', ['txt', 'ini', 'gz', 'png', 'jpg'])
def test_text_and_bytes_load(kind):
    assert load(kind) == tasks.value(kind)


def test_array_loads():
    np.testing.assert_array_equal(load('npz'), tasks.value('npz'), strict=True)


def test_object_loads():
    loaded, expected = load('pkl'), tasks.value('pkl')
    pd.testing.assert_frame_equal(
        loaded.pop('frame'), expected.pop('frame'), check_dtype=False, check_column_type=False
    )
    assert loaded == expected
