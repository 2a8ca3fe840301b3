"""What is particular to the storage on the local disk."""

from __future__ import annotations

import errno
import fcntl
import functools
import itertools
import os
import random
import stat
import time
from pathlib import Path

import luigi.configuration
import pytest

from gokart.errors import ConfigError, StorageError
from gokart.storage.contract import Condition
from gokart.testing.storage.actions import read, write

VERBS = ['open_read', 'open_write', 'stat', 'remove']


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize('verb', [*VERBS, 'exists'])
@pytest.mark.parametrize(
    ('path', 'reason'),
    [
        ('', 'empty'),
        ('a\0b', 'NUL'),
        ('\ud800', 'surrogates'),
        ('file://host/data.pkl', 'file:///absolute/path'),
        ('file://data.pkl', 'file:///absolute/path'),
    ],
)
def test_an_impossible_path_is_an_error_that_says_why(storage, verb, path, reason):
    with pytest.raises(StorageError, match=reason):
        getattr(storage, verb)(path)


@pytest.mark.parametrize('verb', VERBS)
def test_a_directory_is_an_error_that_names_it(storage, tmp_path, verb):
    with pytest.raises(StorageError, match='is a directory') as caught:
        getattr(storage, verb)(str(tmp_path))
    assert str(tmp_path) in str(caught.value)


@pytest.mark.parametrize('ending', ['/', '/.', '/new/'])
def test_the_path_of_a_directory_cannot_be_written(storage, tmp_path, ending):
    with pytest.raises(StorageError, match='directory'):
        storage.open_write(str(tmp_path) + ending)
    assert list(tmp_path.iterdir()) == []


def test_a_device_is_not_replaced(storage):
    with pytest.raises(StorageError, match='no regular file'):
        storage.open_write(os.devnull)


@pytest.mark.parametrize('verb', ['open_read', 'stat', 'remove'])
def test_what_would_be_below_a_file_is_missing(storage, tmp_path, verb):
    (tmp_path / 'file').touch()
    with pytest.raises(FileNotFoundError, match='below'):
        getattr(storage, verb)(str(tmp_path / 'file' / 'below'))
    assert not storage.exists(str(tmp_path / 'file' / 'below'))


def test_nothing_can_be_written_below_a_file(storage, tmp_path):
    (tmp_path / 'file').touch()
    with pytest.raises(NotADirectoryError, match='below'):
        storage.open_write(str(tmp_path / 'file' / 'below'))


def test_nothing_can_be_written_through_a_broken_link(storage, tmp_path):
    (tmp_path / 'link').symlink_to(tmp_path / 'missing')
    with pytest.raises(NotADirectoryError):
        storage.open_write(str(tmp_path / 'link' / 'file'))


def test_a_name_may_take_255_bytes(storage, tmp_path):
    for name in ('n' * 255, 'ü' * 127):
        write(storage, str(tmp_path / name), b'content')
        assert read(storage, str(tmp_path / name)) == b'content'


def test_a_longer_name_is_an_error_that_shows_it(storage, tmp_path):
    with pytest.raises(OSError, match='nnn') as caught:
        storage.open_write(str(tmp_path / ('n' * 256)))
    assert caught.value.errno == errno.ENAMETOOLONG


def test_a_file_url_is_its_path(storage, tmp_path):
    path = tmp_path / 'a b%ü'
    write(storage, path.as_uri(), b'content')
    assert path.read_bytes() == b'content'
    assert read(storage, 'file://localhost' + path.as_uri().removeprefix('file://')) == b'content'
    assert [found.path for found in storage.list(tmp_path.as_uri())] == [str(path)]


def test_a_relative_path_is_meant_when_the_write_begins(storage, tmp_path, monkeypatch):
    (tmp_path / 'elsewhere').mkdir()
    monkeypatch.chdir(tmp_path)
    with storage.open_write('file') as stream:
        stream.write(b'content')
        os.chdir('elsewhere')
    assert (tmp_path / 'file').read_bytes() == b'content'


def test_two_dots_lead_where_the_system_goes(storage, tmp_path):
    (tmp_path / 'a' / 'b').mkdir(parents=True)
    (tmp_path / 'link').symlink_to(tmp_path / 'a' / 'b')
    write(storage, f'{tmp_path}/link/../file', b'content')
    assert (tmp_path / 'a' / 'file').read_bytes() == b'content'


