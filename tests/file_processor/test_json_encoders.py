"""Columns that become JSON all at once are the same bytes as one by one."""

from __future__ import annotations

import datetime
import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gokart.file_processor.pandas.json import JsonFileProcessorPandas, cells, writer

quick = settings(derandomize=True, max_examples=60, deadline=None)
each_layout = pytest.mark.parametrize('orient', ['columns', 'index', 'records', 'split', 'table', 'values'])
quiet = pytest.mark.filterwarnings('ignore::gokart.errors.LossyFormatWarning')


def at_once(column):
    return [text or 'null' for text in cells.cells(column).to_pylist()]


def assert_same(column):
    assert cells._all_at_once(column) is not None
    assert at_once(column) == cells.cells_of_few(column)


def dumped(frame, orient):
    file = io.BytesIO()
    JsonFileProcessorPandas(orient).dump(frame, file)
    return file.getvalue()


COLUMNS = {
    'int': pd.Series([0, -1, 2**63 - 1, -(2**63)]),
    'uint': pd.Series([0, 2**64 - 1], dtype='u8'),
    'small int': pd.Series([-128, 127], dtype='i1'),
    'bool': pd.Series([True, False]),
    'float': pd.Series([0.1 + 0.2, -0.0, 0.0, np.nan, np.inf, -np.inf, 5e-324, 1.7976931348623157e308]),
    'exponents': pd.Series([float(f'{m}e{e}') for m in (1, -1.5, 9.9) for e in range(-30, 30)]),
    'whole': pd.Series([1.0, -3.0, 1e9, 1e10, 1e15, 123456789012345.0, 2.0**53 + 2, 1e16 - 2]),
    'whole and missing': pd.Series([1.0, np.nan, 2.0**53]),
    'whole and minus zero': pd.Series([1.0, -0.0]),
    'large whole': pd.Series([1e16, 1.0, 1e22]),
    'float32': pd.Series([0.1, 1 / 3, 1e-9, np.nan], dtype='f4'),
    'float16': pd.Series([0.1, 2.0], dtype='f2'),
    'objects of int': pd.Series([1, None, 2**53 + 1], dtype=object),
    'objects of float': pd.Series([1.5, np.nan, 0.1], dtype=object),
    'objects of bool': pd.Series([True, None], dtype=object),
    'texts': pd.Series(['', '"', '\\', '/', '\x00\x1f', '\x7f', '三', '😀', '%s', '\u2028', None], dtype=object),
    'plain texts': pd.Series(['x', None, ' ~!#[]'], dtype=object),
    'escaped texts': pd.Series(['三', '"'], dtype=object),
    'string': pd.Series(['x', None, '三'], dtype='string'),
    'Int64': pd.Series([1, None, 2**62], dtype='Int64'),
    'boolean': pd.Series([True, None], dtype='boolean'),
    'Float32': pd.Series([0.1, None], dtype='Float32'),
    'categories of text': pd.Series(pd.Categorical(['三', None, 'x', 'x'])),
    's': pd.Series(pd.to_datetime(['2020-01-01', None, '1960-01-01'])).astype('datetime64[s]'),
    'ms': pd.Series(pd.to_datetime(['2020-01-01 00:00:00.123', None])).astype('datetime64[ms]'),
    'us': pd.Series(np.array(['2020-01-01T00:00:00.123456', 'NaT', '2020-01-02'], dtype='M8[us]')),
    'ns': pd.Series(np.array(['1969-12-31T23:59:59.999999999', 'NaT', '2020-01-02'], dtype='M8[ns]')),
    'far': pd.Series(np.array([2**62, -(2**62), 0], dtype='M8[s]')),
    'zone': pd.Series(pd.to_datetime(['2020-01-01T09:00+09:00', None])),
    'durations': pd.Series(pd.to_timedelta([1, 0.5, None, -1e-9], unit='s')),
}  # fmt: skip


