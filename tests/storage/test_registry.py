"""Which storage serves a path."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from gokart.errors import UnknownStorageError
from gokart.storage.local import LocalStorage
from gokart.storage.memory import MemoryStorage
from gokart.storage.registry import scheme_of, storage_for


@pytest.mark.parametrize(
    ('path', 'scheme'),
    [
        ('resources/data.pkl', 'file'),
        ('/resources/data.pkl', 'file'),
        ('./s3://bucket/key', 'file'),
        ('with:colon', 'file'),
        ('C:\\data.pkl', 'file'),
        ('c:/data.pkl', 'file'),
        ('c://data.pkl', 'file'),
        ('', 'file'),
        ('file:///data.pkl', 'file'),
        ('FILE:///data.pkl', 'file'),
        ('memory://data.pkl', 'memory'),
        ('s3://bucket/key', 's3'),
        ('S3://bucket/key', 's3'),
        ('gs://bucket/key', 'gs'),
        ('abfs+ssl://x/y', 'abfs+ssl'),
    ],
)
def test_the_scheme_is_what_stands_before_the_slashes(path, scheme):
    assert scheme_of(path) == scheme


@pytest.mark.parametrize('path', ['resources/data.pkl', '/data.pkl', 'C:\\data.pkl', 'file:///data.pkl'])
def test_local_paths_lead_to_the_local_storage(path):
    assert isinstance(storage_for(path), LocalStorage)


def test_all_threads_share_one_storage():
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(storage_for, [f'memory://{number}' for number in range(100)]))
    assert len(found) == 1
    assert isinstance(found.pop(), MemoryStorage)


def test_an_unknown_scheme_is_named_with_the_known_ones():
    with pytest.raises(UnknownStorageError) as caught:
        storage_for('hdfs://cluster/data.pkl')
    for part in ('hdfs://cluster/data.pkl', "'hdfs'", 'file://', 'memory://'):
        assert part in str(caught.value)
