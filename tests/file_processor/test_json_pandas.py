"""pandas frames as JSON: all digits are kept and nothing is guessed."""

from __future__ import annotations

import datetime
import decimal
import io
import json

import numpy as np
import pandas as pd
import pytest

from gokart.errors import LossyFormatWarning, UnsupportedObjectError
from gokart.file_processor.pandas import JsonFileProcessorPandas

LAYOUTS = [None, 'records']
ALL_LAYOUTS = [None, 'columns', 'index', 'records', 'split', 'table', 'values']
each_layout = pytest.mark.parametrize('orient', LAYOUTS, ids=['json', 'ndjson'])


def dumped(obj, orient=None):
    file = io.BytesIO()
    JsonFileProcessorPandas(orient).dump(obj, file)
    return file.getvalue()


def load(content, orient=None):
    return JsonFileProcessorPandas(orient).load(io.BytesIO(content))


def round_trip(obj, orient=None):
    return load(dumped(obj, orient), orient)


def test_layouts_are_those_of_the_published_library():
    frame = pd.DataFrame({'a': [1, 2], 'b': ['x', None]})
    assert dumped(frame) == b'{"a":{"0":1,"1":2},"b":{"0":"x","1":null}}'
    assert dumped(frame, 'records') == b'{"a":1,"b":"x"}\n{"a":2,"b":null}\n'


@pytest.mark.parametrize('orient', ALL_LAYOUTS)
def test_every_layout_comes_back(orient):
    frame = pd.DataFrame({'a': [1, 2, 3], 'f': [0.1 + 0.2, None, -1e300], 's': ['007', '三"\n', '']})
    loaded = round_trip(frame, orient)
    if orient == 'values':
        loaded.columns = frame.columns
    pd.testing.assert_frame_equal(loaded, frame, check_column_type=False)


@pytest.mark.parametrize('orient', ['columns', 'index', 'split', 'table'])
@pytest.mark.parametrize('index', [['x', 'y'], [5, -7], [0.5, 1.0], ['007', '8']])
def test_index_comes_back(orient, index):
    frame = pd.DataFrame({'a': [1, 2]}, index=index)
    pd.testing.assert_frame_equal(round_trip(frame, orient), frame, check_names=False)


@pytest.mark.parametrize('orient', ALL_LAYOUTS)
def test_every_layout_is_what_pandas_reads(orient):
    frame = pd.DataFrame({'a': [1, 2, 3], 'f': [0.25, None, -1e300], 's': ['x', '三"\n', '']})
    expected = pd.read_json(
        io.StringIO(frame.to_json(orient=orient, lines=orient == 'records')), orient=orient, lines=orient == 'records'
    )
    actual = pd.read_json(io.BytesIO(dumped(frame, orient)), orient=orient, lines=orient == 'records')
    pd.testing.assert_frame_equal(actual, expected)


@each_layout
@pytest.mark.parametrize(
    'number', [0.1 + 0.2, 1 / 3, 1e-300, 5e-324, 1.7976931348623157e308, -0.0, 1e22, 123456789.123456789]
)
def test_floats_keep_all_digits(number, orient):
    loaded = round_trip(pd.DataFrame({'a': [number]}), orient)['a'][0]
    assert loaded == number
    assert np.signbit(loaded) == np.signbit(number)


@each_layout
@pytest.mark.parametrize('values', [[np.inf, -np.inf, np.nan, 1.5], [np.inf], [np.nan]])
def test_infinities_and_nan_come_back(values, orient):
    np.testing.assert_array_equal(round_trip(pd.DataFrame({'a': values}), orient)['a'], values)


@each_layout
def test_infinity_is_a_json_number(orient):
    assert b'1e999' in dumped(pd.DataFrame({'a': [np.inf]}), orient)
    assert b'NaN' not in dumped(pd.DataFrame({'a': [np.nan]}), orient)


@each_layout
@pytest.mark.parametrize(
    'values',
    [
        ['007', '010'],
        ['1', '2'],
        ['1.50', '2'],
        ['true', 'false'],
        ['2020-01-01', '2020-01-02'],
        ['null', 'NaN'],
        ['', ' '],
        ['\u2028', '\x00\x1f'],
    ],
)
@pytest.mark.parametrize('label', ['a', 'date', 'created_at', 'timestamp', 'modified'])
def test_texts_stay_texts(values, label, orient):
    assert list(round_trip(pd.DataFrame({label: values}), orient)[label]) == values


@each_layout
@pytest.mark.parametrize('label', ['date', 'created_at', 'timestamp', 'modified', 'datetime'])
def test_numbers_stay_numbers_whatever_the_column_is_called(label, orient):
    frame = pd.DataFrame({label: [1577836800000, 31536001]})
    pd.testing.assert_frame_equal(round_trip(frame, orient), frame)


