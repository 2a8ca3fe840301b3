"""The Luigi target for a local file."""

from __future__ import annotations

import gzip
import logging
import pickle
import random
from pathlib import Path

import luigi
import luigi.format
import pytest

from gokart.errors import StorageError
from gokart.storage.local_file import LocalFile


@pytest.fixture
def path(tmp_path) -> str:
    return str(tmp_path / 'directory' / 'file')


def fill(target: LocalFile, content: str = 'content') -> LocalFile:
    with target.open('w') as file:
        file.write(content)
    return target


def test_text_is_utf_8_by_default(path):
    fill(LocalFile(path), 'ü\n')
    assert Path(path).read_bytes() == 'ü\n'.encode()
    with LocalFile(path).open('r') as file:
        assert list(file) == ['ü\n']


def test_text_is_utf_8_whatever_the_locale(path, run_python, monkeypatch):
    monkeypatch.setenv('LC_ALL', 'C')
    monkeypatch.setenv('PYTHONUTF8', '0')
    monkeypatch.setenv('PYTHONCOERCECLOCALE', '0')
    code = (
        'import sys; from gokart.storage.local_file import LocalFile\n'
        "with LocalFile(sys.argv[1]).open('w') as file: file.write('\\xfc')"
    )
    run_python(code, path)
    assert Path(path).read_bytes() == b'\xc3\xbc'


def test_bytes_are_bytes(path):
    with LocalFile(path, format=luigi.format.Nop).open('wb') as file:
        file.write(b'\x00\xff')
    with LocalFile(path, format=luigi.format.Nop).open('rb') as file:
        assert file.read() == b'\x00\xff'


def test_a_chain_of_formats_serves(path):
    chain = luigi.format.UTF8 >> luigi.format.Gzip
    fill(LocalFile(path, format=chain), 'ü')
    assert gzip.decompress(Path(path).read_bytes()) == 'ü'.encode()
    with LocalFile(path, format=chain).open() as file:
        assert file.read() == 'ü'


def test_a_reader_is_seekable(path):
    fill(LocalFile(path), '0123456789')
    with LocalFile(path, format=luigi.format.Nop).open() as file:
        file.seek(-2, 2)
        assert file.read() == b'89'


def test_an_exception_leaves_nothing(path):
    def write_half() -> None:
        with LocalFile(path).open('w') as file:
            file.write('half')
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_half()
    assert list(Path(path).parent.iterdir()) == []


def test_the_name_is_the_private_path_while_writing_and_the_path_while_reading(path):
    with LocalFile(path).open('w') as file:
        assert Path(file.name).parent == Path(path).parent
        assert file.name != path
    with LocalFile(path).open() as file:
        assert file.name == path


@pytest.mark.parametrize('mode', ['a', 'r+', 'x', ''])
def test_another_mode_is_an_error_that_names_it(path, mode):
    with pytest.raises(ValueError, match='mode'):
        LocalFile(path).open(mode)


def test_a_missing_file_is_named(path):
    with pytest.raises(FileNotFoundError, match='directory/file'):
        LocalFile(path).open('r')


def test_it_is_a_local_target(path):
    target = LocalFile(path)
    assert isinstance(target, luigi.LocalTarget)
    assert (str(target), target.path) == (path, path)
    assert not target.exists()
    target.makedirs()
    assert Path(path).parent.is_dir()
    assert fill(target).exists()
    target.copy(path + '.copy')
    target.move(path + '.moved')
    assert not target.exists()
    assert Path(path + '.copy').read_text() == Path(path + '.moved').read_text() == 'content'
    fill(target).remove()
    assert not target.exists()


def test_a_path_with_brackets_is_taken_as_it_is(tmp_path, caplog):
    target = fill(LocalFile(tmp_path / 'run[1]*' / 'file'))
    assert target.exists()
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_a_path_object_serves(path):
    assert fill(LocalFile(Path(path))).path == path


def test_a_file_url_is_its_path(path):
    assert fill(LocalFile(Path(path).as_uri())).path == path
    assert Path(path).exists()


@pytest.mark.parametrize('impossible', ['a\0b', 'file://host/x'])
def test_an_impossible_path_is_an_error(impossible):
    with pytest.raises(StorageError):
        LocalFile(impossible)


def test_it_can_be_pickled(path):
    target = pickle.loads(pickle.dumps(LocalFile(path)))
    fill(target, 'ü')
    assert Path(path).read_bytes() == 'ü'.encode()


def test_a_temporary_target_goes_when_it_is_dropped():
    target = LocalFile(is_tmp=True)
    path = Path(fill(target).path)
    assert path.exists()
    del target
    assert not path.exists()


def test_temporary_targets_do_not_ask_the_random_numbers_of_the_user():
    paths = set()
    for _ in range(2):
        random.seed(1)
        paths.add(LocalFile(is_tmp=True).path)
    assert len(paths) == 2


def test_a_path_or_is_tmp_must_be_given():
    with pytest.raises(Exception, match='path or is_tmp'):
        LocalFile()


def test_a_temporary_path_is_moved_to_the_target(path):
    with LocalFile(path).temporary_path() as temporary:
        Path(temporary).write_text('content')
        assert not Path(path).exists()
    assert Path(path).read_text() == 'content'
    assert list(Path(path).parent.iterdir()) == [Path(path)]


def test_a_temporary_path_may_become_a_directory(path):
    with LocalFile(path + '/').temporary_path() as temporary:
        assert temporary.endswith('/')
        Path(temporary).mkdir()
        Path(temporary, 'part').touch()
    assert Path(path, 'part').exists()


def test_an_exception_in_a_temporary_path_leaves_nothing(path):
    def write_half() -> None:
        with LocalFile(path).temporary_path() as temporary:
            Path(temporary).write_text('half')
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_half()
    assert list(Path(path).parent.iterdir()) == []


def test_a_format_that_cannot_start_leaves_nothing(path):
    class Broken(luigi.format.Format):
        def pipe_writer(self, output_pipe):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError) as caught:
        LocalFile(path, format=Broken()).open('w')
    assert caught.tb is not None
    assert list(Path(path).parent.iterdir()) == []
