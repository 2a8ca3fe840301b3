"""Small files are written as a whole, with the same guarantees as those that are streamed."""

from __future__ import annotations

import errno
import os
import stat
import sys

import pytest

from gokart.errors import StorageError
from gokart.storage.contract import Condition
from gokart.storage.local import LocalStorage


@pytest.fixture
def storage():
    return LocalStorage()


def test_the_file_holds_the_content(storage, tmp_path):
    storage.write(str(tmp_path / 'new' / 'file'), b'content')
    assert (tmp_path / 'new' / 'file').read_bytes() == b'content'
    assert [path.name for path in (tmp_path / 'new').iterdir()] == ['file']


def test_it_takes_the_place_of_what_was_there_and_its_mode(storage, tmp_path):
    path = tmp_path / 'file'
    path.write_bytes(b'a longer content')
    path.chmod(0o640)
    storage.write(str(path), b'new')
    assert path.read_bytes() == b'new'
    assert sys.platform == 'win32' or stat.S_IMODE(path.stat().st_mode) == 0o640


@pytest.mark.skipif(sys.platform == 'win32', reason='there is no umask')
def test_a_new_file_has_the_mode_of_new_files(storage, tmp_path):
    storage.write(str(tmp_path / 'file'), b'content')
    (tmp_path / 'plain').touch()
    assert (tmp_path / 'file').stat().st_mode == (tmp_path / 'plain').stat().st_mode


def test_two_quick_writes_are_two_versions(storage, tmp_path):
    path = str(tmp_path / 'file')
    versions = set()
    for _ in range(20):
        storage.write(path, b'same')
        versions.add(storage.stat(path).version)
        os.unlink(path)
    assert len(versions) == 20


def test_a_version_that_was_written_as_a_whole_can_be_a_condition(storage, tmp_path):
    path = str(tmp_path / 'file')
    storage.write(path, b'first')
    with storage.open_write(path, storage.stat(path).version) as stream:
        stream.write(b'second')
    with pytest.raises(OSError, match='file'):
        storage.open_write(path, Condition.ABSENT)


@pytest.mark.parametrize('call', ['write', 'replace'])
def test_a_full_disk_leaves_what_was_there_and_names_the_file(storage, tmp_path, monkeypatch, call):
    path = tmp_path / 'file'
    path.write_bytes(b'old')

    def refuse(*_):
        raise OSError(errno.ENOSPC, 'No space left on device')

    monkeypatch.setattr(os, call, refuse)
    with pytest.raises(OSError, match='No space left') as caught:
        storage.write(str(path), b'new')
    monkeypatch.undo()
    assert caught.value.filename == str(path)
    assert [found.read_bytes() for found in tmp_path.iterdir()] == [b'old']


def test_a_file_that_could_not_be_stored_as_its_close_tells_is_not_published(storage, tmp_path, monkeypatch):
    path = tmp_path / 'file'
    path.write_bytes(b'old')
    close = os.close

    def refuse(descriptor):
        close(descriptor)
        raise OSError(errno.ENOSPC, 'No space left on device')

    monkeypatch.setattr(os, 'close', refuse)
    with pytest.raises(OSError, match='No space left') as caught:
        storage.write(str(path), b'new')
    monkeypatch.undo()
    assert caught.value.filename == str(path)
    assert [found.read_bytes() for found in tmp_path.iterdir()] == [b'old']


def test_what_the_system_takes_in_pieces_is_whole(storage, tmp_path, monkeypatch):
    write = os.write
    monkeypatch.setattr(os, 'write', lambda descriptor, data: write(descriptor, bytes(data)[:3]))
    storage.write(str(tmp_path / 'file'), b'0123456789')
    assert (tmp_path / 'file').read_bytes() == b'0123456789'


def test_a_private_file_that_a_sweep_took_is_written_again(storage, tmp_path, monkeypatch):
    replace = os.replace
    taken = []

    def too_late(private, target):
        if not taken:
            taken.append(private)
            os.unlink(private)
        replace(private, target)

    monkeypatch.setattr(os, 'replace', too_late)
    storage.write(str(tmp_path / 'file'), b'content')
    assert len(taken) == 1
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b'content']


@pytest.mark.parametrize('name', ['directory', 'directory/'])
def test_a_directory_is_not_replaced(storage, tmp_path, name):
    (tmp_path / 'directory').mkdir()
    with pytest.raises(StorageError, match='directory'):
        storage.write(f'{tmp_path}/{name}', b'content')


def test_nothing_is_written_below_a_file(storage, tmp_path):
    (tmp_path / 'file').touch()
    with pytest.raises(OSError, match='below'):
        storage.write(str(tmp_path / 'file' / 'below'), b'content')


def test_a_relative_path_is_below_the_working_directory(storage, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    storage.write('file', b'content')
    assert (tmp_path / 'file').read_bytes() == b'content'