@each_layout
def test_whole_floats_stay_floats(orient):
    frame = pd.DataFrame({'a': [1.0, 2.0], 'b': [1, 2], 'c': [True, False]})
    pd.testing.assert_frame_equal(round_trip(frame, orient), frame)


@each_layout
@pytest.mark.parametrize('values', [[2**53 + 1, None], [2**63, 2**64 - 1], [2**70, 1], [-(2**63), 2**63 - 1]])
def test_large_integers_keep_all_digits(values, orient):
    loaded = round_trip(pd.DataFrame({'a': pd.Series(values, dtype=object)}), orient)['a']
    assert [None if pd.isna(value) else int(value) for value in loaded] == values


@each_layout
@pytest.mark.parametrize(
    'labels',
    [
        ['0', '1'],
        ['007', '8'],
        ['2020', '2021'],
        ['-1', '1.5'],
        ['1', 'a'],
        ['', ' '],
        ['%s', '"\\'],
        ['\ue000', 'inf'],
        ['1e5', 'nan'],
    ],
)
def test_text_labels_stay_texts(labels, orient):
    frame = pd.DataFrame([[1, 2]], columns=labels)
    pd.testing.assert_frame_equal(round_trip(frame, orient), frame)


@each_layout
@pytest.mark.parametrize('labels', [[0, 1], [2020, 2021], [-1, 10**15], [0.5, 1.0]])
def test_number_labels_stay_numbers(labels, orient):
    frame = pd.DataFrame([[1, 2]], columns=labels)
    pd.testing.assert_frame_equal(round_trip(frame, orient), frame, check_column_type='equiv')


@each_layout
@pytest.mark.parametrize('scalar', [np.float64, np.float32, float])
def test_float_labels_beside_texts_become_their_number(scalar, orient):
    frame = pd.DataFrame([[1, 2]])
    frame.columns = pd.Index([scalar(1.5), 'total'], dtype=object)
    with pytest.warns(LossyFormatWarning, match='columns'):
        assert list(round_trip(frame, orient)) == ['1.5', 'total']


@pytest.mark.parametrize('orient', [orient for orient in ALL_LAYOUTS if orient != 'table'])
def test_half_a_character_comes_back(orient):
    frame = pd.DataFrame({'a': pd.Series(['\ud83d', 'x', None], dtype=object), 'b': ['\U0001f600', 'y', 'z']})
    loaded = round_trip(frame, orient)
    assert [list(loaded.iloc[:2, 0]), list(loaded.iloc[:, 1])] == [['\ud83d', 'x'], ['\U0001f600', 'y', 'z']]


@pytest.mark.parametrize('text', ['\ud83d', 'x\ude00'])
@pytest.mark.parametrize(
    'make',
    [
        lambda text: pd.DataFrame({'a': pd.Series([text], dtype=object)}),
        lambda text: pd.DataFrame({'a': [1]}, index=pd.Index([text], dtype=object)),
        lambda text: pd.DataFrame([[1]], columns=pd.Index([text], dtype=object)),
    ],
    ids=['value', 'index', 'column'],
)
def test_half_a_character_that_pandas_loses_in_a_table_is_refused_with_the_cure(make, text):
    with pytest.raises(UnsupportedObjectError, match=r"'table' .*, or choose the layout 'split'"):
        dumped(make(text), 'table')


@pytest.mark.parametrize('orient', ['columns', 'index', 'split'])
@pytest.mark.parametrize('label', ['\ud83d', '\udfff1'])
def test_half_a_character_in_labels_comes_back(label, orient):
    frame = pd.DataFrame([[1, 2], [3, 4]])
    frame.columns = pd.Index([label, 'b'], dtype=object)
    frame.index = pd.Index(['x', label], dtype=object)
    pd.testing.assert_frame_equal(round_trip(frame, orient), frame, check_column_type=False, check_index_type=False)


@each_layout
def test_escaped_labels_are_plain_labels_for_others(orient):
    """Our mark of a text label is an escape that every reader of JSON resolves."""
    content = dumped(pd.DataFrame({'7': ['x'], '-8': ['y']}), orient)
    assert list(json.loads(content)) == ['7', '-8']


@pytest.mark.parametrize('value', ['"\\u0037":', '\\u0037', '"'])
def test_values_that_look_like_escaped_labels_are_left_alone(value):
    frame = pd.DataFrame({'7': [value, '7']}, index=['3', '4'])
    pd.testing.assert_frame_equal(round_trip(frame), frame)


@each_layout
@pytest.mark.parametrize('labels', [[True, False], [('a', 'b'), ('a', 'c')], [1, 'a']])
def test_labels_that_become_text_are_told(labels, orient):
    frame = pd.DataFrame([[1, 2]])
    frame.columns = pd.Index(labels)
    with pytest.warns(LossyFormatWarning, match='columns'):
        loaded = round_trip(frame, orient)
    assert list(loaded) == [str(label) for label in labels]


