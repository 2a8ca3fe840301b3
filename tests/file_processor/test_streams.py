"""Every processor works on every kind of file that a target or a user may hand over."""

from __future__ import annotations

import io
import shutil
import xml.etree.ElementTree as ET

import luigi
import numpy as np
import pandas as pd
import polars as pl
import pytest
from luigi.mock import MockFileSystem, MockTarget

from gokart.file_processor import make_file_processor
from gokart.file_processor.polars import CsvFileProcessorPolars

FRAME = pd.DataFrame({'number': [1, 2], 'word': ['a', '改\r\n行']})
TREE = ET.ElementTree(ET.fromstring('<root><child name="x">三</child></root>'))
VALUES = {
    'pkl': {'a': [1, FRAME]},
    'txt': ['first ', '三\r'],
    'ini': ['[section]'],
    'gz': ['first ', '三'],
    'csv': FRAME,
    'tsv': FRAME,
    'json': FRAME,
    'ndjson': FRAME,
    'xml': TREE,
    'npz': np.arange(6).reshape(2, 3),
    'parquet': FRAME,
    'feather': FRAME,
    'png': b'\x00\xff\r\n',
}
CASES = [(kind, 'pandas') for kind in VALUES]
CASES += [(kind, lazy) for kind in VALUES if VALUES[kind] is FRAME for lazy in ('polars', 'polars-lazy')]
each_case = pytest.mark.parametrize(('kind', 'dataframe_type'), CASES)


class WritingOnly:
    """What a `WriteStream` promises, and no more."""

    def __init__(self, path):
        self.name = str(path)
        self._file = path.open('wb')

    @property
    def closed(self):
        return self._file.closed

    def write(self, data):
        return self._file.write(data)

    def flush(self):
        self._file.flush()

    def close(self):
        self._file.close()

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.close()


class Unseekable(io.BytesIO):
    def seekable(self):
        return False

    def seek(self, *_):
        raise io.UnsupportedOperation('seek')


@pytest.fixture
def mock_file_system(monkeypatch):
    """The files of `MockTarget` in this process, not in a server."""
    monkeypatch.setattr(MockFileSystem, '_data', {})


def value_of(kind, dataframe_type):
    value = VALUES[kind]
    if dataframe_type == 'pandas':
        return value
    frame = pl.DataFrame(value.to_dict(orient='list'))
    return frame if dataframe_type == 'polars' else frame.lazy()


def assert_same(actual, expected):
    if isinstance(expected, pl.LazyFrame):
        assert isinstance(actual, pl.LazyFrame)
        actual, expected = actual.collect(), expected.collect()
    if isinstance(expected, pl.DataFrame):
        assert actual.equals(expected)
    elif isinstance(expected, pd.DataFrame):
        pd.testing.assert_frame_equal(actual, expected)
    elif isinstance(expected, np.ndarray):
        np.testing.assert_array_equal(actual, expected)
    elif isinstance(expected, ET.ElementTree):
        assert ET.tostring(actual.getroot()) == ET.tostring(expected.getroot())
    elif isinstance(expected, dict):
        assert actual['a'][0] == 1
        pd.testing.assert_frame_equal(actual['a'][1], expected['a'][1])
    else:
        assert actual == expected


def is_text(processor):
    return processor.format() is not luigi.format.Nop


def plain_file(path, processor, mode):
    return path.open(mode, encoding='utf-8', newline='\n') if is_text(processor) else path.open(mode + 'b')


def local_target(path, processor, mode):
    return luigi.LocalTarget(str(path), format=processor.format()).open(mode)


def mock_target(path, processor, mode):
    return MockTarget(str(path), format=processor.format()).open(mode)