@pytest.mark.parametrize('column', COLUMNS.values(), ids=COLUMNS)
def test_columns_of_one_type_are_what_their_values_are(column):
    assert_same(column)


@pytest.mark.parametrize('column', COLUMNS.values(), ids=COLUMNS)
def test_part_of_a_column_is_what_its_values_are(column):
    part = column.iloc[1:]
    assert at_once(part) == cells.cells_of_few(part)


@given(
    st.lists(st.floats() | st.floats(1e-10, 1e-3) | st.floats(1e9, 1e17) | st.integers(-(10**17), 10**17).map(float))
)
@quick
def test_floats_are_what_each_is(values):
    assert_same(pd.Series(values, dtype='f8'))


@given(st.lists(st.text(st.characters(codec='utf-8')) | st.none(), min_size=1))
@quick
def test_texts_are_what_each_is(values):
    column = pd.Series(values, dtype=object)
    assert at_once(column) == cells.cells_of_few(column)


@given(st.lists(st.integers(-(2**63) + 1, 2**63 - 1)), st.sampled_from(['s', 'ms', 'us', 'ns']), st.sampled_from('mM'))
@quick
def test_counts_of_time_are_what_each_is(counts, unit, kind):
    values = np.array(counts, dtype='i8').view(f'{kind}8[{unit}]')
    texts = cells.encode_milliseconds(values).to_pylist()
    assert texts == [cells.milliseconds(count, unit) for count in counts]


@pytest.mark.parametrize(
    'values',
    [
        ['x', np.nan, pd.NaT, pd.NA],
        [1, 2.5],
        [1, 'x'],
        [True, 1],
        ['\ud800'],
        [[1]],
        [{'a': 1}],
        [2**70],
        [datetime.date(2020, 1, 1)],
        [None],
        [],
    ],
    ids=repr,
)
def test_objects_of_other_types_are_taken_one_by_one(values):
    column = pd.Series(values, dtype=object)
    assert at_once(column) == cells.cells_of_few(column)


def test_numbers_of_categories_are_taken_one_by_one():
    column = pd.Series(pd.Categorical([1, None]))
    assert at_once(column) == cells.cells_of_few(column)


@quiet
@each_layout
@pytest.mark.parametrize('index', [None, range(3, 903, 3), [f'row {number}' for number in range(300)]], ids=repr)
def test_many_rows_are_written_as_few_are(orient, index, monkeypatch):
    frame = pd.DataFrame({'a': range(300), 'ü"': 0.5, '7': 'x\n', 'd': [None, '三', 'z'] * 100}, index=index)
    content = dumped(frame, orient)
    monkeypatch.setattr(writer, 'FEW_ROWS', 300)
    assert dumped(frame, orient) == content


@quiet
@each_layout
def test_portions_make_no_difference(orient, monkeypatch):
    frame = pd.DataFrame({'a': range(300), 'b': 0.5, 'c': ['x', None, '三'] * 100})
    content = dumped(frame, orient)
    monkeypatch.setattr(writer, '_LEAST_ROWS', 1)
    monkeypatch.setattr(writer, 'ROWS_AT_ONCE', 77)
    assert dumped(frame, orient) == content


@quiet
@pytest.mark.parametrize(
    ('orient', 'row'),
    [('columns', None), ('index', '"%d":{}'), ('records', '{}'), ('split', '[]'), ('values', '[]')],
)
@pytest.mark.parametrize('rows', [0, 1, 100])
def test_rows_without_columns_are_written(orient, row, rows):
    content = dumped(pd.DataFrame(index=range(rows)), orient).decode()
    texts = [row % number if '%' in row else row for number in range(rows)] if row else []
    expected = {
        'columns': '{}',
        'index': f'{{{",".join(texts)}}}',
        'records': ''.join(f'{text}\n' for text in texts),
        'split': f'{{"columns":[],"index":[{",".join(map(str, range(rows)))}],"data":[{",".join(texts)}]}}',
        'values': f'[{",".join(texts)}]',
    }
    assert content == expected[orient]
