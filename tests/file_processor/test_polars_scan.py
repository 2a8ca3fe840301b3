"""A LazyFrame of a remote parquet or feather file fetches what a query needs, and gives what a local scan gives."""

from __future__ import annotations

import datetime
import decimal
import io
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.feather as pf
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.ranges import CountingSource, PassingError

from gokart.errors import ObjectChangedError, StorageError
from gokart.file_processor import make_file_processor
from gokart.file_processor.portions import FeatherPortions, ParquetPortions

MiB = 1 << 20
PORTION_ROWS = 50_000
ROWS = 5 * PORTION_ROWS
each_kind = pytest.mark.parametrize('kind', ['parquet', 'feather'])


@pytest.fixture(scope='module')
def frame():
    """Ten columns, of which each portion takes 0.4 MiB a column; `key` counts the rows."""
    dice = np.random.default_rng(0)
    columns = {f'float {number}': dice.normal(size=ROWS) for number in range(9)}
    return pl.DataFrame({**columns, 'key': np.arange(ROWS)})


@pytest.fixture(scope='module')
def contents(frame):
    """The frame as a file of each kind, in five portions."""
    parquet, feather = io.BytesIO(), io.BytesIO()
    pq.write_table(frame.to_arrow(), parquet, row_group_size=PORTION_ROWS, compression='none', use_dictionary=False)
    pf.write_feather(frame.to_arrow(), feather, chunksize=PORTION_ROWS, compression='uncompressed')
    return {'parquet': parquet.getvalue(), 'feather': feather.getvalue()}


def scan(source, kind, **options):
    with source.open(**options) as file:
        return make_file_processor(f'x.{kind}', dataframe_type='polars-lazy').load(file)


def dumped(frame, kind):
    file = io.BytesIO()
    make_file_processor(f'x.{kind}', dataframe_type='polars').dump(frame, file)
    return file.getvalue()


@each_kind
def test_loading_fetches_the_footer_only(contents, frame, kind):
    source = CountingSource(contents[kind])
    assert scan(source, kind).collect_schema() == frame.schema
    assert source.received_bytes <= 1 << 16


QUERIES = {
    'all': (lambda frame: frame, 19),
    'columns': (lambda frame: frame.select('float 7', 'float 2'), 8),
    'last column': (lambda frame: frame.select('key'), 2.5),
    'first rows': (lambda frame: frame.head(3), 4.5),
    'first rows of a column': (lambda frame: frame.select('float 3').head(3), 1.5),
    'rows of two portions': (lambda frame: frame.select('key').head(PORTION_ROWS + 1), 1.5),
    'no rows': (lambda frame: frame.head(0), 0),
    'count': (lambda frame: frame.select(pl.len()), 2.5),
    'filtered': (lambda frame: frame.filter(pl.col('key') == ROWS - 1), 19),
    'filtered column': (lambda frame: frame.filter(pl.col('key') % 1000 == 0).select('float 1'), 8),
    'filtered first rows': (lambda frame: frame.head(PORTION_ROWS + 5).filter(pl.col('key') > 3), 19),
    'nothing': (lambda frame: frame.filter(pl.col('float 5') > 100), 19),
    'slice': (lambda frame: frame.slice(PORTION_ROWS - 2, 5), 19),
    'last rows': (lambda frame: frame.tail(2), 19),
    'sum': (lambda frame: frame.group_by(pl.col('key') % 3).agg(pl.col('float 8').sum().round(6)).sort('key'), 8),
}


@each_kind
@pytest.mark.parametrize('query', QUERIES)
def test_query_gives_what_it_gives_of_the_frame_and_fetches_what_it_needs(contents, frame, kind, query):
    run, megabytes = QUERIES[query]
    source = CountingSource(contents[kind], piece_bytes=1 << 16)
    lazy = scan(source, kind)
    source.received_bytes = 0
    assert run(lazy).collect().equals(run(frame.lazy()).collect())
    assert source.received_bytes <= megabytes * MiB


def test_rows_that_do_not_match_are_not_fetched(contents, frame):
    """Of parquet, the columns of the predicate are looked at first."""
    source = CountingSource(contents['parquet'], piece_bytes=1 << 16)
    lazy = scan(source, 'parquet')
    assert lazy.filter(pl.col('key') == ROWS - 1).collect().equals(frame.tail(1))
    assert source.received_bytes <= 7 * MiB


@each_kind
def test_everything_is_fetched_as_a_stream(contents, frame, kind):
    source = CountingSource(contents[kind])
    lazy = scan(source, kind)
    source.requests.clear()
    lazy.collect()
    assert len(source.requests) <= 4


@each_kind
def test_frame_is_collected_again_and_by_threads(contents, frame, kind):
    source = CountingSource(contents[kind])
    lazy = scan(source, kind)
    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(lambda _: lazy.collect().equals(frame), range(4)))
    assert source.open_downloads == 0


