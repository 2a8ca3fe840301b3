"""Writes that are killed, that meet a full disk, or each other: an object is old, new or absent, never torn."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import luigi.format
import numpy
import pytest

from gokart.storage.contract import Condition
from gokart.storage.local import LocalStorage
from gokart.storage.scratch import scratch_directory
from gokart.testing.storage.actions import read, write


def die(*args: object, **kwargs: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def die_after(call: Callable[..., object]) -> Callable[..., None]:
    def call_and_die(*args: object, **kwargs: object) -> None:
        call(*args, **kwargs)
        die()

    return call_and_die


def killed_when_open(path: str) -> None:
    with LocalStorage().open_write(path):
        die()


def killed_when_written(path: str) -> None:
    with LocalStorage().open_write(path) as stream:
        stream.write(bytes(1_000_000))
        die()


def killed_in_a_format(path: str) -> None:
    with luigi.format.UTF8.pipe_writer(LocalStorage().open_write(path)) as file:
        file.write('x' * 1_000_000)
        die()


def killed_while_a_library_writes_by_path(path: str) -> None:
    with LocalStorage().open_write(path) as stream:
        Path(stream.name).write_bytes(bytes(1000))
        die()


def killed_before_the_rename(path: str) -> None:
    os.replace = die
    write(LocalStorage(), path, b'first')


def killed_before_the_mode_is_set(path: str) -> None:
    os.chmod = die
    write(LocalStorage(), path, b'first')


def killed_before_the_link(path: str) -> None:
    os.link = die
    write(LocalStorage(), path, b'first', Condition.ABSENT)


def killed_in_a_private_directory(path: str) -> None:
    with scratch_directory(Path(path).parent) as scratch:
        Path(scratch, 'deep').mkdir()
        Path(scratch, 'deep', 'file').touch()
        die()


BEFORE = [
    killed_when_open,
    killed_when_written,
    killed_in_a_format,
    killed_while_a_library_writes_by_path,
    killed_before_the_rename,
    killed_before_the_mode_is_set,
    killed_before_the_link,
    killed_in_a_private_directory,
]


@pytest.mark.parametrize('write_until_killed', BEFORE, ids=lambda function: function.__name__)
def test_after_a_kill_the_next_write_leaves_the_right_value_alone(storage, tmp_path, run_child, write_until_killed):
    path = str(tmp_path / 'file')
    assert run_child(lambda: write_until_killed(path)) == -signal.SIGKILL
    assert not storage.exists(path)
    write(storage, path, b'second')
    assert [(left.name, left.read_bytes()) for left in tmp_path.iterdir()] == [('file', b'second')]


@pytest.mark.parametrize('write_until_killed', [killed_when_written, killed_before_the_rename])
def test_a_kill_leaves_the_old_value(storage, tmp_path, run_child, write_until_killed):
    path = str(tmp_path / 'file')
    Path(path).write_bytes(b'old')
    assert run_child(lambda: write_until_killed(path)) == -signal.SIGKILL
    assert read(storage, path) == b'old'


@pytest.mark.parametrize(('name', 'condition'), [('replace', Condition.ANY), ('link', Condition.ABSENT)])
def test_after_a_kill_behind_the_publication_the_value_is_there(storage, tmp_path, run_child, name, condition):
    path = str(tmp_path / 'file')

    def publish_and_die() -> None:
        setattr(os, name, die_after(getattr(os, name)))
        write(LocalStorage(), path, b'first', condition)

    assert run_child(publish_and_die) == -signal.SIGKILL
    assert read(storage, path) == b'first'
    write(storage, str(tmp_path / 'other'), b'')
    assert sorted(left.name for left in tmp_path.iterdir()) == ['file', 'other']


@pytest.fixture
def pipe():
    """Both ends of a pipe; whoever reads it lives until the test ends."""
    reader, writer = os.pipe()
    yield reader, writer
    os.close(reader)
    os.close(writer)


def test_children_of_a_killed_process_do_not_keep_its_scratch(storage, tmp_path, run_child, pipe):
    path = str(tmp_path / 'file')
    reader, writer = pipe

    def write_until_killed() -> None:
        with LocalStorage().open_write(path) as stream, scratch_directory(tmp_path):
            stream.write(bytes(1_000_000))
            if os.fork() == 0:
                os.close(writer)
                os.read(reader, 1)  # lives until the test ends
                os._exit(0)
            die()

    assert run_child(write_until_killed) == -signal.SIGKILL
    write(storage, path, b'second')
    assert [left.name for left in tmp_path.iterdir()] == ['file']


def test_programs_that_outlive_a_killed_process_do_not_keep_its_scratch(storage, tmp_path, run_child, pipe):
    path = str(tmp_path / 'file')
    reader, _ = pipe

    def write_until_killed() -> None:
        with LocalStorage().open_write(path) as stream:
            subprocess.Popen(['cat'], stdin=reader, stdout=stream)  # lives until the test ends
            die()

    assert run_child(write_until_killed) == -signal.SIGKILL
    write(storage, path, b'second')
    assert [left.name for left in tmp_path.iterdir()] == ['file']


def test_a_killed_program_and_its_next_run(tmp_path):
    """The whole way, with new interpreters."""
    code = (
        'import sys; from gokart.storage.local_file import LocalFile\n'
        "with LocalFile(sys.argv[1]).open('w') as file:\n"
        '    file.write(sys.argv[2] * 100_000); file.flush()\n'
        "    if sys.argv[2] == 'x': print('written', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, '-W', 'ignore', '-c', code, str(tmp_path / 'file')]
    with subprocess.Popen([*command, 'x'], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout.readline() == 'written\n'
        assert len(list(tmp_path.iterdir())) == 1
        first.kill()
    subprocess.run([*command, 'y'], check=True, timeout=60)
    assert [(left.name, left.read_text()) for left in tmp_path.iterdir()] == [('file', 'y' * 100_000)]


def fill_by_large_write(storage: LocalStorage, path: str) -> None:
    with storage.open_write(path) as stream:
        stream.write(bytes(1_000_000))


def fill_by_small_writes(storage: LocalStorage, path: str) -> None:
    with storage.open_write(path) as stream:
        for _ in range(1000):
            stream.write(bytes(1000))


def fill_at_close(storage: LocalStorage, path: str) -> None:
    with storage.open_write(path) as stream:
        stream.write(bytes(20_000))


def fill_through_a_format(storage: LocalStorage, path: str) -> None:
    with luigi.format.UTF8.pipe_writer(storage.open_write(path)) as file:
        file.write('x' * 1_000_000)


def fill_by_path(storage: LocalStorage, path: str) -> None:
    with storage.open_write(path) as stream:
        Path(stream.name).write_bytes(bytes(1_000_000))


def fill_by_numpy(storage: LocalStorage, path: str) -> None:
    with storage.open_write(path) as stream:
        numpy.save(stream, numpy.zeros(1_000_000))


@pytest.mark.parametrize('content', [None, b'old'])
@pytest.mark.parametrize(
    'fill',
    [fill_by_large_write, fill_by_small_writes, fill_at_close, fill_through_a_format, fill_by_path, fill_by_numpy],
    ids=lambda function: function.__name__,
)
def test_a_full_disk_changes_nothing(storage, tmp_path, run_child, fill, content):
    path = tmp_path / 'file'
    if content is not None:
        path.write_bytes(content)

    def fill_disk() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
        with pytest.raises(OSError, match=r'.') as caught:
            fill(storage, str(path))
        assert caught.tb is not None  # nothing is left although the exception still holds its frames
        assert [(left.name, left.read_bytes()) for left in tmp_path.iterdir()] == (
            [] if content is None else [('file', content)]
        )

    assert run_child(fill_disk) == 0


def test_a_read_only_directory_is_an_error_that_names_the_target(storage, run_as_user):
    path = run_as_user.directory / 'file'
    run_as_user.directory.chmod(0o555)

    def try_to_write() -> None:
        with pytest.raises(PermissionError, match='file') as caught:
            storage.open_write(str(path))
        assert caught.value.filename == str(path)

    assert run_as_user(try_to_write) == 0
    assert list(run_as_user.directory.iterdir()) == []


def test_a_directory_that_becomes_read_only_keeps_the_old_value(storage, run_as_user):
    def try_to_publish() -> None:
        directory = run_as_user.directory / 'mine'
        directory.mkdir()
        write(storage, str(directory / 'file'), b'old')
        stream = storage.open_write(str(directory / 'file'))
        directory.chmod(0o555)
        with pytest.raises(PermissionError):
            stream.close()
        assert read(storage, str(directory / 'file')) == b'old'

    assert run_as_user(try_to_publish) == 0


def test_readers_never_see_a_torn_object_of_two_writing_processes(storage, tmp_path, start_child):
    path = str(tmp_path / 'file')

    def keep_writing(letter: bytes) -> None:
        for number in range(50):
            with storage.open_write(path) as stream:
                for _ in range(20):
                    stream.write(letter * (10_000 + number))

    writers = {start_child(lambda letter=letter: keep_writing(letter)) for letter in (b'a', b'b')}
    seen = set()
    while writers:
        if storage.exists(path):
            content = read(storage, path)
            seen.add((content[:1], len(content), content.count(content[:1])))
        process, status = os.waitpid(-1, os.WNOHANG)
        if process:
            writers.discard(process)
            assert status == 0
    assert seen
    assert all(length == count and length % 20 == 0 and length >= 200_000 for _, length, count in seen)
    assert [left.name for left in tmp_path.iterdir()] == ['file']


def test_one_of_many_creating_processes_wins(tmp_path, start_child, storage):
    path = str(tmp_path / 'file')
    reader, writer = os.pipe()

    def create(number: int) -> None:
        os.close(writer)
        os.read(reader, 1)  # all start when the pipe ends
        write(storage, path, b'%d' % number, Condition.ABSENT)

    processes = [start_child(lambda number=number: create(number)) for number in range(12)]
    os.close(writer)
    statuses = [os.waitpid(process, 0)[1] for process in processes]
    os.close(reader)
    assert statuses.count(0) == 1
    assert read(storage, path) == b'%d' % statuses.index(0)
    assert [left.name for left in tmp_path.iterdir()] == ['file']


def test_no_swap_of_many_processes_is_lost(tmp_path, start_child, storage):
    path = str(tmp_path / 'file')
    write(storage, path, b'0')

    def count_up() -> None:
        for _ in range(20):
            while True:
                version = storage.stat(path).version
                count = int(read(storage, path))
                try:
                    write(storage, path, b'%d' % (count + 1), version)
                except FileExistsError:
                    continue
                break

    processes = [start_child(count_up) for _ in range(4)]
    assert [os.waitpid(process, 0)[1] for process in processes] == [0] * 4
    assert read(storage, path) == b'80'
