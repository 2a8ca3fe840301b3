"""All storages as a file system of Luigi's, with the methods that projects call on its clients."""

from __future__ import annotations

import gc
import threading
from datetime import timedelta, timezone
from pathlib import Path

import pytest
from luigi.target import FileAlreadyExists, FileSystemException, MissingParentDirectory, NotADirectory

from gokart.errors import InvalidDeleteError, StorageError
from gokart.storage.file_system import StorageFileSystem
from gokart.storage.registry import storage_for

fs = StorageFileSystem()


@pytest.fixture
def top(object_url: str) -> str:
    """A directory with one object in it and two below."""
    for name in ('a', 'sub/b', 'sub/sub/c'):
        fs.put_string(f'content of {name}', f'{object_url}/top/{name}')
    return f'{object_url}/top'


def names(directory: str) -> list[str]:
    return list(fs.list(directory))


# What exists


def test_an_object_exists_and_is_no_directory(top):
    assert fs.exists(f'{top}/a')
    assert not fs.isdir(f'{top}/a')


@pytest.mark.parametrize('path', ['', '/', '/sub', '/sub/sub/'])
def test_a_directory_exists_where_there_are_objects_below(top, path):
    assert fs.exists(top + path)
    assert fs.isdir(top + path)
    assert fs.is_dir(top + path)


@pytest.mark.parametrize('path', ['/su', '/b', '/a/', '/sub/b/c', '/subs'])
def test_nothing_exists_elsewhere(top, path):
    assert not fs.exists(top + path)
    assert not fs.isdir(top + path)


def test_a_bucket_is_a_directory(cloud_url):
    bucket = cloud_url.rpartition('/')[0]
    assert fs.exists(bucket)
    assert fs.isdir(f'{bucket}/')
    assert not fs.isdir(f'{bucket}-of-nobody')


def test_a_directory_exists_once_it_was_made(object_url):
    fs.mkdir(f'{object_url}/made/')
    fs.mkdir(f'{object_url}/made')
    assert fs.exists(f'{object_url}/made')
    assert fs.isdir(f'{object_url}/made')
    assert names(object_url) == []


def test_a_directory_is_made_over_nothing_only_if_asked(top):
    with pytest.raises(FileAlreadyExists):
        fs.mkdir(f'{top}/sub', raise_if_exists=True)
    with pytest.raises(FileAlreadyExists):
        fs.mkdir(f'{top}/a', raise_if_exists=True)
    with pytest.raises(NotADirectory):
        fs.mkdir(f'{top}/a')


def test_a_directory_without_parents_needs_one(top):
    fs.mkdir(f'{top}/new', parents=False)
    assert fs.isdir(f'{top}/new')
    with pytest.raises(MissingParentDirectory, match='other'):
        fs.mkdir(f'{top}/other/new', parents=False)


# Listing


def test_listdir_gives_whole_paths_and_list_relative_ones(top):
    for directory in (top, f'{top}/'):
        assert list(fs.listdir(directory)) == [f'{top}/a', f'{top}/sub/b', f'{top}/sub/sub/c']
        assert names(directory) == ['a', 'sub/b', 'sub/sub/c']


def test_listdir_of_nothing_is_empty(object_url):
    assert list(fs.listdir(f'{object_url}/nothing')) == []


def test_listdir_takes_times(top):
    found = fs.get_key(f'{top}/a')
    before, after = (found.last_modified + timedelta(hours=hours) for hours in (-1, 1))
    assert len(list(fs.listdir(top, start_time=before, end_time=after))) == 3
    assert list(fs.listdir(top, start_time=after)) == []
    assert list(fs.list(top, end_time=before)) == []


def test_listdir_gives_summaries(top):
    first = next(fs.listdir(top, return_key=True))
    assert (first.path, first.size) == (f'{top}/a', len('content of a'))
    assert first.last_modified.tzinfo is timezone.utc
    assert first == next(fs.list(top, return_key=True))


def test_get_key_describes_an_object(top):
    found = fs.get_key(f'{top}/sub/b')
    assert f'{top.partition("://")[0]}://{found.bucket_name}/{found.key}' == f'{top}/sub/b'
    assert found.size == found.content_length == len('content of sub/b')
    assert found.e_tag == storage_for(top).stat(f'{top}/sub/b').version


def test_get_key_of_nothing_is_none(top):
    assert fs.get_key(f'{top}/sub') is None


# Single objects


@pytest.mark.parametrize('name', ['plain', 'ünï cödé 漢字.txt', 'a?b#c%20d&e+f', 'empty'])
def test_what_is_put_is_got(object_url, tmp_path, name):
    path = f'{object_url}/{name}'
    content = b'' if name == 'empty' else b'bytes \xff\n'
    (tmp_path / 'source').write_bytes(content)
    fs.put(str(tmp_path / 'source'), path)
    fs.get(path, tmp_path / 'got')
    assert (tmp_path / 'got').read_bytes() == fs.get_as_bytes(path) == content


