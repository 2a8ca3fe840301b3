"""pandas frames as csv: what is a value stays a value."""

from __future__ import annotations

import io
import warnings

import luigi
import pandas as pd
import pytest

from gokart.errors import LossyFormatWarning, UnencodableTextError, UnsupportedObjectError
from gokart.file_processor.pandas import CsvFileProcessorPandas


def dumped(obj, **kwargs):
    file = io.BytesIO()
    CsvFileProcessorPandas(**kwargs).dump(obj, file)
    return file.getvalue()


def load(content, **kwargs):
    return CsvFileProcessorPandas(**kwargs).load(io.BytesIO(content))


def test_frame_is_plain_text():
    assert dumped(pd.DataFrame({'a': [1, 2], 'b': ['x,y', '"']})) == b'a,b\n1,"x,y"\n2,""""\n'


@pytest.mark.parametrize(('series', 'content'), [(pd.Series([1], name='s'), b's\n1\n'), (pd.Series([1]), b'0\n1\n')])
def test_series_is_a_column(series, content):
    assert dumped(series) == content


@pytest.mark.parametrize('obj', [[1], {'a': [1]}, 'a,b', None])
def test_anything_else_is_refused(obj):
    with pytest.raises(UnsupportedObjectError, match=type(obj).__name__) as caught:
        dumped(obj)
    assert isinstance(caught.value, TypeError)


@pytest.mark.parametrize('text', ['x\ry', '\r', 'x\r\ny', '\n', '\r\n\r', 'x\r,"'])
@pytest.mark.parametrize('sep', [',', '\t'])
def test_newlines_in_values_are_kept(text, sep):
    frame = pd.DataFrame({'a': [text, 'next'], 'b': [1, 2], 'c': [0.5, None], 'd': [True, False]})
    pd.testing.assert_frame_equal(load(dumped(frame, sep=sep), sep=sep), frame)


@pytest.mark.parametrize(
    'make', [lambda: pd.Categorical(['x\ry', 'z']), lambda: pd.Series(['x\ry', None], dtype='string')]
)
def test_newlines_in_other_types_of_text_are_kept(make):
    assert load(dumped(pd.DataFrame({'a': make()})))['a'][0] == 'x\ry'


def test_newline_in_a_label_is_kept():
    assert list(load(dumped(pd.DataFrame({'a\rb': [1], 'c\nd': [2]})))) == ['a\rb', 'c\nd']


def test_only_files_that_need_it_are_quoted():
    assert dumped(pd.DataFrame({'a': ['x', 'y']})) == b'a\nx\ny\n'


@pytest.mark.parametrize('content', [b'', b'\n', b'\n\n'])
def test_empty_file_is_an_empty_frame(content):
    pd.testing.assert_frame_equal(load(content), pd.DataFrame())


def test_empty_frame_comes_back():
    assert load(dumped(pd.DataFrame())).shape == (0, 0)
    assert list(load(dumped(pd.DataFrame({'a': [], 'b': []})))) == ['a', 'b']


@pytest.mark.parametrize('number', [0.1 + 0.2, 1 / 3, 1e-300, 5e-324, 1.7976931348623157e308, 65888.123456789012])
def test_floats_keep_all_digits(number):
    assert load(dumped(pd.DataFrame({'a': [number]})))['a'][0] == number


@pytest.mark.parametrize('encoding', ['utf-8', 'cp932', 'utf-16', 'utf-8-sig'])
def test_encoding_is_honoured(encoding):
    frame = pd.DataFrame({'語': ['改行', 'b']})
    content = dumped(frame, encoding=encoding)
    assert content == '語\n改行\nb\n'.encode(encoding)
    pd.testing.assert_frame_equal(load(content, encoding=encoding), frame)


@pytest.mark.parametrize(('text', 'encoding'), [('\ud83d', 'utf-8'), ('改', 'latin-1')])
def test_character_that_the_encoding_has_not_is_refused(text, encoding):
    with pytest.raises(UnencodableTextError, match=f"'{encoding}' .* Replace it"):
        dumped(pd.DataFrame({'a': pd.Series([text], dtype=object)}), encoding=encoding)


@pytest.mark.parametrize(
    'index',
    [['x', 'y'], pd.RangeIndex(2, name='n'), pd.Index([10, 20]), pd.MultiIndex.from_tuples([('a', 1), ('b', 2)])],
)
def test_dropped_index_is_told_once(index):
    with pytest.warns(LossyFormatWarning, match='index') as caught:
        dumped(pd.DataFrame({'a': [1, 2]}, index=index))
    assert len(caught) == 1


@pytest.mark.parametrize(
    'frame', [pd.DataFrame({'a': [1, 2]}), pd.DataFrame(), pd.DataFrame({'a': [1, 2]})[1:], pd.Series([1])]
)
def test_numbers_of_rows_are_dropped_silently(frame):
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        dumped(frame)


def test_broken_file_is_an_error():
    with pytest.raises(pd.errors.ParserError):
        load(b'a,b\n1,2\n3,4,5\n')


@pytest.mark.parametrize('row', [0, 500, 24_999])
@pytest.mark.parametrize('dtype', [object, 'string', 'category'])
def test_newline_anywhere_in_many_rows_is_kept(row, dtype):
    texts = [f'text {number}' for number in range(25_000)]
    texts[row] = 'x\ry'
    assert load(dumped(pd.DataFrame({'a': pd.Series(texts, dtype=dtype)})))['a'][row] == 'x\ry'


def test_newlines_in_bytes_are_those_of_the_text_file(tmp_path):
    """A file that was opened as text is read as bytes, where that gives the same values."""
    processor = CsvFileProcessorPandas()
    path = tmp_path / 'x.csv'
    frame = pd.DataFrame({'a': ['x\r\ny', '三'], 'b': [1, 2]})
    with luigi.LocalTarget(str(path), format=processor.format()).open('w') as file:
        processor.dump(frame, file)
    with luigi.LocalTarget(str(path), format=processor.format()).open('r') as file:
        pd.testing.assert_frame_equal(processor.load(file), frame)


def test_text_file_that_was_read_from_is_read_on(tmp_path):
    processor = CsvFileProcessorPandas()
    path = tmp_path / 'x.csv'
    path.write_bytes(b'a remark\na\n1\n')
    with luigi.LocalTarget(str(path), format=processor.format()).open('r') as file:
        file.readline()
        assert processor.load(file).to_dict(orient='list') == {'a': [1]}


def test_text_file_in_utf_8_with_a_mark_loads():
    assert list(load('\ufeffa,b\n1,2\n'.encode())) == ['a', 'b']


def test_broken_utf_8_is_an_error():
    with pytest.raises(UnicodeDecodeError):
        load(b'a,b\nx,\xff\n')