@each_layout
@pytest.mark.filterwarnings('ignore::gokart.errors.LossyFormatWarning')
@pytest.mark.parametrize('labels', [['a', 'a'], [0, '0']])
def test_labels_of_one_text_are_refused(labels, orient):
    frame = pd.DataFrame([[1, 2]])
    frame.columns = pd.Index(labels, dtype=object)
    with pytest.raises(UnsupportedObjectError, match='columns'):
        dumped(frame, orient)


def test_index_with_equal_labels_is_refused_where_it_names_values():
    with pytest.raises(UnsupportedObjectError, match='index'):
        dumped(pd.DataFrame({'a': [1, 2]}, index=[5, 5]))


def test_dates_of_the_index_load_as_milliseconds_and_that_is_told():
    frame = pd.DataFrame({'a': [1]}, index=pd.to_datetime(['2020-01-01']))
    with pytest.warns(LossyFormatWarning, match='numbers'):
        assert list(round_trip(frame).index) == [1577836800000]


@each_layout
def test_dates_that_load_as_numbers_are_told(orient):
    frame = pd.DataFrame({'a': [1], 'day': pd.to_datetime(['2020-01-01']), 'span': pd.to_timedelta([1])})
    with pytest.warns(LossyFormatWarning, match=r"\['day', 'span'\]"):
        dumped(frame, orient)


def test_index_that_ndjson_drops_is_told():
    with pytest.warns(LossyFormatWarning, match='index'):
        dumped(pd.DataFrame({'a': [1]}, index=['x']), 'records')


def test_columns_of_an_empty_frame_are_kept_by_json_and_told_by_ndjson():
    frame = pd.DataFrame({'a': [], 'b': []})
    assert list(round_trip(frame)) == ['a', 'b']
    with pytest.warns(LossyFormatWarning, match='columns'):
        dumped(frame, 'records')


@each_layout
def test_column_of_nothing_is_kept(orient):
    frame = pd.DataFrame({'a': [1, 2], 'nothing': [None, np.nan]}, dtype=float)
    pd.testing.assert_frame_equal(round_trip(frame, orient), frame, check_dtype=False)


@each_layout
def test_empty_frame_comes_back(orient):
    assert round_trip(pd.DataFrame(), orient).shape == (0, 0)


@each_layout
@pytest.mark.parametrize(('series', 'label'), [(pd.Series([1, 2], name='s'), 's'), (pd.Series(['x', 'y']), 0)])
def test_series_loads_as_a_frame_of_one_column(series, label, orient):
    pd.testing.assert_frame_equal(round_trip(series, orient), series.to_frame(label))


@pytest.mark.parametrize(
    ('content', 'orient', 'values'),
    [(b'{"0":1,"1":2}', None, [1, 2]), (b'1\n2\n', 'records', [1, 2]), (b'"x","y"\n', 'records', ['x', 'y'])],
)
def test_series_of_the_published_library_loads_as_a_frame(content, orient, values):
    assert load(content, orient).to_dict(orient='list') == {0: values}


@each_layout
def test_dict_is_a_frame(orient):
    assert round_trip({'a': [1, 2], 'b': ['x', 'y']}, orient).to_dict(orient='list') == {'a': [1, 2], 'b': ['x', 'y']}


@each_layout
@pytest.mark.parametrize('obj', [[1], {'a': 1}, {'a': [1], 'b': [1, 2]}, 'text', None])
def test_anything_else_is_refused(obj, orient):
    with pytest.raises(UnsupportedObjectError):
        dumped(obj, orient)


class Thing:
    """Something that JSON has no form for."""

    def __repr__(self):
        return 'Thing()'


@each_layout
@pytest.mark.parametrize(
    'value',
    [
        Thing(),
        {1, 2},
        b'bytes',
        1 + 2j,
        pd.Period('2020'),
        pd.Interval(0, 1),
        int,
        {(1, 2): 3},
        [Thing()],
        decimal.Decimal('0.1234567890123456789'),
    ],
    ids=repr,
)
def test_value_that_json_cannot_hold_is_refused_with_its_column(value, orient):
    with pytest.raises(UnsupportedObjectError, match="'the column'"):
        dumped(pd.DataFrame({'good': [1], 'the column': pd.Series([value], dtype=object)}), orient)


@pytest.mark.parametrize('axis', ['columns', 'index'])
def test_label_that_json_cannot_hold_is_refused_with_its_axis(axis):
    with pytest.raises(UnsupportedObjectError, match=f'the labels of the {axis}: .*1j.* convert'):
        dumped(pd.DataFrame([[1]], **{axis: [1j]}), 'split')


