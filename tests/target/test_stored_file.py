"""An object in any storage as a file target of Luigi's."""

from __future__ import annotations

import random

import luigi
import pytest
from luigi.target import FileAlreadyExists

from gokart.storage.file_system import StorageFileSystem
from gokart.stored_file import StoredFile
from gokart.target import make_target

fs = StorageFileSystem()


@pytest.fixture
def target(object_url: str) -> StoredFile:
    return StoredFile(f'{object_url}/directory/data.txt')


def write(target: StoredFile, text: str = 'content') -> None:
    with target.open('w') as file:
        file.write(text)


def read(target: StoredFile) -> str:
    with target.open('r') as file:
        return str(file.read())


def names(target: StoredFile) -> list[str]:
    return list(fs.list(target.path.rpartition('/')[0]))


def test_a_directory_is_no_object(target):
    fs.put_string('', f'{target.path}/below')
    assert not target.exists()
    assert target.fs.exists(target.path)


def test_a_text_is_written_and_read(target):
    write(target, 'zeile\nä')
    assert read(target) == 'zeile\nä'


def test_what_is_removed_is_gone(target):
    write(target)
    target.remove()
    assert not target.exists()
    with pytest.raises(FileNotFoundError):
        target.remove()


def test_what_is_written_to_the_temporary_path_is_moved_in_place(target):
    with target.temporary_path() as path:
        fs.put_string('content', path)
        assert not target.exists()
    assert read(target) == 'content'
    assert names(target) == ['data.txt']


def test_a_directory_is_moved_in_place(object_url):
    target = StoredFile(f'{object_url}/directory/')
    with target.temporary_path() as path:
        fs.put_string('content', f'{path}a/b')
    assert fs.get_as_string(f'{object_url}/directory/a/b') == 'content'
    assert list(fs.list(object_url)) == ['directory/a/b']


def test_the_temporary_path_is_another_one_for_each_call_whatever_the_seed(target):
    paths = set()
    for _ in range(3):
        random.seed(1)
        with pytest.raises(FileNotFoundError), target.temporary_path() as path:
            paths.add(path)
    assert len(paths) == 3


def test_an_exception_leaves_nothing(target):
    def fail() -> None:
        with target.temporary_path() as path:
            fs.put_string('content', path)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert names(target) == []


def test_a_temporary_path_replaces_no_object(target):
    write(target, 'old')
    with pytest.raises(FileAlreadyExists), target.temporary_path() as path:
        fs.put_string('new', path)
    assert read(target) == 'old'
    assert names(target) == ['data.txt']


def test_it_is_copied_and_moved(target):
    target.makedirs()
    write(target)
    target.copy(f'{target.path}.copy')
    target.move(f'{target.path}.moved')
    assert names(target) == ['data.txt.copy', 'data.txt.moved']


@pytest.mark.parametrize('name', ['data.pkl', 'data.csv', 'data.txt'])
def test_the_file_of_a_target_opens_as_those_of_luigi_do(object_url, name):
    target = make_target(f'{object_url}/{name}')._target
    content = b'bytes' if target.format is luigi.format.Nop else 'text'
    with target.open('w') as file:
        file.write(content)
    with target.open('r') as file:
        assert file.read() == content
