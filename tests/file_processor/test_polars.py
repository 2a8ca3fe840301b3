"""polars frames, eager and lazy."""

from __future__ import annotations

import datetime
import errno
import io

import pandas as pd
import polars as pl
import pyarrow.parquet as pq
import pytest

from gokart.errors import AccessDeniedError, LossyFormatWarning, UnencodableTextError, UnsupportedObjectError
from gokart.file_processor import ParquetFileProcessor, make_file_processor
from gokart.file_processor.polars import CsvFileProcessorPolars

KINDS = ['csv', 'tsv', 'json', 'ndjson', 'parquet', 'feather']
each_kind = pytest.mark.parametrize('kind', KINDS)
each_lazy = pytest.mark.parametrize('dataframe_type', ['polars', 'polars-lazy'])


def dumped(kind, obj, dataframe_type='polars'):
    file = io.BytesIO()
    make_file_processor(f'x.{kind}', dataframe_type=dataframe_type).dump(obj, file)
    return file.getvalue()


def load(kind, content, dataframe_type='polars'):
    frame = make_file_processor(f'x.{kind}', dataframe_type=dataframe_type).load(io.BytesIO(content))
    assert type(frame) is (pl.LazyFrame if dataframe_type == 'polars-lazy' else pl.DataFrame)
    return frame.lazy().collect()


@each_kind
@each_lazy
@pytest.mark.parametrize('make', [pl.DataFrame, pl.LazyFrame])
def test_both_kinds_of_frames_are_taken(kind, dataframe_type, make):
    data = {'a': [1, None], 'f': [0.1 + 0.2, 5e-324], 's': ['三\r\n', ''], 'b': [True, None]}
    assert load(kind, dumped(kind, make(data), dataframe_type), dataframe_type).to_dict(as_series=False) == data


@each_kind
@each_lazy
@pytest.mark.parametrize('obj', [pl.Series([1]), pd.DataFrame({'a': [1]}), [1], {'a': [1]}, None], ids=type)
def test_anything_else_is_refused(kind, dataframe_type, obj):
    with pytest.raises(UnsupportedObjectError, match=r'polars\.DataFrame or polars\.LazyFrame') as caught:
        dumped(kind, obj, dataframe_type)
    assert isinstance(caught.value, TypeError)


@each_kind
@each_lazy
def test_types_are_inferred_from_all_rows(kind, dataframe_type):
    """Polars by itself looks at the first hundred only, and then fails or loses values."""
    frame = pl.DataFrame(
        {'late': [None] * 150 + [1.5], 'real': [1] * 150 + [2.5], 'text': ['1'] * 150 + ['x']}, strict=False
    )
    assert load(kind, dumped(kind, frame), dataframe_type).equals(frame)


@each_kind
@each_lazy
def test_empty_frame_loads(kind, dataframe_type):
    assert load(kind, dumped(kind, pl.DataFrame()), dataframe_type).shape == (0, 0)


@pytest.mark.parametrize('kind', ['csv', 'parquet', 'feather'])
@each_lazy
def test_columns_without_rows_are_kept(kind, dataframe_type):
    assert load(kind, dumped(kind, pl.DataFrame({'a': [], 'b': []})), dataframe_type).columns == ['a', 'b']


@pytest.mark.parametrize('kind', ['json', 'ndjson'])
def test_columns_that_json_drops_are_told(kind):
    with pytest.warns(LossyFormatWarning, match=r"\['a', 'b'\]"):
        assert load(kind, dumped(kind, pl.DataFrame({'a': [], 'b': []}))).shape == (0, 0)


@pytest.mark.parametrize('kind', ['csv', 'ndjson'])
@each_lazy
def test_file_without_content_is_an_empty_frame(kind, dataframe_type):
    assert load(kind, b'', dataframe_type).shape == (0, 0)


@pytest.mark.parametrize('kind', ['json', 'parquet', 'feather'])
@each_lazy
def test_broken_file_is_an_error(kind, dataframe_type):
    with pytest.raises((pl.exceptions.PolarsError, OSError)):
        load(kind, b'', dataframe_type)


@pytest.mark.parametrize('kind', ['parquet', 'feather'])
@pytest.mark.parametrize('size', [0, -5])
def test_broken_local_file_is_an_error_before_its_rows_are_needed(kind, size, tmp_path):
    path = tmp_path / 'x'
    path.write_bytes(dumped(kind, pl.DataFrame({'a': [1]}))[:size])
    with path.open('rb') as file, pytest.raises((pl.exceptions.PolarsError, OSError)):
        make_file_processor(f'x.{kind}', dataframe_type='polars-lazy').load(file)