def test_a_new_file_has_the_mode_of_new_files(storage, tmp_path):
    (tmp_path / 'usual').touch()
    write(storage, str(tmp_path / 'file'), b'')
    assert mode_of(tmp_path / 'file') == mode_of(tmp_path / 'usual')


@pytest.mark.parametrize(('umask', 'mode'), [(0o077, '0o600'), (0o002, '0o664')])
def test_the_umask_is_obeyed_and_kept(tmp_path, run_python, umask, mode):
    code = (
        'import os, sys; os.umask(int(sys.argv[2]))\n'
        'from gokart.storage.local import LocalStorage\n'
        'LocalStorage().open_write(sys.argv[1]).close()\n'
        'print(oct(os.stat(sys.argv[1]).st_mode & 0o777), os.umask(0))'
    )
    assert run_python(code, tmp_path / 'file', umask).split() == [mode, str(umask)]


@pytest.mark.parametrize('mode', [0o600, 0o640, 0o755, 0o444])
def test_a_file_keeps_its_mode(storage, tmp_path, mode):
    (tmp_path / 'file').touch()
    (tmp_path / 'file').chmod(mode)
    write(storage, str(tmp_path / 'file'), b'new')
    assert mode_of(tmp_path / 'file') == mode


def test_the_clock_of_a_file_server_rules(storage, tmp_path):
    """It orders the files of all hosts, whatever their own clocks say."""
    then = 1_000_000_000
    with storage.open_write(str(tmp_path / 'file')) as stream:
        os.utime(stream.name, (then, then))
    assert storage.stat(str(tmp_path / 'file')).modified.timestamp() == then


def test_scratch_is_not_listed(storage, tmp_path):
    (tmp_path / '.gokart-00000000-x.tmp').touch()
    (tmp_path / '.gokart-00000000-y.tmp').mkdir()
    (tmp_path / '.gokart-00000000-y.tmp' / 'part').touch()
    (tmp_path / '.gokart-notes.txt').touch()
    assert [found.path for found in storage.list(str(tmp_path))] == [str(tmp_path / '.gokart-notes.txt')]