@each_kind
def test_frame_that_is_joined_with_itself(contents, frame, kind):
    lazy = scan(CountingSource(contents[kind]), kind)
    joined = lazy.select('key').join(lazy.select('key', 'float 0'), on='key').sort('key').collect()
    assert joined.equals(frame.select('key', 'float 0'))


@each_kind
def test_object_that_was_replaced_is_told(contents, kind):
    source = CountingSource(contents[kind])
    lazy = scan(source, kind)
    source.content = None
    with pytest.raises((ObjectChangedError, pl.exceptions.ComputeError), match=r's3://bucket/key.* is gone'):
        lazy.collect()


@each_kind
def test_storage_that_fails_is_told_when_the_frame_is_loaded(contents, kind):
    source = CountingSource(contents[kind], failures=[(0, PassingError())] * 4)
    with pytest.raises(StorageError, match='s3://bucket/key'):
        scan(source, kind)


@each_kind
def test_broken_download_goes_on(contents, frame, kind):
    source = CountingSource(contents[kind], failures=[(1000, PassingError()), (3 * MiB, None), (0, PassingError())])
    assert scan(source, kind).collect().equals(frame)


@each_kind
@pytest.mark.parametrize('damage', [slice(0, -1), slice(1000, None), slice(0, 0)], ids=['end', 'start', 'all'])
def test_broken_file_is_an_error_before_its_rows_are_needed(contents, kind, damage):
    content = contents[kind][damage] + bytes(2 * MiB)
    with pytest.raises((pl.exceptions.PolarsError, OSError)):
        scan(CountingSource(content), kind)


@pytest.mark.parametrize(('kind', 'portions'), [('parquet', ParquetPortions), ('feather', FeatherPortions)])
def test_arrow_fetches_in_the_thread_of_the_caller(contents, kind, portions):
    """Its own threads may outlive the interpreter, which they abort when they hold a file of Python's."""
    source = CountingSource(contents[kind])
    with source.open() as file:
        opened = portions(file)
        source.threads.clear()
        for number in range(len(opened)):
            opened.read(number, ['float 1', 'key'], None)
            opened.read(number, ['float 2', 'key'], 10)
    assert source.threads == {threading.get_ident()}


D = datetime.datetime(2020, 1, 1, 12)
TYPES = {
    'enum': pl.Series(['u', None, 'v'], dtype=pl.Enum(['v', 'u', 'w'])),
    'category': pl.Series(['u', None, 'v'], dtype=pl.Categorical),
    'decimal': pl.Series([decimal.Decimal('1.23'), None, decimal.Decimal(4)], dtype=pl.Decimal(20, 2)),
    'milliseconds': pl.Series([datetime.timedelta(1), None, datetime.timedelta(2)], dtype=pl.Duration('ms')),
    'nanoseconds': pl.Series([datetime.timedelta(1), None, datetime.timedelta(2)], dtype=pl.Duration('ns')),
    'time': pl.Series([D, None, D], dtype=pl.Datetime('ms')),
    'zoned time': pl.Series([D, None, D], dtype=pl.Datetime('us', 'Asia/Tokyo')),
    'day': pl.Series([D.date(), None, D.date()]),
    'time of day': pl.Series([D.time(), None, D.time()]),
    'list': pl.Series([[1, 2], None, []], dtype=pl.List(pl.Int32)),
    'list of categories': pl.Series([['a', 'b'], None, []], dtype=pl.List(pl.Categorical)),
    'array': pl.Series([[1, 2], [3, 4], [5, 6]], dtype=pl.Array(pl.Int8, 2)),
    'record': pl.Series([{'a': 1, 'b': 'x'}, None, {'a': None, 'b': None}]),
    'bytes': pl.Series([b'x', None, b'']),
    'null': pl.Series([None, None, None], dtype=pl.Null),
    'text': pl.Series(['x', None, '長い文字列です、とても長い']),
    'flag': pl.Series([True, None, False]),
    'float': pl.Series([1.5, None, float('nan')], dtype=pl.Float32),
    'large integer': pl.Series([1, None, 2**64 - 1], dtype=pl.UInt64),
    **({'larger integer': pl.Series([1, None, 2**100], dtype=pl.Int128)} if hasattr(pl, 'UInt128') else {}),
}


def scanned_locally(content, kind, path):
    path.write_bytes(content)
    return pl.scan_parquet(path) if kind == 'parquet' else pl.scan_ipc(path)


@each_kind
@pytest.mark.parametrize('rows', [3, 0])
@pytest.mark.parametrize('name', TYPES)
def test_types_are_those_of_a_local_scan(name, kind, rows, tmp_path):
    content = dumped(pl.DataFrame({name: TYPES[name][:rows]}), kind)
    local = scanned_locally(content, kind, tmp_path / 'x')
    lazy = scan(CountingSource(content), kind, head_bytes=10)
    assert lazy.collect_schema() == local.collect_schema()
    assert lazy.collect().equals(local.collect())
    assert lazy.collect().schema == local.collect_schema()


