"""pandas frames as feather: the index travels along."""

from __future__ import annotations

import datetime
import io

import pandas as pd
import pyarrow as pa
import pyarrow.feather as pf
import pytest

from gokart.errors import LossyFormatWarning, UnsupportedObjectError
from gokart.file_processor.pandas import FeatherFileProcessorPandas


def dumped(obj, store_index=True):
    file = io.BytesIO()
    FeatherFileProcessorPandas(store_index).dump(obj, file)
    return file.getvalue()


def load(content, store_index=True):
    return FeatherFileProcessorPandas(store_index).load(io.BytesIO(content))


INDEXES = [
    pd.RangeIndex(2),
    pd.Index([5, 3]),
    pd.Index(['x', '三'], name='key'),
    pd.Index([1, 2], name=3),
    pd.Index([1, 2], name=2.5),
    pd.Index([1, 2], name=('a', 1)),
    pd.Index([1, 2], name=''),
    pd.Index([True, False]),
    pd.Index([1.5, None]),
    pd.CategoricalIndex(['u', 'v'], name='c'),
    pd.period_range('2020', periods=2, freq='D'),
    pd.interval_range(0, 2),
    pd.timedelta_range('1s', periods=2),
    pd.date_range('2020-01-01', periods=2),
    pd.date_range('2020-01-01', periods=2, tz='Asia/Tokyo', name='when'),
    pd.date_range('2020-01-01', periods=2, freq='MS', tz='UTC'),
    pd.to_datetime(['2020-01-01', '2019-01-01']).tz_localize('Europe/Berlin'),
    pd.Index([7, 7], name='twice'),
]


@pytest.mark.parametrize('index', INDEXES, ids=repr)
def test_index_comes_back(index):
    frame = pd.DataFrame({'a': [1, 2], 'b': ['x', None]}, index=index)
    loaded = load(dumped(frame))
    pd.testing.assert_frame_equal(loaded, frame)
    assert type(loaded.index.name) is type(index.name)


@pytest.mark.parametrize(('name', 'column'), [(None, 'None'), ('key', 'key'), (3, '3')])
def test_index_is_the_last_column_of_the_file(name, column):
    table = pf.read_table(io.BytesIO(dumped(pd.DataFrame({'a': [1]}, index=pd.Index([5], name=name)))))
    assert table.column_names == ['a', f'__feather_gokart_index__{column}']


def test_index_without_columns_comes_back():
    pd.testing.assert_frame_equal(
        load(dumped(pd.DataFrame(index=['x', 'y']))), pd.DataFrame(index=['x', 'y']), check_column_type=False
    )


def test_empty_frame_comes_back():
    pd.testing.assert_frame_equal(load(dumped(pd.DataFrame())), pd.DataFrame(), check_index_type=False)
    pd.testing.assert_frame_equal(load(dumped(pd.DataFrame({'a': [1]})[:0])), pd.DataFrame({'a': [1]})[:0])


@pytest.mark.parametrize(
    ('index', 'reason'),
    [
        (pd.MultiIndex.from_tuples([('a', 1)], names=['p', 'q']), r"MultiIndex \(\['p', 'q'\]\): use reset_index"),
        (pd.Index([1], name='None'), 'called "None"'),
        (pd.Index([1], name=datetime.date(2020, 1, 1)), 'label'),
    ],
)
def test_index_that_would_change_is_refused(index, reason):
    with pytest.raises(UnsupportedObjectError, match=reason) as caught:
        dumped(pd.DataFrame({'a': [1]}, index=index))
    assert isinstance(caught.value, AssertionError)


def test_index_is_dropped_and_told_when_it_is_not_stored():
    frame = pd.DataFrame({'a': [1]}, index=['x'])
    with pytest.warns(LossyFormatWarning, match='index'):
        content = dumped(frame, store_index=False)
    pd.testing.assert_frame_equal(load(content), frame.reset_index(drop=True))


def test_stored_index_stays_a_column_for_who_does_not_ask():
    loaded = load(dumped(pd.DataFrame({0: [1]}, index=pd.Index(['x'], name='key'))), store_index=False)
    assert loaded.to_dict(orient='list') == {0: [1], '__feather_gokart_index__key': ['x']}


def test_column_called_like_the_index_is_refused():
    with pytest.raises(UnsupportedObjectError, match='__feather_gokart_index__None'):
        dumped(pd.DataFrame({'__feather_gokart_index__None': [1]}))


def test_column_and_index_of_one_name_do_not_mix():
    frame = pd.DataFrame({'a': [1]}, index=pd.Index(['x'], name='a'))
    pd.testing.assert_frame_equal(load(dumped(frame)), frame)


def test_file_of_others_loads():
    file = io.BytesIO()
    pf.write_feather(pa.table({'a': [1, 2]}), file)
    pd.testing.assert_frame_equal(load(file.getvalue()), pd.DataFrame({'a': [1, 2]}))


@pytest.mark.parametrize('content', [b'', b'ARROW1 and then nothing', dumped(pd.DataFrame({'a': [1]}))[:-20]])
def test_broken_file_is_an_error(content):
    with pytest.raises(pa.ArrowException):
        load(content)
