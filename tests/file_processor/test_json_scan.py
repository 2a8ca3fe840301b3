"""JSON that arrow parses loads as Python's parser has it loaded."""

from __future__ import annotations

import io
import json

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gokart.file_processor.pandas.json import JsonFileProcessorPandas, layout, reader, scan

quick = settings(derandomize=True, max_examples=60, deadline=None)
LAYOUTS = ['columns', 'records']
each_layout = pytest.mark.parametrize('orient', LAYOUTS, ids=['json', 'ndjson'])


@pytest.fixture(autouse=True, scope='module')
def small_files_are_scanned():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scan, '_WORTHWHILE_BYTES', 0)
        yield


def load_by_python(content, orient):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader, 'scan', lambda *_: None)
        return reader.read_frame(content, orient)


def assert_same(content, orient):
    expected = load_by_python(content, orient)
    actual = reader.read_frame(content, orient)
    pd.testing.assert_frame_equal(actual, expected, check_column_type='exact', check_index_type='exact')
    for name in expected:
        assert list(map(type, actual[name])) == list(map(type, expected[name]))


def text_of(columns, orient):
    """Write `columns`, lists of one length, as other writers would."""
    rows = range(len(next(iter(columns.values()), [])))
    if orient == 'records':
        lines = [json.dumps({name: values[row] for name, values in columns.items()}) for row in rows]
        return '\n'.join(lines).encode()
    content = {name: {str(row): values[row] for row in rows} for name, values in columns.items()}
    return json.dumps(content, separators=(',', ':')).encode()


COLUMNS = {
    'int': [1, -2, 0],
    'int and null': [1, None, 2],
    'large int and null': [2**53 + 1, None, 2],
    'int of 64 bits': [2**63 - 1, -(2**63), 0],
    'int of 65 bits': [2**64 - 1, 2**63, 0],
    'larger int': [2**70, 1, 2],
    'larger int and float': [2**70, 1.5, None],
    'float': [0.1 + 0.2, 5e-324, 1.7976931348623157e308],
    'whole float': [1.0, -0.0, 3.0],
    'float and int': [0.5, 1, 2**53 + 1],
    'float and null': [None, 0.5, 1e18],
    'bool': [True, False, True],
    'bool and null': [True, None, False],
    'text': ['x', '', '三 \n\u2028 😀'],
    'text and null': [None, 'x', 'null'],
    'date': ['2020-01-01', '2021-01-01', None],
    'late date': [None, '2020-01-01', '2021-01-01T00:00:00Z'],
    'date and text': ['2020-01-01', 'x', ''],
    'number in text': ['1', '007', '1.5'],
    'null': [None, None, None],
    'int and text': [1, 'x', None],
    'bool and int': [True, 1, 0],
    'nan': [float('nan'), 1.5, 2],
    'infinity': [float('inf'), 1.5, 2],
    'lists': [[1], [], None],
    'objects': [{'a': 1}, None, {}],
    'late list': [None, None, [1]],
    'braces': ['},"', '{"a":1}', '":{'],
    'quotes': ['"', '\\', '\\"'],
}


@each_layout
@pytest.mark.parametrize('values', COLUMNS.values(), ids=COLUMNS)
def test_columns_load_as_they_do_by_python(values, orient):
    assert_same(text_of({'first': [1, 2, 3], 'it': values, 'last': ['a', 'b', 'c']}, orient), orient)
    assert_same(text_of({'it': values}, orient), orient)


VALUES = [
    st.integers(-(2**70), 2**70),
    st.integers(-9, 9),
    st.floats(),
    st.booleans(),
    st.text(),
    st.just('2020-01-01'),
]


@each_layout
@given(data=st.data())
@quick
def test_any_columns_load_as_they_do_by_python(orient, data):
    names = data.draw(st.lists(st.text(max_size=3), min_size=1, max_size=3, unique=True))
    rows = data.draw(st.integers(1, 12))
    kinds = [data.draw(st.sampled_from(VALUES)) for _ in names]
    columns = {
        name: data.draw(st.lists(kind | st.none() if data.draw(st.booleans()) else kind, min_size=rows, max_size=rows))
        for name, kind in zip(names, kinds, strict=True)
    }
    assert_same(text_of(columns, orient), orient)


@each_layout
@pytest.mark.parametrize(
    'index', [None, range(5, 105), [f'三 {row}' for row in range(100)], range(99, -1, -1)], ids=repr
)
@pytest.mark.filterwarnings('ignore::gokart.errors.LossyFormatWarning')
def test_what_we_write_is_scanned(index, orient):
    frame = pd.DataFrame({'a': range(100), 'b': 0.1, 'c': ['x', None, '三', '\n'] * 25, 'd': True}, index=index)
    file = io.BytesIO()
    JsonFileProcessorPandas(orient).dump(frame, file)
    assert scan.scan(file.getvalue(), orient) is not None
    assert_same(file.getvalue(), orient)


def test_what_pandas_writes_is_scanned():
    frame = pd.DataFrame({'a': range(100), 'b': 0.1, 'c': 'x/y'})
    for orient in LAYOUTS:
        content = frame.to_json(orient=orient, lines=orient == 'records').encode()
        assert scan.scan(content, orient) is not None
        assert_same(content, orient)


def test_blocks_make_no_difference(monkeypatch):
    frame = pd.DataFrame({'late': [None] * 900 + [1.5] * 100, 'mixed': [1] * 900 + [0.5] * 100, 'text': 'x'})
    monkeypatch.setattr(scan, '_BLOCK_BYTES', 1000)
    for orient in LAYOUTS:
        content = frame.to_json(orient=orient, lines=orient == 'records').encode()
        assert scan.scan(content, orient) is not None
        assert_same(content, orient)