def test_text_is_put_in_utf_8(object_url):
    fs.put_string('ä', f'{object_url}/text')
    assert fs.get_as_bytes(f'{object_url}/text') == 'ä'.encode()
    assert fs.get_as_string(f'{object_url}/text') == 'ä'
    fs.put_string('ä'.encode('latin-1'), f'{object_url}/text')
    assert fs.get_as_string(f'{object_url}/text', 'latin-1') == 'ä'


@pytest.mark.parametrize('threads', [1, 4])
def test_many_files_are_put_at_once(object_url, tmp_path, threads):
    paths = [tmp_path / f'{number}.txt' for number in range(5)]
    for path in paths:
        path.write_text(path.name)
    fs.put_multiple([str(path) for path in paths], f'{object_url}/many/', num_process=threads)
    assert names(f'{object_url}/many') == [path.name for path in paths]
    assert fs.get_as_string(f'{object_url}/many/3.txt') == '3.txt'


def test_one_path_is_no_list_of_paths(object_url):
    with pytest.raises(ValueError, match=r'Use put\(\)'):
        fs.put_multiple('file.txt', object_url)


def test_what_luigis_clients_take_is_taken(object_url, tmp_path):
    (tmp_path / 'file').write_text('content')
    fs.put_multipart(str(tmp_path / 'file'), f'{object_url}/a', part_size=8388608)
    fs.put(str(tmp_path / 'file'), f'{object_url}/b', mimetype='text/plain', chunksize=1024)
    fs.put_string('content', f'{object_url}/c', mimetype='text/plain')
    fs.copy(f'{object_url}/a', f'{object_url}/d', threads=3, part_size=8388608)
    assert names(object_url) == ['a', 'b', 'c', 'd']


def test_a_download_is_a_local_file_until_it_is_closed(top):
    with fs.download(f'{top}/a') as file:
        assert Path(file.name).read_bytes() == file.read() == b'content of a'
        assert file.seekable()
    assert not Path(file.name).exists()
    file.close()


def test_a_download_that_nobody_closes_is_gone_as_well(object_url):
    fs.put_string('content', f'{object_url}/a')
    path = fs.download(f'{object_url}/a').name
    gc.collect()
    assert not Path(path).exists()


def test_a_download_ends_when_the_callback_has_enough(top):
    with fs.download(f'{top}/a', chunksize=3, chunk_callback=lambda file: file.tell() >= 6) as file:
        assert file.read() == b'conten'


def test_a_failing_callback_leaves_nothing(top, tmp_path, monkeypatch):
    monkeypatch.setattr('tempfile.tempdir', str(tmp_path / 'temporary'))
    with pytest.raises(ZeroDivisionError):
        fs.download(f'{top}/a', chunk_callback=lambda file: 1 / 0)
    assert list((tmp_path / 'temporary').iterdir()) == []


@pytest.mark.parametrize('verb', ['get_as_bytes', 'get_as_string', 'download'])
def test_a_missing_object_is_not_found(object_url, verb):
    with pytest.raises(FileNotFoundError, match='missing'):
        getattr(fs, verb)(f'{object_url}/missing')


@pytest.mark.parametrize('verb', ['get', 'copy', 'move', 'rename', 'rename_dont_move'])
def test_nothing_comes_of_a_missing_object(object_url, tmp_path, verb):
    with pytest.raises(FileNotFoundError, match='missing'):
        getattr(fs, verb)(f'{object_url}/missing', str(tmp_path / 'file'))
    assert list(tmp_path.iterdir()) == []


def test_a_missing_local_file_is_not_found(object_url):
    with pytest.raises(FileNotFoundError, match='nowhere'):
        fs.put('nowhere', f'{object_url}/a')
    assert names(object_url) == []


# Copying and moving


def test_an_object_is_copied(top):
    assert fs.copy(f'{top}/a', f'{top}/copy') == (1, len('content of a'))
    assert fs.get_as_string(f'{top}/copy') == fs.get_as_string(f'{top}/a') == 'content of a'


def test_a_directory_is_copied_with_all_below(top):
    assert fs.copy(f'{top}/', f'{top}-copy') == (3, len('content of acontent of sub/bcontent of sub/sub/c'))
    assert names(f'{top}-copy') == names(top)
    assert fs.get_as_string(f'{top}-copy/sub/b') == 'content of sub/b'


def test_only_what_is_of_the_time_is_copied(top):
    after = fs.get_key(f'{top}/a').last_modified + timedelta(hours=1)
    assert fs.copy(top, f'{top}-copy', start_time=after) == (0, 0)


@pytest.mark.parametrize('verb', ['move', 'rename', 'rename_dont_move'])
def test_an_object_is_moved(top, verb):
    getattr(fs, verb)(f'{top}/a', f'{top}/sub/moved')
    assert names(top) == ['sub/b', 'sub/moved', 'sub/sub/c']
    assert fs.get_as_string(f'{top}/sub/moved') == 'content of a'


