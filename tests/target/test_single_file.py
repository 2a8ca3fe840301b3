"""A single-file target: any file of Luigi's with any file processor."""

from __future__ import annotations

import errno
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import luigi
import pandas as pd
import pytest
from luigi.mock import MockTarget

from gokart.errors import BrokenFileError, StorageError, UnknownStorageError, UnsupportedObjectError
from gokart.file_processor import FileProcessor, PickleFileProcessor, TextFileProcessor
from gokart.storage.local_file import LocalFile
from gokart.target import SingleFileTarget, make_target


class Format(FileProcessor):
    """A user's format made of two functions."""

    def __init__(
        self,
        dump: Callable[[Any, Any], object] = lambda obj, file: file.write(obj),
        load: Callable[[Any], Any] = lambda file: file.read(),
    ) -> None:
        self._dump, self._load = dump, load

    def format(self) -> Any:
        return luigi.format.Nop

    def dump(self, obj: Any, file: Any) -> None:
        self._dump(obj, file)

    def load(self, file: Any) -> Any:
        return self._load(file)


def raising(error: BaseException) -> Callable[..., Any]:
    def function(*args: object) -> None:
        raise error

    return function


@pytest.fixture(params=['local', 'memory', 'mock', 'luigi'])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> SingleFileTarget:
    """A target of bytes in each kind of place."""
    path = str(tmp_path / 'new directory' / 'data.bin')
    if request.param == 'local':
        made = make_target(path, processor=Format())
    elif request.param == 'memory':
        made = make_target(f'memory:/{path}', processor=Format())
    elif request.param == 'mock':
        made = SingleFileTarget(MockTarget(path, format=luigi.format.Nop), Format())
    else:
        made = SingleFileTarget(luigi.LocalTarget(path, format=luigi.format.Nop), Format())
    assert isinstance(made, SingleFileTarget)
    return made


def test_what_was_dumped_is_loaded(target: SingleFileTarget) -> None:
    target.dump(b'value')
    assert target.exists()
    assert target.load() == b'value'


def test_the_last_dump_counts(target: SingleFileTarget) -> None:
    target.dump(b'a longer old value')
    target.dump(b'new')
    assert target.load() == b'new'


def test_it_does_not_exist_before_the_dump(target: SingleFileTarget) -> None:
    assert not target.exists()
    assert target.version() is None
    with pytest.raises(FileNotFoundError, match=r'data.bin'):
        target.last_modification_time()


def test_what_is_removed_is_gone(target: SingleFileTarget) -> None:
    target.dump(b'value')
    target.remove()
    assert not target.exists()
    assert target.version() is None


def test_removing_nothing_does_nothing(target: SingleFileTarget) -> None:
    target.remove()
    assert not target.exists()


def test_each_dump_gives_a_new_version(target: SingleFileTarget) -> None:
    versions = []
    for _ in range(3):
        target.dump(b'the same')
        assert target.version() == target.version()
        versions.append(target.version())
    assert len({*versions, None}) == 4


def test_a_dump_that_fails_leaves_the_old_object(target: SingleFileTarget) -> None:
    target.dump(b'old')

    def fail(obj: Any, file: Any) -> None:
        file.write(b'half')
        raise LookupError('no')

    target._processor = Format(dump=fail)
    with pytest.raises(LookupError, match=r'^no$'):
        target.dump(b'new')
    assert target.load() == b'old'


def test_a_first_dump_that_fails_leaves_nothing(tmp_path: Path) -> None:
    target = make_target(str(tmp_path / 'data.bin'), processor=Format(dump=raising(LookupError())))
    with pytest.raises(LookupError):
        target.dump(b'new')
    assert not target.exists()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize('scheme', ['', 'memory:/'])
def test_a_missing_file_is_named(scheme: str, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r'missing.pkl'):
        make_target(f'{scheme}{tmp_path}/missing.pkl').load()


@pytest.mark.parametrize('scheme', ['', 'memory:/'])
def test_the_time_is_that_of_the_dump_in_utc(scheme: str, tmp_path: Path) -> None:
    target = make_target(f'{scheme}{tmp_path}/data.pkl')
    target.dump(1)
    time = target.last_modification_time()
    assert time.utcoffset() == timedelta(0)
    assert abs(datetime.now(timezone.utc) - time) < timedelta(minutes=1)


