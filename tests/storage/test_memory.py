"""What is particular to the storage in memory."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from unittest import mock

import pytest

from gokart.errors import StorageError
from gokart.storage.memory import MemoryStorage


@pytest.mark.parametrize('path', ['', 'data.pkl', '/data.pkl', 's3://bucket/key', 'memory://', 'memory://directory/'])
@pytest.mark.parametrize('verb', ['open_read', 'open_write', 'stat', 'exists', 'remove'])
def test_a_path_of_no_object_is_an_error(path, verb):
    with pytest.raises(StorageError, match='memory://directory/name'):
        getattr(MemoryStorage(), verb)(path)


def test_everything_is_listed_at_the_top():
    storage = MemoryStorage()
    for path in ('memory://b', 'memory://a/c'):
        storage.open_write(path).close()
    assert [found.path for found in storage.list('memory://')] == ['memory://a/c', 'memory://b']


def test_what_is_written_is_spooled_among_the_temporary_files():
    with MemoryStorage().open_write('memory://a') as stream:
        assert Path(stream.name).parent == Path(tempfile.gettempdir())


def test_a_reader_cannot_change_the_object():
    storage = MemoryStorage()
    with storage.open_write('memory://a') as stream:
        stream.write(b'content')
    with storage.open_read('memory://a') as file:
        file.write(b'changed')
    assert storage.open_read('memory://a').read() == b'content'


def test_a_forked_process_is_told_that_nobody_would_see_what_it_writes():
    storage = MemoryStorage()
    process_id = os.getpid()
    with mock.patch('os.getpid', return_value=process_id + 1), pytest.raises(StorageError, match='workers=1'):
        storage.open_write('memory://a')