@pytest.mark.parametrize('verb', ['move', 'rename', 'rename_dont_move'])
def test_a_directory_is_moved(top, verb):
    fs.mkdir(f'{top}/sub')
    fs.mkdir(f'{top}/sub/empty')
    getattr(fs, verb)(f'{top}/sub', f'{top}-moved')
    assert names(f'{top}-moved') == ['b', 'sub/c']
    assert fs.isdir(f'{top}-moved/empty')
    assert names(top) == ['a']
    assert not fs.exists(f'{top}/sub')


def test_an_empty_directory_is_moved(object_url):
    fs.mkdir(f'{object_url}/empty')
    fs.move(f'{object_url}/empty', f'{object_url}/moved')
    assert fs.isdir(f'{object_url}/moved')
    assert not fs.exists(f'{object_url}/empty')


def test_moving_to_the_same_place_changes_nothing(top):
    fs.move(f'{top}/a', f'{top}/a')
    fs.move(top, f'{top}/')
    assert names(top) == ['a', 'sub/b', 'sub/sub/c']


@pytest.mark.parametrize('verb', ['copy', 'move', 'rename_dont_move'])
def test_a_directory_does_not_fit_into_itself(top, verb):
    with pytest.raises(StorageError, match='which is in it'):
        getattr(fs, verb)(top, f'{top}/inner')
    assert names(top) == ['a', 'sub/b', 'sub/sub/c']


@pytest.mark.parametrize('taken', ['/a', '/sub'])
def test_renaming_replaces_nothing(top, taken):
    fs.put_string('new', f'{top}/new')
    with pytest.raises(FileAlreadyExists, match='remove that first'):
        fs.rename_dont_move(f'{top}/new', top + taken)
    assert fs.get_as_string(f'{top}/a') == 'content of a'
    assert fs.exists(f'{top}/new')


def test_of_those_who_rename_to_one_path_one_wins(object_url):
    outcomes: list[bool] = []

    def rename(number: int) -> None:
        fs.put_string(str(number), f'{object_url}/{number}')
        start.wait()
        try:
            fs.rename_dont_move(f'{object_url}/{number}', f'{object_url}/taken')
        except FileAlreadyExists:
            outcomes.append(False)
        else:
            outcomes.append(True)

    start = threading.Barrier(6)
    threads = [threading.Thread(target=rename, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [False] * 5 + [True]
    assert len(names(object_url)) == 6


def test_objects_move_between_storages(top, tmp_path, memory_url):
    fs.copy(top, f'{memory_url}/copy')
    fs.copy(f'{memory_url}/copy', str(tmp_path / 'local'))
    assert (tmp_path / 'local' / 'sub' / 'b').read_text() == 'content of sub/b'


# Removing


def test_an_object_is_removed_alone(top):
    fs.put_string('beside', f'{top}/sub')
    assert fs.remove(f'{top}/sub')
    assert names(top) == ['a', 'sub/b', 'sub/sub/c']


def test_a_directory_is_removed_with_all_below(top):
    fs.put_string('beside', f'{top}-beside')
    fs.mkdir(f'{top}/sub/empty')
    assert fs.remove(f'{top}/', recursive=True)
    assert not fs.exists(top)
    assert fs.exists(f'{top}-beside')


def test_an_empty_directory_is_removed(object_url):
    fs.mkdir(f'{object_url}/empty')
    assert fs.remove(f'{object_url}/empty')
    assert not fs.exists(f'{object_url}/empty')


def test_removing_nothing_is_no_error(object_url):
    assert not fs.remove(f'{object_url}/nothing')


def test_a_directory_is_removed_on_demand_only(top):
    with pytest.raises(InvalidDeleteError, match='recursive=True'):
        fs.remove(top, recursive=False)
    assert names(top) == ['a', 'sub/b', 'sub/sub/c']


@pytest.mark.parametrize('slash', ['', '/'])
def test_a_bucket_is_not_removed(cloud_url, slash):
    fs.put_string('content', f'{cloud_url}/a')
    with pytest.raises(FileSystemException, match='whole bucket'):
        fs.remove(cloud_url.rpartition('/')[0] + slash)
    assert names(cloud_url) == ['a']


# Options of boto3's requests


def test_a_content_type_is_taken_as_luigis_client_takes_it(object_url, tmp_path):
    (tmp_path / 'file').write_text('content')
    fs.put(tmp_path / 'file', f'{object_url}/put', ContentType='text/plain')
    fs.put_multipart(tmp_path / 'file', f'{object_url}/parts', ContentType='text/plain')
    fs.put_string('content', f'{object_url}/string', ContentType='text/plain')
    assert {fs.get_as_string(f'{object_url}/{name}') for name in ('put', 'parts', 'string')} == {'content'}


def test_an_option_that_would_be_lost_is_refused():
    with pytest.raises(TypeError, match='ServerSideEncryption'):
        fs.put_string('content', 'memory://refused/string', ServerSideEncryption='AES256')
    assert not fs.exists('memory://refused/string')
