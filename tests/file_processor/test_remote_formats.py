"""Every format comes back from every storage, through targets."""

from __future__ import annotations

import uuid
import xml.etree.ElementTree as ET

import numpy as np
import pandas as pd
import polars as pl
import pytest

from gokart.errors import StorageError
from gokart.file_processor import make_file_processor
from gokart.storage.ranged import HEAD_BYTES, RangedFile
from gokart.storage.registry import storage_for
from gokart.target import make_model_target, make_target

FRAME = pd.DataFrame({'number': [1, 2], 'word': ['a', '改\r\n行']})
NOISE = np.random.default_rng(0)
LINES = [f'三 {NOISE.bytes(500).hex()}' for _ in range(3000)]
LARGE_FRAME = pd.DataFrame({'number': NOISE.normal(size=3000), 'word': LINES})
VALUES = {
    'pkl': ({'a': [1, 'x']}, {'a': np.arange(500_000), 'b': [b'x' * 3_000_000]}),
    'txt': (['first ', '三\r'], LINES),
    'ini': (['[section]'], ['[section] of a file'] * 80_000),
    'gz': (['first ', '三'], LINES),
    'csv': (FRAME, LARGE_FRAME),
    'tsv': (FRAME, LARGE_FRAME),
    'json': (FRAME, LARGE_FRAME),
    'ndjson': (FRAME, LARGE_FRAME),
    'xml': (
        ET.ElementTree(ET.fromstring('<a><b c="x">三</b></a>')),
        ET.ElementTree(ET.fromstring(f'<a>{"三" * 500_000}</a>')),
    ),
    'npz': (np.arange(6).reshape(2, 3), NOISE.normal(size=(3, 70_000))),
    'parquet': (FRAME, LARGE_FRAME),
    'feather': (FRAME, LARGE_FRAME),
    'png': (b'\x00\xff\r\n', bytes(3 << 20)),
}
FRAME_TYPES = ['pandas', 'polars', 'polars-lazy']
CASES = [(kind, name) for kind in VALUES for name in (FRAME_TYPES if VALUES[kind][0] is FRAME else FRAME_TYPES[:1])]
each_case = pytest.mark.parametrize(('kind', 'dataframe_type'), CASES)


@pytest.fixture(params=['local', 's3', 'gcs'])
def directory(request, tmp_path):
    """Path or URL of a directory in each storage."""
    bucket = tmp_path if request.param == 'local' else request.getfixturevalue(f'{request.param}_bucket')
    return f'{bucket}/{uuid.uuid4().hex}'


def value_of(kind, size, dataframe_type):
    value = VALUES[kind][size]
    if dataframe_type == 'pandas':
        return value
    frame = pl.DataFrame(value.to_dict(orient='list'))
    return frame.lazy() if dataframe_type == 'polars-lazy' else frame


def assert_same(actual, expected):
    assert type(actual) is type(expected)
    if isinstance(expected, pl.LazyFrame):
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
        assert actual.keys() == expected.keys()
        for key in expected:
            assert_same(actual[key], expected[key])
    else:
        assert actual == expected


@each_case
@pytest.mark.parametrize('size', [0, 1], ids=['small', 'large'])
def test_what_was_dumped_is_loaded(directory, kind, dataframe_type, size):
    processor = make_file_processor(f'x.{kind}', dataframe_type=dataframe_type)
    target = make_target(f'{directory}/[a*b] 三.{kind}', processor=processor)
    target.dump(value_of(kind, size, dataframe_type))
    assert_same(target.load(), value_of(kind, size, dataframe_type))


def test_large_objects_are_read_in_ranges(cloud_url):
    """The values above called large are larger than what is fetched at once."""
    make_target(f'{cloud_url}/a.png').dump(VALUES['png'][1])
    with storage_for(cloud_url).open_read(f'{cloud_url}/a.png') as file:
        assert isinstance(file, RangedFile)


def save(obj, path):
    with open(path, 'wb') as file:
        file.write(obj)


def load(path):
    with open(path, 'rb') as file:
        return file.read()


@pytest.mark.parametrize('content', [b'', NOISE.bytes(3 * HEAD_BYTES)], ids=len)
def test_model_comes_back(directory, tmp_path, content):
    target = make_model_target(f'{directory}/model.zip', str(tmp_path / 'tmp'), save, load)
    target.dump(content)
    assert target.load() == content


def test_lazy_frame_outlives_the_target(cloud_url):
    processor = make_file_processor('x.parquet', dataframe_type='polars-lazy')
    target = make_target(f'{cloud_url}/a.parquet', processor=processor)
    frame = pl.DataFrame(LARGE_FRAME.to_dict(orient='list'))
    target.dump(frame)
    lazy = target.load()
    assert lazy.select('word').collect().equals(frame.select('word'))
    target.dump(frame.reverse())
    with pytest.raises((StorageError, pl.exceptions.ComputeError), match=r'a\.parquet'):
        lazy.collect()
    assert target.load().collect().equals(frame.reverse())
