"""Whoever has to know learns at once what this process writes and removes."""

from __future__ import annotations

import threading

import pytest

from gokart.storage.changes import written
from gokart.storage.registry import storage_for
from gokart.target import make_target

URL = 'far://bucket/object'


@pytest.fixture(autouse=True)
def _far(far):
    pass


def write(path=URL):
    with storage_for(path).open_write(path) as stream:
        stream.write(b'content')


def test_what_is_published_is_written():
    with written() as paths:
        write()
    assert paths == {URL}


def test_files_of_the_local_disk_are_not_noted(tmp_path):
    path = str(tmp_path / 'file')
    with written() as paths, storage_for(path).open_write(path) as stream:
        stream.write(b'content')
    assert paths == set()


def test_nothing_is_noted_before_or_after_the_block():
    write()
    with written() as paths:
        pass
    write()
    assert paths == set()


def test_an_open_stream_has_written_nothing():
    with written() as paths:
        stream = storage_for(URL).open_write(URL)
        stream.write(b'content')
        assert paths == set()
        stream.close()
        assert paths == {URL}


def test_what_is_discarded_is_not_written():
    with written() as paths, pytest.raises(ZeroDivisionError), storage_for(URL).open_write(URL) as stream:
        stream.write(b'%d' % (1 // 0))
    assert paths == set()


def test_what_cannot_be_published_is_not_written(far):
    far.failure = OSError('no answer')
    with written() as paths, pytest.raises(OSError, match='no answer'):
        write()
    assert paths == set()


def test_what_a_thread_writes_counts():
    with written() as paths:
        thread = threading.Thread(target=write)
        thread.start()
        thread.join()
    assert paths == {URL}


@pytest.mark.parametrize(
    'remove',
    [
        lambda: storage_for(URL).remove(URL),
        lambda: storage_for(URL).remove_many([URL]),
        lambda: make_target(f'{URL}.pkl').remove(),
    ],
    ids=['storage', 'many', 'target'],
)
def test_what_is_removed_again_is_not_written(remove):
    with written() as paths:
        write()
        write(f'{URL}.pkl')
        remove()
    assert len(paths) == 1


def test_what_may_have_been_removed_is_not_written(far):
    with written() as paths:
        write()
        far.failure = OSError('no answer')
        with pytest.raises(OSError, match='no answer'):
            storage_for(URL).remove(URL)
    assert paths == set()


def test_blocks_may_overlap():
    with written() as outer:
        write()
        with written() as inner:
            write('far://bucket/other')
    assert (outer, inner) == ({URL, 'far://bucket/other'}, {'far://bucket/other'})


@pytest.mark.parametrize('scheme', ['s3', 'gcs'])
def test_clouds_tell_what_they_write_and_remove(scheme, request):
    bucket = request.getfixturevalue(f'{scheme}_url')
    paths = [f'{bucket}/{number}' for number in range(4)]
    storage = storage_for(bucket)
    with written() as found:
        for path in paths:
            write(path)
        storage.remove(paths[0])
        storage.remove_many(path for path in paths[1:3])
    assert found == {paths[3]}