@each_case
@pytest.mark.parametrize('open_file', [plain_file, local_target, mock_target])
def test_written_file_is_read_back(open_file, kind, dataframe_type, tmp_path, mock_file_system):
    processor = make_file_processor(f'x.{kind}', dataframe_type=dataframe_type)
    path = tmp_path / f'[a*b] 三.{kind}'
    with open_file(path, processor, 'w') as file:
        processor.dump(value_of(kind, dataframe_type), file)
    with open_file(path, processor, 'r') as file:
        loaded = processor.load(file)
    assert_same(loaded, value_of(kind, dataframe_type))


@each_case
def test_bytes_in_memory_will_do(kind, dataframe_type):
    processor = make_file_processor(f'x.{kind}', dataframe_type=dataframe_type)
    file = io.BytesIO()
    processor.dump(value_of(kind, dataframe_type), file)
    file.seek(0)
    assert_same(processor.load(file), value_of(kind, dataframe_type))
    assert not file.closed


@each_case
def test_reading_a_stream_that_cannot_seek(kind, dataframe_type):
    processor = make_file_processor(f'x.{kind}', dataframe_type=dataframe_type)
    file = io.BytesIO()
    processor.dump(value_of(kind, dataframe_type), file)
    stream = Unseekable(file.getvalue())
    with io.TextIOWrapper(stream, 'utf-8', newline='\n') if is_text(processor) else stream as remote:
        assert_same(processor.load(remote), value_of(kind, dataframe_type))


@pytest.mark.parametrize(
    ('kind', 'dataframe_type'), [case for case in CASES if case[0] not in ('txt', 'ini', 'csv', 'tsv')]
)
def test_writing_takes_no_more_than_the_contract_of_a_write_stream(kind, dataframe_type, tmp_path):
    processor = make_file_processor(f'x.{kind}', dataframe_type=dataframe_type)
    path = tmp_path / 'file'
    with WritingOnly(path) as file:
        processor.dump(value_of(kind, dataframe_type), file)
    with path.open('rb') as file:
        assert_same(processor.load(file), value_of(kind, dataframe_type))


@each_case
def test_name_of_the_read_stream_is_never_opened(kind, dataframe_type, tmp_path):
    """The stream of a remote object may be called like its key, or like a local file that is something else."""
    processor = make_file_processor(f'x.{kind}', dataframe_type=dataframe_type)
    content = io.BytesIO()
    processor.dump(value_of(kind, dataframe_type), content)
    other = tmp_path / 'other'
    other.write_bytes(b'something else')

    class Remote(io.BytesIO):
        name = str(other)

    remote = Remote(content.getvalue())
    with io.TextIOWrapper(remote, 'utf-8', newline='\n') if is_text(processor) else remote as file:
        assert_same(processor.load(file), value_of(kind, dataframe_type))


@pytest.mark.parametrize('kind', ['csv', 'parquet', 'feather'])
def test_lazy_frame_of_a_local_file_scans_it(kind, tmp_path, monkeypatch):
    processor = make_file_processor(f'x.{kind}', dataframe_type='polars-lazy')
    monkeypatch.chdir(tmp_path)
    with local_target('x', processor, 'w') as file:
        processor.dump(value_of(kind, 'polars'), file)
    with local_target('x', processor, 'r') as file:
        frame = processor.load(file)
    monkeypatch.chdir('/')
    assert_same(frame.collect(), value_of(kind, 'polars'))
    shutil.move(tmp_path / 'x', tmp_path / 'y')
    with pytest.raises((FileNotFoundError, pl.exceptions.PolarsError)):
        frame.collect()


def test_csv_in_another_encoding_is_not_scanned(tmp_path):
    """Polars scans UTF-8 only."""
    processor = CsvFileProcessorPolars(encoding='cp932', lazy=True)
    with local_target(tmp_path / 'x', processor, 'w') as file:
        processor.dump(pl.DataFrame({'語': ['改行']}), file)
    assert (tmp_path / 'x').read_bytes().decode('cp932') == '語\n改行\n'
    with local_target(tmp_path / 'x', processor, 'r') as file:
        frame = processor.load(file)
    assert frame.collect().to_dict(as_series=False) == {'語': ['改行']}