@pytest.mark.parametrize('kind', ['parquet', 'feather'])
@each_lazy
def test_types_come_back(kind, dataframe_type):
    frame = pl.DataFrame(
        {
            'day': [datetime.date(2020, 1, 1)],
            'time': [datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc)],
            'span': [datetime.timedelta(days=1)],
            'list': [[1, 2]],
            'record': [{'x': 1}],
            'bytes': [b'\x00'],
            'category': pl.Series(['u'], dtype=pl.Categorical),
            'small': pl.Series([1], dtype=pl.Int8),
        }
    )
    loaded = load(kind, dumped(kind, frame), dataframe_type)
    assert loaded.equals(frame)
    assert loaded.schema == frame.schema


UNSUPPORTED = [
    ('csv', [[1, 2]]),
    ('csv', [{'x': 1}]),
    ('csv', [b'x']),
    ('csv', [datetime.timedelta(1)]),
    ('json', [b'x']),
    ('ndjson', [float('inf')]),
    ('json', [-float('inf')]),
    *[(kind, [object()]) for kind in KINDS],
]


@pytest.mark.parametrize(('kind', 'values'), UNSUPPORTED)
@each_lazy
def test_column_that_the_format_cannot_hold_is_refused_by_name(kind, values, dataframe_type):
    frame = pl.DataFrame({'good': [1], 'the_column': values})
    with pytest.raises(UnsupportedObjectError, match=r'the_column'):
        dumped(kind, frame if dataframe_type == 'polars' else frame.lazy(), dataframe_type)


@each_kind
def test_error_of_a_lazy_query_is_raised_as_it_is(kind):
    frame = pl.LazyFrame({'a': ['x']}).select(pl.col('a').cast(pl.Int64))
    with pytest.raises(pl.exceptions.InvalidOperationError):
        dumped(kind, frame, 'polars-lazy')


class Full(io.RawIOBase):
    """A file that cannot be written, and tells why in more than words."""

    name = 'full'

    def writable(self):
        return True

    def write(self, _):
        raise AccessDeniedError(errno.ENOSPC, 'no room here')


@each_kind
@pytest.mark.parametrize('make', [pl.DataFrame, pl.LazyFrame])
def test_error_of_the_file_is_raised_as_it_is(kind, make):
    with pytest.raises(AccessDeniedError, match='no room here') as caught:
        make_file_processor(f'x.{kind}', dataframe_type='polars').dump(make({'a': ['x']}), Full())
    assert caught.value.errno == errno.ENOSPC


def test_character_that_the_encoding_has_not_is_refused():
    with pytest.raises(UnencodableTextError, match="'latin-1'"):
        CsvFileProcessorPolars(encoding='latin-1').dump(pl.DataFrame({'a': ['改']}), io.BytesIO())


def test_lazy_frame_is_written_with_all_its_rows_in_order():
    frame = pl.LazyFrame({'a': range(100_000)}).with_columns(b=pl.col('a') * 2)
    for kind in ('csv', 'ndjson', 'parquet', 'feather'):
        assert load(kind, dumped(kind, frame, 'polars-lazy')).equals(frame.collect())


@pytest.mark.parametrize(('compression', 'name'), [('gzip', 'GZIP'), (None, 'ZSTD'), ('snappy', 'SNAPPY')])
@each_lazy
def test_compression_of_parquet_is_honoured(compression, name, dataframe_type):
    file = io.BytesIO()
    processor = ParquetFileProcessor(compression=compression, dataframe_type=dataframe_type)
    processor.dump(pl.DataFrame({'a': [1]}).lazy() if 'lazy' in dataframe_type else pl.DataFrame({'a': [1]}), file)
    assert pq.ParquetFile(file).metadata.row_group(0).column(0).compression == name


@pytest.mark.parametrize('kind', KINDS)
@each_lazy
def test_frame_that_pandas_wrote_loads(kind, dataframe_type):
    file = io.BytesIO()
    make_file_processor(f'x.{kind}').dump(pd.DataFrame({'a': [1, 2], 's': ['x', None]}), file)
    loaded = load(kind, file.getvalue(), dataframe_type)
    assert loaded.select('a', 's').to_dict(as_series=False) == {'a': [1, 2], 's': ['x', None]}


@pytest.mark.parametrize('kind', KINDS)
def test_pandas_loads_what_polars_wrote(kind):
    content = dumped(kind, pl.DataFrame({'a': [1, 2], 's': ['x', 'y']}))
    loaded = make_file_processor(f'x.{kind}').load(io.BytesIO(content))
    assert loaded.to_dict(orient='list') == {'a': [1, 2], 's': ['x', 'y']}