ARROW = {
    'dictionary of small keys': (['a', None, 'b'], pa.dictionary(pa.int8(), pa.string())),
    'ordered dictionary': (['a', None, 'b'], pa.dictionary(pa.int32(), pa.string(), ordered=True)),
    'days in milliseconds': ([D.date(), None, D.date()], pa.date64()),
    'seconds': ([D, None, D], pa.timestamp('s')),
    'fixed size': ([b'ab', None, b'cd'], pa.binary(2)),
    'milliseconds of a day': ([1, None, 2], pa.time32('ms')),
}


@each_kind
@pytest.mark.parametrize('name', ARROW)
def test_types_of_other_writers_are_those_of_a_local_scan(name, kind, tmp_path):
    file = io.BytesIO()
    values, dtype = ARROW[name]
    {'parquet': pq.write_table, 'feather': pf.write_feather}[kind](pa.table({'a': pa.array(values, dtype)}), file)
    local = scanned_locally(file.getvalue(), kind, tmp_path / 'x')
    lazy = scan(CountingSource(file.getvalue()), kind, head_bytes=10)
    assert lazy.collect().schema == lazy.collect_schema() == local.collect_schema()
    assert lazy.collect().equals(local.collect())


@each_kind
@pytest.mark.filterwarnings('ignore::polars.exceptions.CategoricalRemappingWarning')
def test_categories_that_differ_between_portions_stay_apart(kind):
    words = [f'{number // 10:02}-{number % 7}' for number in range(100)]
    frame = pl.DataFrame({'a': pl.Series(words, dtype=pl.Categorical), 'b': range(100)})
    file = io.BytesIO()
    if kind == 'parquet':
        frame.write_parquet(file, row_group_size=10)
    else:
        pf.write_feather(frame.to_arrow(compat_level=pl.CompatLevel.oldest()), file, chunksize=10)
    lazy = scan(CountingSource(file.getvalue()), kind, head_bytes=10)
    assert lazy.collect()['a'].cast(pl.String).to_list() == words


@each_kind
def test_frame_without_columns_or_rows(kind):
    for frame in (pl.DataFrame(), pl.DataFrame({'a': [], 'b': []}, schema={'a': pl.Int8, 'b': pl.String})):
        lazy = scan(CountingSource(dumped(frame, kind)), kind, head_bytes=10)
        assert lazy.collect().equals(frame)
        assert lazy.collect_schema() == frame.schema


NAMES = st.lists(st.text('a.b é', max_size=4), min_size=1, max_size=5, unique=True)


@each_kind
@given(names=NAMES, data=st.data())
@settings(derandomize=True, max_examples=20, deadline=None)
def test_columns_of_any_names_are_told_apart(kind, names, data):
    frame = pl.DataFrame({name: [number] for number, name in enumerate(names)})
    wanted = data.draw(st.lists(st.sampled_from(names), min_size=1, unique=True))
    lazy = scan(CountingSource(dumped(frame, kind)), kind, head_bytes=10)
    assert lazy.select(wanted).collect().equals(frame.select(wanted))


@each_kind
def test_columns_called_like_parts_of_others(kind):
    frame = pl.DataFrame({'a': [{'b': 1, 'c': 2}], 'a.b': [3], 'a.': [4], 'b': [5]})
    lazy = scan(CountingSource(dumped(frame, kind)), kind, head_bytes=10)
    for wanted in (['a.b'], ['a'], ['b', 'a'], ['a.', 'a.b']):
        assert lazy.select(wanted).collect().equals(frame.select(wanted))


@pytest.mark.parametrize('kind', ['csv', 'json', 'ndjson'])
def test_formats_without_portions_are_read_at_once(kind):
    frame = pl.DataFrame({'a': range(1000), 'b': ['x'] * 1000})
    source = CountingSource(dumped(frame, kind))
    lazy = scan(source, kind, head_bytes=10)
    source.content = None
    assert lazy.collect().equals(frame)


@each_kind
def test_eager_frame_of_a_remote_file_is_read_in_one_go(contents, frame, kind):
    source = CountingSource(contents[kind])
    with source.open() as file:
        assert make_file_processor(f'x.{kind}', dataframe_type='polars').load(file).equals(frame)
    assert len(source.requests) == 1


@each_kind
def test_frame_is_dumped_while_it_is_fetched(contents, frame, kind):
    lazy = scan(CountingSource(contents[kind]), kind).with_columns(pl.col('key') * 2)
    file = io.BytesIO()
    make_file_processor(f'x.{kind}', dataframe_type='polars-lazy').dump(lazy, file)
    file.seek(0)
    read = pl.read_parquet if kind == 'parquet' else pl.read_ipc
    assert read(file).equals(frame.with_columns(pl.col('key') * 2))