def test_the_version_is_that_of_the_file_for_every_target_of_it(tmp_path: Path) -> None:
    path = str(tmp_path / 'data.pkl')
    make_target(path).dump(1)
    assert make_target(path).version() == make_target(path).version() is not None


@pytest.mark.parametrize('text', [['first', '三'], ['']])
def test_text_is_utf8_in_any_place(text: list[str], tmp_path: Path) -> None:
    for path in (str(tmp_path / 'data.txt'), f'memory:/{tmp_path}/data.txt'):
        make_target(path).dump(text)
        assert make_target(path).load() == text
    assert (tmp_path / 'data.txt').read_bytes() == '\n'.join([*text, '']).encode()


def test_a_file_url_is_a_local_path(tmp_path: Path) -> None:
    make_target(f'{tmp_path.as_uri()}/data.pkl').dump(1)
    assert make_target(str(tmp_path / 'data.pkl')).load() == 1


def test_an_unknown_scheme_is_refused_at_once() -> None:
    with pytest.raises(UnknownStorageError, match=r'nowhere://bucket/data.pkl'):
        make_target('nowhere://bucket/data.pkl')


@pytest.mark.parametrize('name', ['a [0].pkl', '*?.pkl', 'a b.pkl', '日本語.pkl', '#%20.pkl', "'.pkl"])
def test_any_name_will_do(name: str, tmp_path: Path) -> None:
    target = make_target(str(tmp_path / name))
    target.dump(1)
    assert target.load() == 1
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_the_file_has_a_real_name_while_it_is_dumped(tmp_path: Path) -> None:
    """Processors that write by path work in any storage."""
    target = make_target(
        f'memory:/{tmp_path}/data.bin', processor=Format(lambda obj, file: Path(file.name).write_bytes(obj))
    )
    target.dump(b'by path')
    assert target.load() == b'by path'


