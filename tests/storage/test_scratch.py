"""Private scratch: what it looks like, how it ends, and how what dead processes left is swept."""

from __future__ import annotations

import fcntl
import os
import random
import stat
import threading
import time
from pathlib import Path

import pytest

from gokart.storage.naming import PREFIX, is_scratch
from gokart.storage.scratch import scratch_directory, scratch_file


def names_in(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def mode_of(path: str) -> int:
    return stat.S_IMODE(Path(path).stat().st_mode)


def test_a_private_file_is_beside_the_target_and_only_for_the_user(tmp_path):
    file = scratch_file(str(tmp_path))
    assert Path(file.path).parent == tmp_path
    assert is_scratch(Path(file.path).name)
    assert mode_of(file.path) == 0o600


def test_the_name_of_a_private_file_is_short(tmp_path):
    assert len(Path(scratch_file(str(tmp_path)).path).name) < 40


def test_parents_of_a_private_file_are_made(tmp_path):
    file = scratch_file(str(tmp_path / 'a' / 'b'))
    assert Path(file.path).parent == tmp_path / 'a' / 'b'


def test_a_dropped_private_file_is_removed(tmp_path):
    scratch_file(str(tmp_path))
    assert names_in(tmp_path) == []


def test_a_private_directory_is_only_for_the_user(tmp_path):
    with scratch_directory(tmp_path) as scratch:
        assert Path(scratch).parent == tmp_path
        assert mode_of(scratch) == 0o700


def test_a_private_directory_makes_its_parents(tmp_path):
    with scratch_directory(tmp_path / 'a' / 'b') as scratch:
        assert Path(scratch).is_dir()
    assert names_in(tmp_path / 'a' / 'b') == []


def test_a_private_directory_goes_with_its_content(tmp_path):
    def use() -> None:
        with scratch_directory(tmp_path) as scratch:
            Path(scratch, 'deep', 'er').mkdir(parents=True)
            Path(scratch, 'deep', 'file').touch()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        use()
    assert names_in(tmp_path) == []


def test_a_private_directory_goes_although_its_content_is_read_only(run_as_user):
    def use() -> None:
        with scratch_directory(run_as_user.directory) as scratch:
            Path(scratch, 'deep', 'er').mkdir(parents=True)
            Path(scratch, 'deep').chmod(0o500)

    assert run_as_user(use) == 0
    assert names_in(run_as_user.directory) == []


def test_removing_a_private_directory_leaves_what_links_in_it_lead_to(tmp_path):
    outside = tmp_path / 'outside'
    outside.mkdir()
    (outside / 'file').write_text('content')
    with scratch_directory(tmp_path) as scratch:
        Path(scratch, 'link').symlink_to(outside)
    assert (outside / 'file').read_text() == 'content'


def test_a_private_directory_may_be_removed_by_its_user(tmp_path):
    with scratch_directory(tmp_path) as scratch:
        Path(scratch).rmdir()
    assert names_in(tmp_path) == []


def test_the_random_numbers_of_the_user_are_neither_used_nor_changed(tmp_path):
    names = set()
    for _ in range(2):
        random.seed(1)
        before = random.getstate()
        names.add(scratch_file(str(tmp_path)).path)
        assert random.getstate() == before
    assert len(names) == 2


def test_forked_processes_do_not_choose_the_same_name(tmp_path, run_child):
    scratch_file(str(tmp_path))
    for report in ('one', 'two'):
        assert run_child(lambda report=report: (tmp_path / report).write_text(scratch_file(str(tmp_path)).path)) == 0
    assert (tmp_path / 'one').read_text() != (tmp_path / 'two').read_text()


def test_the_first_use_of_a_directory_sweeps_it(tmp_path):
    (tmp_path / f'{PREFIX}dead.tmp').write_bytes(b'left by a dead process')
    (tmp_path / f'{PREFIX}directory.tmp').mkdir()
    (tmp_path / f'{PREFIX}directory.tmp' / 'part').touch()
    scratch_file(str(tmp_path)).remove()
    assert names_in(tmp_path) == []


def test_a_directory_is_swept_once(tmp_path):
    scratch_file(str(tmp_path)).remove()
    (tmp_path / f'{PREFIX}dead.tmp').touch()
    scratch_file(str(tmp_path)).remove()
    assert names_in(tmp_path) == [f'{PREFIX}dead.tmp']


@pytest.mark.parametrize('name', ['data.pkl', '.gokart-notes', f'x{PREFIX}x.tmp', '.tmp', 'gokart-x.tmp'])
def test_a_sweep_leaves_what_is_not_ours(tmp_path, name):
    (tmp_path / name).touch()
    scratch_file(str(tmp_path)).remove()
    assert names_in(tmp_path) == [name]


def test_a_sweep_leaves_what_is_in_use(tmp_path, run_python):
    file = scratch_file(str(tmp_path))
    with scratch_directory(tmp_path) as scratch:
        run_python('import sys; from gokart.storage.scratch import scratch_file; scratch_file(sys.argv[1])', tmp_path)
        assert names_in(tmp_path) == sorted([Path(file.path).name, Path(scratch).name])


def test_a_sweep_follows_no_links_and_waits_for_no_pipes(tmp_path):
    (tmp_path / 'precious').write_text('content')
    (tmp_path / f'{PREFIX}link.tmp').symlink_to(tmp_path / 'precious')
    os.mkfifo(tmp_path / f'{PREFIX}pipe.tmp')
    scratch_file(str(tmp_path)).remove()
    assert (tmp_path / 'precious').read_text() == 'content'


@pytest.mark.parametrize(('age_hours', 'stays'), [(1, True), (25, False)])
def test_what_another_host_left_stays_for_a_day(tmp_path, age_hours, stays):
    foreign = tmp_path / '.gokart-ffffffff-foreign.tmp'
    foreign.touch()
    then = time.time() - age_hours * 3600
    os.utime(foreign, (then, then))
    scratch_file(str(tmp_path)).remove()
    assert foreign.exists() is stays


def test_a_creator_whose_file_is_swept_at_once_starts_over(tmp_path, monkeypatch):
    """The sweep of another process may find a file between its creation and its lock."""
    flock, swept = fcntl.flock, []

    def sweep_first(descriptor: int, operation: int) -> None:
        if not swept:
            swept.extend(tmp_path.iterdir())
            swept[0].unlink()
        flock(descriptor, operation)

    monkeypatch.setattr(fcntl, 'flock', sweep_first)
    file = scratch_file(str(tmp_path))
    assert swept != [Path(file.path)]
    assert names_in(tmp_path) == [Path(file.path).name]


def test_a_creator_whose_directory_is_swept_at_once_starts_over(tmp_path, monkeypatch):
    open_descriptor, swept = os.open, []

    def sweep_first(path: str, *args: object, **kwargs: object) -> int:
        if not swept:
            swept.append(path)
            Path(path).rmdir()
        return open_descriptor(path, *args, **kwargs)

    monkeypatch.setattr(os, 'open', sweep_first)
    with scratch_directory(tmp_path) as scratch:
        assert swept != [scratch]
        assert names_in(tmp_path) == [Path(scratch).name]


def test_a_creator_whose_file_is_locked_by_a_sweep_starts_over(tmp_path, monkeypatch):
    flock, refusals = fcntl.flock, [BlockingIOError()]

    def refuse_once(descriptor: int, operation: int) -> None:
        if refusals:
            raise refusals.pop()
        flock(descriptor, operation)

    monkeypatch.setattr(fcntl, 'flock', refuse_once)
    file = scratch_file(str(tmp_path))
    assert names_in(tmp_path) == [Path(file.path).name]


def test_where_every_lock_is_refused_scratch_works(tmp_path, monkeypatch):
    def refuse(descriptor: int, operation: int) -> None:
        raise BlockingIOError

    monkeypatch.setattr(fcntl, 'flock', refuse)
    file = scratch_file(str(tmp_path))
    assert names_in(tmp_path) == [Path(file.path).name]


def test_without_locks_scratch_works_and_nothing_is_swept(tmp_path, monkeypatch):
    def refuse(descriptor: int, operation: int) -> None:
        raise OSError(45, 'Operation not supported')

    monkeypatch.setattr(fcntl, 'flock', refuse)
    (tmp_path / f'{PREFIX}dead.tmp').touch()
    with scratch_directory(tmp_path) as scratch:
        assert Path(scratch).is_dir()
    assert names_in(tmp_path) == [f'{PREFIX}dead.tmp']


def test_threads_that_start_together_do_not_sweep_each_other(tmp_path):
    barrier, missing = threading.Barrier(16), []

    def use(number: int) -> None:
        barrier.wait()
        for _ in range(10):
            with scratch_directory(tmp_path / str(number % 2)) as scratch:
                file = scratch_file(scratch)
                if not Path(file.path).exists():
                    missing.append(file.path)

    threads = [threading.Thread(target=use, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert missing == []
    assert [path for path in tmp_path.rglob('*') if is_scratch(path.name)] == []


def test_the_end_of_the_process_removes_what_is_in_use(tmp_path, run_python):
    run_python(
        'import sys; from gokart.storage.scratch import scratch_file\n'
        'sys.kept = scratch_file(sys.argv[1]); sys.kept.cycle = sys.kept',
        tmp_path,
    )
    assert names_in(tmp_path) == []


def test_a_forked_child_does_not_touch_what_its_parent_uses(tmp_path, run_child):
    file = scratch_file(str(tmp_path))

    def use() -> None:
        assert file.is_inherited
        with pytest.raises(OSError, match='descriptor'):
            file.raw.write(b'from the child')
        file.remove()

    assert run_child(use) == 0
    file.raw.write(b'from the parent')
    assert Path(file.path).read_bytes() == b'from the parent'
