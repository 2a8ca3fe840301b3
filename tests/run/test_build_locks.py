"""A build that meets a held run lock tries again for a while."""

from __future__ import annotations

from pathlib import Path

import luigi
import pytest

import gokart
from gokart.build import GokartBuildError, HasLockedTaskException, build
from gokart.errors import LockTakenError, TaskLockException
from gokart.locks.keeper import rest
from gokart.running.lock_waits import LockPatience
from gokart.task_locks import run_locked

TRIES = Path('tries')


QUICKLY = {'task_lock_exception_max_wait_seconds': 0.05}


class Held(gokart.TaskOnKart):
    """Is free after a number of tries, which a file counts as processes may share it."""

    tries_needed = luigi.IntParameter(default=10**6)

    def run(self):
        with TRIES.open('a') as file:
            file.write('x')
        if tries() < self.tries_needed:
            raise TaskLockException('held by somebody')
        self.dump('free')


def tries():
    return len(TRIES.read_text())


@pytest.mark.parametrize('workers', [1, 2])
def test_it_succeeds_once_the_lock_is_free(workers):
    assert build(Held(tries_needed=4), workers=workers, **QUICKLY) == 'free'
    assert tries() == 4


def test_it_gives_up_in_the_end():
    with pytest.raises(HasLockedTaskException, match=r'Another process holds the run lock of Held\[') as caught:
        build(Held(), task_lock_exception_max_tries=3, **QUICKLY)
    assert tries() == 3
    assert isinstance(caught.value.__cause__, TaskLockException)


@pytest.mark.parametrize('wanted', [1, 0, -1])
def test_it_tries_at_least_once(wanted):
    with pytest.raises(HasLockedTaskException):
        build(Held(), task_lock_exception_max_tries=wanted, **QUICKLY)
    assert tries() == 1


def test_waits_grow_up_to_the_limit():
    waits = list(LockPatience(max_tries=9, max_wait_seconds=20).waits())
    assert len(waits) == 8
    assert all(wait <= 20 for wait in waits)
    assert all(2**place / 2 <= wait <= 2**place for place, wait in enumerate(waits[:4]))
    assert min(waits[5:]) >= 10


def test_another_failure_beside_the_lock_ends_the_build():
    class Failing(gokart.TaskOnKart):
        def run(self):
            raise ValueError('not the lock')

    class Both(gokart.TaskOnKart):
        def requires(self):
            return [Held(), Failing()]

        def run(self):
            self.dump('x')

    with pytest.raises(GokartBuildError, match='not the lock') as caught:
        build(Both(), task_lock_exception_max_tries=2, **QUICKLY)
    assert tries() == 2
    assert len(caught.value.raised_exceptions) == 2


class After(gokart.TaskOnKart):
    """Runs while a lock is waited for."""

    def run(self):
        self.dump(tries())


class Wide(gokart.TaskOnKart):
    def requires(self):
        return [Held(tries_needed=2), After()]

    def run(self):
        self.dump(self.load())


@pytest.mark.parametrize('workers', [1, 2])
def test_others_run_while_it_waits(workers, monkeypatch):
    # Held comes first, so that it is tried first.
    monkeypatch.setattr(Held, 'priority', 2)
    assert build(Wide(), workers=workers, task_lock_exception_max_wait_seconds=2) == ['free', 1]


def test_a_listener_learns_of_a_task_that_was_given_up():
    class Refused(gokart.TaskOnKart):
        lock = luigi.Parameter(default='memory://refused', significant=False)

    found = []
    Refused.event_handler(luigi.Event.FAILURE)(lambda task, error: found.append(type(error)))
    task = Refused()
    with run_locked(task), pytest.raises(HasLockedTaskException):
        build(task, task_lock_exception_max_tries=2, **QUICKLY)
    rest()
    assert found == [LockTakenError]


def test_replaced_luigi_build_that_raises_is_tried_again(monkeypatch):
    calls = []

    def locked(*args, **kwargs):
        calls.append(args)
        raise HasLockedTaskException

    monkeypatch.setattr('luigi.build', locked)
    with pytest.raises(HasLockedTaskException):
        build(Held(), task_lock_exception_max_tries=2, **QUICKLY)
    assert len(calls) == 2