LINES = {
    'missing names': '{"a":1}\n{"b":"x"}\n{"c":2,"a":3}',
    'another order': '{"a":1,"b":2}\n{"b":3,"a":4}\n',
    'text before number': '{"b":1,"a":"x"}\n{"b":2,"a":"y"}\n',
    'blanks': '{ "a" : 1 }\n\n  {"a":2}\n',
    'returns': '{"a":1}\r\n{"a":2}\r\n',
    'a name twice': '{"a":1,"a":2}\n{"a":3}\n',
    'two in a line': '{"a":1},{"a":2}\n',
    'values': '1\n2\n',
    'lists': '[1,2]\n[3,4]\n',
    'empty objects': '{}\n{}\n',
    'mark': '\ufeff{"a":1}\n',
    'minus zero': '{"a":-0}\n{"a":1}\n',
    'numbers as names': '{"1":5,"2":6}\n',
    'texts as names': '{"\\u0031":5,"2":6}\n',
}
OBJECTS = {
    'escaped name': '{"\\u00e9":{"0":1}}',
    'escaped texts as names': '{"\\u0031":{"0":1}}',
    'equal keys in another order': '{"a":{"x":1,"y":2},"b":{"y":3,"x":4}}',
    'other keys': '{"a":{"x":1,"y":2},"b":{"x":3,"z":4}}',
    'fewer keys': '{"a":{"x":1,"y":2},"b":{"x":3}}',
    'a key twice': '{"a":{"x":1,"x":2},"b":{"x":3,"x":4}}',
    'a name twice': '{"a":{"x":1},"a":{"x":2}}',
    'empty key': '{"a":{"":1},"b":{"":2}}',
    'empty columns': '{"a":{},"b":{}}',
    'empty column': '{"a":{"0":1},"b":{}}',
    'no column': '{}',
    'blanks': ' { "a" : { "0" : 1 , "1" : 2 } } \n',
    'blanks behind': '{"a":{"0":1,"1":2}}\n ',
    'some blanks': '{"a":{"0": 1,"1" :2},"b":{"0":1 ,"1":2}}',
    'numbers': '{"a":{"7":1,"-3":2}}',
    'numbers from 0': '{"a":{"0":1,"1":2}}',
    'numbers out of order': '{"a":{"1":1,"0":2}}',
    'padded numbers': '{"a":{"00":1,"01":2}}',
    'object in a column': '{"a":{"0":{"x":1}},"b":{"0":{"x":1}}}',
    'object among values': '{"a":{"0":1,"1":{"x":1},"2":3}}',
    'lists': '{"a":[1,2],"b":["x","y"]}',
    'values': '{"a":1,"b":2}',
    'records': '[{"a":1},{"a":2}]',
    'text of structure': '{"a":{"0":"},{","1":"a:b,c"}}',
    'long keys': '{"a":{"%s":1}}' % ('x' * 100),
    'not ASCII': '{"三":{"四":"五"}}',
}


@pytest.mark.parametrize('text', LINES.values(), ids=LINES)
def test_lines_of_others_load_as_they_do_by_python(text):
    assert_same(text.encode(), 'records')


@pytest.mark.parametrize('text', OBJECTS.values(), ids=OBJECTS)
def test_objects_of_others_load_as_they_do_by_python(text):
    assert_same(text.encode(), 'columns')


BROKEN = [
    '01',
    '1.',
    '+1',
    '.5',
    '1 2',
    '1,',
    '1}',
    '1}{',
    'tru',
    '"x',
    'x',
    "'x'",
    '',
    '1}{"":2',
    '"\t"',
    '0x1',
    'Inf',
    '-NaN',
]


@pytest.mark.parametrize('value', BROKEN)
def test_broken_values_are_errors(value):
    for content in (
        f'{{"a":{{"0":{value},"1":2}}}}',
        f'{{"a":{{"0":1,"1":{value}}}}}',
        f'{{"a":{{"0":1}},"b":{{"0":{value}}}}}',
    ):
        with pytest.raises(ValueError, match=r'.'):
            reader.read_frame(content.encode(), 'columns')
    with pytest.raises(ValueError, match='is not JSON'):
        reader.read_frame(f'{{"a":1}}\n{{"a":{value}}}\n'.encode(), 'records')


@pytest.mark.parametrize(
    'content',
    [
        b'{"a":1}{"a":2}',
        b'{"a":1}{"a":2}\n',
        b'{"a":1}{"a":2}\n\n',
        b'{"a":\n1}\n',
        b'{"a":1}\n{"a":\n{"a":3}\n',
        b'{"a":1}\n{"a":"\xff"}',
    ],
)
def test_broken_lines_are_errors(content):
    with pytest.raises(ValueError, match=r'.'):
        reader.read_frame(content, 'records')


@pytest.mark.parametrize(
    'content',
    [b'{"a":{"0":"\xff"}}', b'{"a":{"0":1}}}', b'{"a":{"0":1}', b'{"a":{"0":1}},{"b":{"0":1}}', b'"a":{"0":1}}'],
)
def test_broken_objects_are_errors(content):
    with pytest.raises(ValueError, match=r'.'):
        reader.read_frame(content, 'columns')


@pytest.mark.parametrize(
    ('content', 'orient'), [(b'{"a":{"0":"\\ud800"}}', 'columns'), (b'{"a":"\\ud800"}', 'records')]
)
def test_half_a_character_is_left_to_python(content, orient):
    assert scan.scan(content, orient) is None


def test_keys_from_0_are_seen_without_reading_each():
    found = layout.find_layout(b'{"a":{%s}}' % b','.join(b'"%d":1' % row for row in range(1200)))
    assert found is not None
    assert found[2] == []
