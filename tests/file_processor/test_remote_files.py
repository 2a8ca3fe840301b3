"""Files that are fetched while they are read: every format reads them, in order, and tells what their storage tells."""

from __future__ import annotations

import io
import pickle
import tracemalloc
import xml.etree.ElementTree as ET

import luigi
import numpy as np
import pandas as pd
import polars as pl
import pytest
from support.ranges import CountingSource, PassingError

from gokart.errors import StorageError
from gokart.file_processor import make_file_processor
from gokart.file_processor._streams import local_path

MiB = 1 << 20
FRAME = pd.DataFrame({'number': [1, 2], 'word': ['a', '改\r\n行']})
VALUES = {
    'pkl': {'a': [1, 'x' * 100]},
    'txt': ['first ', '三\r', 'third'],
    'gz': ['first ', '三'],
    'csv': FRAME,
    'json': FRAME,
    'ndjson': FRAME,
    'xml': ET.ElementTree(ET.fromstring('<root><child name="x">三</child></root>')),
    'npz': np.arange(6).reshape(2, 3),
    'parquet': FRAME,
    'feather': FRAME,
    'png': b'\x00\xff\r\n' * 10,
}
CASES = [(kind, 'pandas') for kind in VALUES]
CASES += [(kind, name) for kind in VALUES if VALUES[kind] is FRAME for name in ('polars', 'polars-lazy')]
each_case = pytest.mark.parametrize(('kind', 'dataframe_type'), CASES)


def processor_for(kind, dataframe_type='pandas'):
    return make_file_processor(f'x.{kind}', dataframe_type=dataframe_type)


def dumped(kind, value, dataframe_type='pandas'):
    if dataframe_type != 'pandas':
        value = pl.DataFrame(value.to_dict(orient='list'))
    file = io.BytesIO()
    processor_for(kind, dataframe_type).dump(value, file)
    return file.getvalue()


def load(source, kind, dataframe_type='pandas'):
    """Load as a target does, from a file of which 8 bytes are known when it is opened."""
    processor = processor_for(kind, dataframe_type)
    with source.open(head_bytes=8) as file:
        if processor.format() is luigi.format.Nop:
            return processor.load(file)
        with io.TextIOWrapper(file, 'utf-8', newline='\n') as text:
            return processor.load(text)


def plain(value):
    """What can be compared by ``==``."""
    if isinstance(value, pl.LazyFrame):
        value = value.collect()
    if isinstance(value, pl.DataFrame):
        return value.to_dict(as_series=False)
    if isinstance(value, pd.DataFrame):
        return value.to_dict(orient='list')
    if isinstance(value, ET.ElementTree):
        return ET.tostring(value.getroot())
    return value.tolist() if isinstance(value, np.ndarray) else value


@each_case
def test_every_format_reads_them(kind, dataframe_type):
    source = CountingSource(dumped(kind, VALUES[kind], dataframe_type), piece_bytes=3)
    assert plain(load(source, kind, dataframe_type)) == plain(VALUES[kind])
    assert source.open_downloads == 0


@each_case
@pytest.mark.parametrize('good_requests', [0, 1])
def test_failure_of_the_storage_is_never_taken_for_a_broken_file(kind, dataframe_type, good_requests):
    """Who is told that a file is broken removes it."""
    failures = [(4, PassingError())] * good_requests + [(0, PassingError())] * 100
    source = CountingSource(dumped(kind, VALUES[kind], dataframe_type), failures=failures)
    with pytest.raises(StorageError, match='s3://bucket/key'):
        load(source, kind, dataframe_type)


@each_case
def test_local_file_of_the_same_name_is_not_read(kind, dataframe_type, tmp_path):
    other = tmp_path / 'other'
    other.write_bytes(b'something else')
    source = CountingSource(dumped(kind, VALUES[kind], dataframe_type), path=str(other))
    assert plain(load(source, kind, dataframe_type)) == plain(VALUES[kind])


@pytest.mark.parametrize('head_bytes', [8, 100])
def test_remote_file_has_no_local_path(head_bytes, tmp_path):
    path = tmp_path / 'x'
    path.write_bytes(bytes(50))
    with CountingSource(bytes(50), path=str(path)).open(head_bytes) as file:
        assert local_path(file) is None


def noise(megabytes):
    return np.random.default_rng(0).integers(0, 256, megabytes * MiB, dtype='u1')


@pytest.mark.parametrize(
    ('kind', 'value', 'megabytes', 'requests'),
    [
        ('pkl', noise(40), 42, 3),
        ('pkl', pd.DataFrame({'a': noise(40)}), 42, 3),
        ('png', noise(40).tobytes(), 42, 3),
        ('npz', noise(20), 24, 5),
        ('parquet', pd.DataFrame({'a': noise(10)}), 24, 1),
    ],
    ids=['array', 'frame', 'bytes', 'npz', 'parquet'],
)
def test_large_objects_are_held_once_and_take_few_requests(kind, value, megabytes, requests):
    source = CountingSource(dumped(kind, value))
    processor = processor_for(kind)
    load(CountingSource(dumped(kind, VALUES[kind])), kind)  # what is imported at the first use is no matter here
    with source.open() as file:
        tracemalloc.start()
        try:
            loaded = processor.load(file)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert plain(loaded[:100]) == plain(value[:100])
    assert peak <= megabytes * MiB
    assert len(source.requests) <= requests


def test_frame_of_an_older_pandas_is_read_from_the_start_again(monkeypatch):
    """Its pickle names a module that is gone, which is found out in the middle of it."""
    padding = pickle.dumps(bytes(2 * MiB), protocol=4)[:-1]
    content = padding + b'0cpandas.core.gone\nFrame\n.'
    source = CountingSource(content)
    seen = []

    def read_pickle(file, compression):
        seen.append(file.read())
        return 'read'

    monkeypatch.setattr(pd, 'read_pickle', read_pickle)
    assert load(source, 'pkl') == 'read'
    assert seen == [content]
