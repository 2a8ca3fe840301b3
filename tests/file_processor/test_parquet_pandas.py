"""pandas frames as parquet: what comes back is what was dumped, or it is refused."""

from __future__ import annotations

import datetime
import io
import warnings

import pandas as pd
import pyarrow.parquet as pq
import pytest

from gokart.errors import LossyFormatWarning, UnsupportedObjectError
from gokart.file_processor import make_file_processor
from gokart.file_processor.pandas import ParquetFileProcessorPandas


def dumped(obj, **kwargs):
    file = io.BytesIO()
    ParquetFileProcessorPandas(**kwargs).dump(obj, file)
    return file.getvalue()


def load(content):
    return ParquetFileProcessorPandas().load(io.BytesIO(content))


def codec(content):
    return pq.ParquetFile(io.BytesIO(content)).metadata.row_group(0).column(0).compression


@pytest.mark.parametrize(('compression', 'name'), [(None, 'UNCOMPRESSED'), ('gzip', 'GZIP'), ('zstd', 'ZSTD')])
def test_compression_is_honoured(compression, name):
    assert codec(dumped(pd.DataFrame({'a': [1]}), compression=compression)) == name


def test_extension_means_gzip():
    file = io.BytesIO()
    make_file_processor('x.parquet').dump(pd.DataFrame({'a': [1]}), file)
    assert codec(file.getvalue()) == 'GZIP'


def test_types_come_back():
    frame = pd.DataFrame(
        {
            'text': ['三', None],
            'number': [1, 2],
            'maybe': pd.array([1, None], dtype='Int64'),
            'time': pd.to_datetime(['2020-01-01', None]).tz_localize('Asia/Tokyo'),
            'span': pd.to_timedelta([1, None], unit='s'),
            'category': pd.Categorical(['u', 'v'], categories=['v', 'u'], ordered=True),
            'bytes': [b'x', b''],
            'flag': [True, None],
        }
    )
    pd.testing.assert_frame_equal(load(dumped(frame)), frame)


LABELS = [
    pd.RangeIndex(2),
    pd.Index(['a', 'b'], name='n'),
    pd.Index(['a', 'b'], name=7),
    pd.Index([0, '1'], dtype=object),
    pd.Index([1.5, 2.0]),
    pd.Index([True, False]),
    pd.Index([None, 'a'], dtype=object),
    pd.to_datetime(['2020-01-01', '2020-01-02']),
    pd.to_datetime(['2020-01-01', '2020-01-02']).tz_localize('Asia/Tokyo'),
    pd.MultiIndex.from_tuples([('a', 1), ('b', 2)], names=['x', None]),
    pd.Index([('a', 1), 'b'], tupleize_cols=False),
]


@pytest.mark.parametrize('labels', LABELS, ids=str)
@pytest.mark.parametrize('extension', ['parquet', 'feather'])
def test_labels_that_arrow_cannot_express_come_back(labels, extension):
    """The published library turns them into text."""
    frame = pd.DataFrame([[1, 'x'], [2, 'y']])
    frame.columns = labels
    file = io.BytesIO()
    make_file_processor(f'x.{extension}').dump(frame, file)
    file.seek(0)
    loaded = make_file_processor(f'x.{extension}').load(file)
    pd.testing.assert_frame_equal(loaded, frame, check_index_type='equiv', check_column_type='equiv')
    assert [type(label) for label in loaded.columns] == [type(label) for label in frame.columns]


@pytest.mark.parametrize(
    'labels',
    [[b'x', 'a'], [datetime.date(2020, 1, 1), 'a'], [float('nan'), 1.0], [0, '0'], ['a', 'a'], [frozenset(), 'a']],
    ids=str,
)
@pytest.mark.parametrize('extension', ['parquet', 'feather'])
def test_labels_that_would_change_are_refused(labels, extension):
    frame = pd.DataFrame([[1, 2]])
    frame.columns = pd.Index(labels, dtype=object)
    with pytest.raises(UnsupportedObjectError, match=r'label'):
        make_file_processor(f'x.{extension}').dump(frame, io.BytesIO())


@pytest.mark.parametrize('obj', [[1], {'a': [1]}, pd.Series([1]), None])
@pytest.mark.parametrize('extension', ['parquet', 'feather'])
def test_anything_but_a_frame_is_refused(obj, extension):
    with pytest.raises(UnsupportedObjectError, match=type(obj).__name__) as caught:
        make_file_processor(f'x.{extension}').dump(obj, io.BytesIO())
    assert isinstance(caught.value, TypeError)


@pytest.mark.parametrize('values', [[1, 'x'], [object()], [1 + 2j]], ids=['mixed', 'object', 'complex'])
@pytest.mark.parametrize('extension', ['parquet', 'feather'])
def test_values_that_arrow_cannot_hold_are_refused_with_their_column(values, extension):
    with pytest.raises(UnsupportedObjectError, match='the_column'):
        make_file_processor(f'x.{extension}').dump(pd.DataFrame({'the_column': values}), io.BytesIO())


def test_dumped_frame_is_left_as_it_was():
    frame = pd.DataFrame({0: [1, 2], 'b': [3, 4]}, index=pd.Index(['x', 'y'], name='k'))
    before = frame.copy()
    with pytest.warns(LossyFormatWarning):
        dumped(frame)
    make_file_processor('x.feather').dump(frame, io.BytesIO())
    pd.testing.assert_frame_equal(frame, before)


def test_dropped_index_is_told_once():
    with pytest.warns(LossyFormatWarning, match='Index key') as caught:
        loaded = load(dumped(pd.DataFrame({'a': [1]}, index=pd.Index(['x'], name='key'))))
    assert len(caught) == 1
    pd.testing.assert_frame_equal(loaded, pd.DataFrame({'a': [1]}))


@pytest.mark.parametrize(
    'frame', [pd.DataFrame({'a': [1, 2]}), pd.DataFrame({'a': [1, 2]})[1:], pd.DataFrame({'a': [1]})[:0]]
)
def test_numbers_of_rows_are_dropped_silently(frame):
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        pd.testing.assert_frame_equal(load(dumped(frame)), frame.reset_index(drop=True))


def test_plain_pandas_reads_it():
    content = dumped(pd.DataFrame({'a': [1], 'b': ['x']}))
    pd.testing.assert_frame_equal(pd.read_parquet(io.BytesIO(content)), pd.DataFrame({'a': [1], 'b': ['x']}))