@pytest.mark.parametrize(
    'frame',
    [
        pd.DataFrame({0: [1.5]}),
        pd.DataFrame({pd.Timestamp('2020'): ['x']}),
        pd.DataFrame({None: ['x']}),
        pd.DataFrame({'a': [1]}, index=pd.Index([1], name=0)),
        pd.DataFrame({'index': [1]}),
        pd.DataFrame([[1, 2]], columns=['a', 'a']),
        pd.DataFrame([[1]], columns=pd.MultiIndex.from_tuples([('a', 'b')])),
    ],
    ids=['number', 'date', 'none', 'index', 'overlap', 'equal', 'levels'],
)
def test_labels_that_pandas_reads_in_no_table_are_refused_with_the_cure(frame):
    with pytest.raises(UnsupportedObjectError, match=r"'table' .*: rename them, or choose"):
        dumped(frame, 'table')


@each_layout
@pytest.mark.parametrize(
    ('value', 'loaded'),
    [
        ([1, [2.5, None, 'x']], [1, [2.5, None, 'x']]),
        ({'a': {'b': [True]}}, {'a': {'b': [True]}}),
        ((1, 2), [1, 2]),
        (np.array([1, 2]), [1, 2]),
        ({'when': datetime.datetime(2020, 1, 1)}, {'when': 1577836800000}),
        ({'x': np.float64(0.5), 'n': np.int8(3), 'nan': float('nan')}, {'x': 0.5, 'n': 3, 'nan': None}),
    ],
)
def test_nested_values_come_back(value, loaded, orient):
    assert round_trip(pd.DataFrame({'a': pd.Series([value], dtype=object)}), orient)['a'][0] == loaded


@each_layout
@pytest.mark.filterwarnings('ignore::gokart.errors.LossyFormatWarning')
@pytest.mark.parametrize(
    ('values', 'loaded'),
    [
        (pd.to_datetime(['2020-01-01', '2021-02-03 04:05:06.789'], format='ISO8601'), [1577836800000, 1612325106789]),
        (pd.to_datetime(['2020-01-01T09:00+09:00', None]), [1577836800000, None]),
        (
            pd.to_datetime(['2021-02-03 04:05:06.789123', '1969-12-31 23:59:59.9995'], format='ISO8601'),
            [1612325106789.123, -0.5],
        ),
        (pd.to_timedelta([1, 0.5], unit='s'), [1000, 500]),
        ([datetime.date(2020, 1, 1), datetime.datetime(2020, 1, 1, 0, 0, 1)], [1577836800000, 1577836801000]),
        ([datetime.datetime(9999, 1, 1), datetime.timedelta(days=1)], [253370764800000, 86400000]),
        ([np.datetime64('2020-01-01'), pd.NaT], [1577836800000, None]),
        ([datetime.time(1, 2, 3)], ['01:02:03']),
        ([decimal.Decimal('1.1'), decimal.Decimal('NaN')], [1.1, None]),
        (pd.Categorical(['u', None]), ['u', None]),
        (pd.array([1, None], dtype='Int64'), [1, None]),
        (pd.array([True, None], dtype='boolean'), [True, None]),
    ],
)
def test_values_without_a_json_type_load_as_documented(values, loaded, orient):
    actual = round_trip(pd.DataFrame({'a': values}), orient)['a']
    assert [None if pd.isna(value) else value for value in actual] == loaded


def test_float32_keeps_its_value():
    values = np.array([0.1, 1 / 3], dtype='f4')
    assert list(round_trip(pd.DataFrame({'a': values}))['a']) == [float(value) for value in values]


def test_list_of_records_is_read_as_well():
    """That is how polars writes a json file."""
    assert load(b'[{"a":1,"b":"x"},{"a":2,"b":"y"}]').to_dict(orient='list') == {'a': [1, 2], 'b': ['x', 'y']}


@pytest.mark.parametrize('content', [b'', b'{"a":{"0":1}', b'3', b'null', b'"text"'])
def test_broken_file_is_an_error(content):
    with pytest.raises(ValueError, match=r'JSON|Expecting'):
        load(content)


@pytest.mark.parametrize('orient', ['columns', 'index', 'split', 'table', 'values'])
@pytest.mark.parametrize('content', [b'3', b'null'])
def test_json_of_something_else_is_an_error(content, orient):
    with pytest.raises(ValueError, match=f"no frame in the layout '{orient}'"):
        load(content, orient)


def test_broken_line_is_named():
    with pytest.raises(ValueError, match='Line 2 is not JSON'):
        load(b'{"a":1}\n{"a":\n{"a":3}\n', 'records')


def test_many_rows_are_written_in_portions():
    frame = pd.DataFrame({'a': np.arange(45_001), 'b': 'x'})
    for orient in ('columns', 'index', 'records', 'split'):
        pd.testing.assert_frame_equal(round_trip(frame, orient), frame)