@pytest.mark.parametrize(
    ('name', 'content'),
    [
        ('data.pkl', b'\x80\x04\x95'),
        ('data.pkl', b''),
        ('data.gz', b'no gzip'),
        ('data.npz', b'PK\x03\x04'),
        ('data.parquet', b'PAR1'),
        ('data.feather', b'ARROW'),
        ('data.xml', b'<open>'),
        ('data.json', b'{'),
    ],
)
def test_a_broken_file_is_named_with_its_cure(name: str, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    target = make_target(str(path))
    with pytest.raises(
        BrokenFileError, match=r'Cure: remove the file, with target.remove.. or by hand, and run'
    ) as raised:
        target.load()
    assert str(path) in str(raised.value)
    assert 'FileProcessor' in str(raised.value)
    assert type(raised.value.__cause__).__name__ in str(raised.value)


class UsersError(Exception):
    pass


@pytest.mark.parametrize(
    'error', [UsersError('reason'), EOFError(), KeyError('key'), OSError('not a gzip'), StopIteration()]
)
def test_errors_of_the_content_tell_the_original(error: Exception, target: SingleFileTarget) -> None:
    target.dump(b'value')
    target._processor = Format(load=raising(error))
    with pytest.raises(BrokenFileError, match=r'data\.bin cannot be loaded \(Format\)') as raised:
        target.load()
    assert raised.value.__cause__ is error
    assert str(error) in str(raised.value)


@pytest.mark.parametrize(
    'error',
    [
        MemoryError(),
        KeyboardInterrupt(),
        OSError(errno.EIO, 'disk'),
        PermissionError(errno.EACCES, 'denied'),
        StorageError('no answer'),
        TimeoutError('late'),
        ConnectionResetError('gone'),
        ImportError('install polars'),
    ],
    ids=repr,
)
def test_errors_of_the_machine_do_not_blame_the_file(error: BaseException, target: SingleFileTarget) -> None:
    target.dump(b'value')
    target._processor = Format(load=raising(error))
    with pytest.raises(type(error)) as raised:
        target.load()
    assert raised.value is error


def test_a_pickle_of_lost_code_says_so(tmp_path: Path) -> None:
    (tmp_path / 'data.pkl').write_bytes(b'cno_such_module\nname\n.')
    with pytest.raises(BrokenFileError, match=r'no_such_module.*if code is missing, make it importable'):
        make_target(str(tmp_path / 'data.pkl')).load()


@pytest.mark.parametrize('kind', ['txt', 'gz', 'csv'])
def test_a_text_that_cannot_be_encoded_is_refused_with_the_path(tmp_path: Path, kind: str) -> None:
    """The published library raises the bare error of the codec, which tells neither path nor cure."""
    target = make_target(str(tmp_path / f'data.{kind}'))
    with pytest.raises(UnicodeEncodeError, match=rf'data\.{kind} cannot hold the object\. .*Replace it') as caught:
        target.dump(pd.DataFrame({'a': ['x \ud83d']}, dtype=object) if kind == 'csv' else 'x \ud83d')
    assert (caught.value.encoding, caught.value.start) == ('utf-8', 2)
    assert not list(tmp_path.iterdir())
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_an_object_that_the_format_cannot_hold_is_refused_with_the_path(tmp_path: Path) -> None:
    target = make_target(str(tmp_path / 'data.npz'))
    with pytest.raises(UnsupportedObjectError, match=r'data\.npz cannot hold the object\. .*numpy'):
        target.dump('text')
    assert not target.exists()


def test_the_parts_stay_readable(tmp_path: Path) -> None:
    processor, params = PickleFileProcessor(), object()
    target = make_target(str(tmp_path / 'data.pkl'), processor=processor, task_lock_params=params)
    assert isinstance(target, SingleFileTarget)
    assert isinstance(target._target, LocalFile)
    assert target._processor is processor
    assert target._get_task_lock_params() is params


def test_it_shows_its_path(tmp_path: Path) -> None:
    target = make_target('some/data.pkl')
    assert target.path() == str(target) == 'some/data.pkl'
    assert repr(target) == "SingleFileTarget('some/data.pkl')"


@pytest.mark.parametrize('scheme', ['', 'memory:/'])
def test_it_pickles(scheme: str, tmp_path: Path) -> None:
    target = make_target(f'{scheme}{tmp_path}/data.txt')
    target.dump('text')
    copy = pickle.loads(pickle.dumps(target))
    assert copy.load() == ['text']
    assert copy.version() == target.version()


@pytest.mark.skipif(not hasattr(os, 'fork'), reason='there is no fork on Windows')
@pytest.mark.filterwarnings('ignore:.*fork:DeprecationWarning')
def test_it_works_after_a_fork(tmp_path: Path) -> None:
    target = make_target(str(tmp_path / 'data.pkl'))
    target.dump('of the parent')
    child = os.fork()
    if child == 0:
        status = 1
        try:
            assert target.load() == 'of the parent'
            target.dump('of the child')
            status = 0
        finally:
            os._exit(status)
    assert os.waitpid(child, 0)[1] == 0
    assert target.load() == 'of the child'


def test_readers_and_writers_meet_whole_objects_only(tmp_path: Path) -> None:
    path = str(tmp_path / 'data.pkl')
    make_target(path).dump('0' * 100_000)
    seen: list[Any] = []

    def work(letter: str) -> None:
        for _ in range(20):
            make_target(path).dump(letter * 100_000)
            seen.append(make_target(path).load())

    threads = [threading.Thread(target=work, args=(letter,)) for letter in 'abcd']
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 80
    assert all(len(value) == 100_000 and len(set(value)) == 1 for value in seen)
    assert os.listdir(tmp_path) == ['data.pkl']


@pytest.mark.skipif(sys.platform == 'win32', reason='there are no limits of resources on Windows')
def test_a_disk_that_takes_no_more_leaves_the_old_object(tmp_path: Path) -> None:
    path = str(tmp_path / 'data.pkl')
    make_target(path).dump('old')
    script = """
import resource, signal, sys
from gokart.target import make_target
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    make_target(sys.argv[1]).dump(bytes(1_000_000))
except OSError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, '-c', script, path], capture_output=True, text=True, check=True)
    assert 'File too large' in done.stdout
    assert path in done.stdout
    assert make_target(path).load() == 'old'
    assert os.listdir(tmp_path) == ['data.pkl']


def test_text_targets_need_no_processor_of_ours() -> None:
    """A mock without a format is text."""
    target = SingleFileTarget(MockTarget('/mock/data.txt'), TextFileProcessor())
    target.dump(['a', 'b'])
    assert target.load() == ['a', 'b']
