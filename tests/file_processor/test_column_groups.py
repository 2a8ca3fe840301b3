"""Frames that are large enough to be read by groups of columns load like small ones."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest

from gokart.file_processor import FeatherFileProcessor, ParquetFileProcessor

PROCESSORS = [FeatherFileProcessor(store_index_in_feather=True), ParquetFileProcessor(compression='gzip')]


@pytest.fixture(autouse=True)
def _all_are_large(monkeypatch):
    monkeypatch.setattr('gokart.file_processor.pandas.column_groups.LARGE_BYTES', 0)


@pytest.fixture(params=PROCESSORS, ids=['feather', 'parquet'])
def processor(request):
    return request.param


def round_trip(processor, frame: pd.DataFrame) -> pd.DataFrame:
    file = io.BytesIO()
    processor.dump(frame, file)
    file.seek(0)
    return processor.load(file)


FRAMES = {
    'types': pd.DataFrame(
        {
            'number': [1, 2, 3],
            'real': [1.5, None, 2.5],
            'text': ['a', None, 'c'],
            'flag': [True, False, True],
            'kind': pd.Categorical(['x', 'y', 'x']),
            'time': pd.date_range('2024-01-01', periods=3, tz='Asia/Tokyo'),
            'nullable': pd.array([1, None, 3], dtype='Int64'),
        }
    ),
    'many columns': pd.DataFrame(np.arange(120).reshape(3, 40)).rename(columns=str),
    'labels': pd.DataFrame(np.arange(12).reshape(3, 4), columns=[1, ('a', 2), 'c', None]),
    'levels': pd.DataFrame(np.arange(12).reshape(3, 4), columns=pd.MultiIndex.from_product([['a', 'b'], [1, 2]])),
    'names': pd.DataFrame({'a': [1], 'b': [2]}).rename_axis(columns='named'),
    'rowless': pd.DataFrame({'a': pd.Series(dtype='f8'), 'b': pd.Series(dtype='str')}),
    'columnless': pd.DataFrame(index=pd.RangeIndex(0)),
}


@pytest.mark.parametrize('name', FRAMES)
def test_a_frame_comes_back(processor, name):
    pd.testing.assert_frame_equal(round_trip(processor, FRAMES[name]), FRAMES[name], check_index_type=False)


def test_an_index_comes_back_from_feather():
    frame = FRAMES['types'].set_index('time')
    pd.testing.assert_frame_equal(round_trip(PROCESSORS[0], frame), frame, check_freq=False)


def test_attributes_of_the_frame_come_back(processor):
    frame = pd.DataFrame({'a': [1], 'b': [2]})
    frame.attrs['source'] = 'here'
    assert round_trip(processor, frame).attrs == {'source': 'here'}


def test_a_loaded_frame_can_be_changed_in_place(processor):
    frame = round_trip(processor, FRAMES['many columns'])
    frame.iloc[0, 0] = 99
    assert frame.iloc[0, 0] == 99


def test_a_file_of_others_with_an_index_of_its_own_loads_as_pandas_reads_it(processor, tmp_path):
    frame = pd.DataFrame({'a': [1, 2], 'b': [3, 4]}, index=pd.Index(['x', 'y'], name='rows'))
    path = tmp_path / 'others'
    if isinstance(processor, ParquetFileProcessor):
        frame.to_parquet(path)
    else:
        import pyarrow.feather

        pyarrow.feather.write_feather(pyarrow.Table.from_pandas(frame), str(path))
    with path.open('rb') as file:
        loaded = processor.load(file)
    pd.testing.assert_frame_equal(loaded, frame)


def test_dumping_a_frame_leaves_its_index_as_light_as_it_was():
    frame = pd.DataFrame({'a': np.arange(100)})
    round_trip(PROCESSORS[0], frame)
    assert '_data' not in frame.index._cache