def test_listed_paths_begin_as_the_directory_was_given(storage, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(storage, 'a/b', b'')
    assert [found.path for found in storage.list('.')] == ['./a/b']
    assert [found.path for found in storage.list('a')] == ['a/b']


def test_links_are_listed_but_lead_to_no_end(storage, tmp_path):
    for name in ('top', 'aside'):
        (tmp_path / name).mkdir()
        (tmp_path / name / 'file').touch()
    (tmp_path / 'top' / 'linked').symlink_to(tmp_path / 'aside')
    (tmp_path / 'aside' / 'back').symlink_to(tmp_path / 'top')
    (tmp_path / 'top' / 'broken').symlink_to(tmp_path / 'missing')
    (tmp_path / 'top' / 'self').symlink_to(tmp_path / 'top' / 'self')
    top = str(tmp_path / 'top')
    assert [found.path for found in storage.list(top)] == [f'{top}/file', f'{top}/linked/file']


def test_a_file_or_pipe_is_no_directory_with_objects(storage, tmp_path):
    os.mkfifo(tmp_path / 'pipe')
    (tmp_path / 'file').touch()
    assert [found.path for found in storage.list(str(tmp_path))] == [str(tmp_path / 'file')]
    assert list(storage.list(str(tmp_path / 'file'))) == []


def test_what_cannot_be_listed_is_left_out_and_logged(storage, run_as_user, caplog):
    (run_as_user.directory / 'closed').mkdir(mode=0)
    (run_as_user.directory / 'open').touch()

    def check() -> None:
        assert [found.path for found in storage.list(str(run_as_user.directory))] == [
            str(run_as_user.directory / 'open')
        ]
        assert 'closed' in caplog.text

    assert run_as_user(check) == 0


def test_a_deep_directory_is_listed(storage, tmp_path):
    deep = str(tmp_path) + '/d' * 300
    write(storage, f'{deep}/file', b'')
    assert [found.path for found in storage.list(str(tmp_path))] == [f'{deep}/file']


def test_without_hard_links_a_create_is_an_error_that_says_so(storage, tmp_path, monkeypatch):
    def refuse(*args: object, **kwargs: object) -> None:
        raise PermissionError(errno.EPERM, 'Operation not permitted')

    monkeypatch.setattr(os, 'link', refuse)
    stream = storage.open_write(str(tmp_path / 'file'), Condition.ABSENT)
    with pytest.raises(StorageError, match='hard link'):
        stream.close()
    assert list(tmp_path.iterdir()) == []


def test_without_locks_a_swap_is_an_error_that_says_so(storage, tmp_path, monkeypatch):
    path = str(tmp_path / 'file')
    write(storage, path, b'old')

    def refuse(descriptor: int, operation: int) -> None:
        raise OSError(errno.EOPNOTSUPP, 'Operation not supported')

    monkeypatch.setattr(fcntl, 'flock', refuse)
    with pytest.raises(StorageError, match='no locks'):
        write(storage, path, b'new', storage.stat(path).version)
    assert read(storage, path) == b'old'


def test_a_swap_does_not_wait_for_ever(storage, tmp_path, monkeypatch):
    path = str(tmp_path / 'file')
    write(storage, path, b'old')
    clock = itertools.count(step=30)
    monkeypatch.setattr(time, 'monotonic', lambda: next(clock))
    with Path(path).open('rb') as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(StorageError, match=r'locked by another process .* end it'):
            write(storage, path, b'new', storage.stat(path).version)
    assert read(storage, path) == b'old'


def test_a_failing_rename_discards(storage, tmp_path, monkeypatch):
    def refuse(*args: object) -> None:
        raise OSError(errno.EIO, 'Input/output error', *args)

    monkeypatch.setattr(os, 'replace', refuse)
    stream = storage.open_write(str(tmp_path / 'file'))
    with pytest.raises(OSError, match=r'Input/output error: .*/file') as caught:
        stream.close()
    assert '.gokart-' not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_small_write_asks_little_of_the_disk(storage, tmp_path, monkeypatch):
    """After the first write of the process it opens once, renames once and looks three times."""
    path = str(tmp_path / 'file')
    write(storage, path, b'first')
    calls = []

    def count(name, call, *args, **kwargs):
        calls.append(name)
        return call(*args, **kwargs)

    names = ['open', 'replace', 'rename', 'link', 'unlink', 'mkdir', 'stat', 'lstat', 'fstat', 'scandir', 'listdir']
    for name in names:
        monkeypatch.setattr(os, name, functools.partial(count, name, getattr(os, name)))
    write(storage, path, b'second')
    monkeypatch.undo()
    assert sorted(calls) == ['lstat', 'open', 'replace', 'stat', 'stat']


@pytest.fixture
def setting():
    """Sets the option fsync of the config for one test."""
    config = luigi.configuration.get_config()
    yield lambda value: config.set('LocalStorageConfig', 'fsync', value)
    config.remove_section('LocalStorageConfig')


@pytest.mark.parametrize(('value', 'count'), [('true', 2), ('YES', 2), ('1', 2), ('false', 0), ('off', 0)])
def test_the_setting_fsync_flushes_file_and_directory(storage, tmp_path, monkeypatch, setting, value, count):
    synced = []
    monkeypatch.setattr(os, 'fsync', synced.append)
    setting(value)
    write(storage, str(tmp_path / 'file'), b'content')
    assert len(synced) == count


def test_nothing_is_flushed_to_the_disk_by_default(storage, tmp_path, monkeypatch):
    monkeypatch.setattr(os, 'fsync', lambda descriptor: pytest.fail('flushed'))
    write(storage, str(tmp_path / 'file'), b'content')


@pytest.mark.parametrize('value', ['maybe', '', '${NO_SUCH_VARIABLE}'])
def test_a_setting_that_does_not_parse_is_an_error(storage, tmp_path, setting, value):
    setting(value)
    with pytest.raises(ConfigError, match=r'\[LocalStorageConfig\] fsync'):
        storage.open_write(str(tmp_path / 'file'))
    assert list(tmp_path.iterdir()) == []


def test_the_random_numbers_of_the_user_stay(storage, tmp_path):
    before = random.getstate()
    write(storage, str(tmp_path / 'file'), b'content')
    assert random.getstate() == before
