"""Locks of processes that are killed, stopped or forked."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest
from support.keepers import keepers

from gokart.errors import LockTakenError
from gokart.locks.holding import holding, publishing
from gokart.locks.keeper import held
from gokart.locks.registry import locks_for

HOLD = """
import sys, time
from gokart.errors import LockLostError
from gokart.locks.holding import holding, publishing
from gokart.locks.registry import locks_for
with holding(locks_for(sys.argv[1]), 'key', float(sys.argv[2])):
    print('held', flush=True)
    sys.stdin.readline()
    try:
        with publishing(lambda: 'version'):
            pass
        print('written', flush=True)
    except LockLostError:
        print('lost', flush=True)
"""


@pytest.fixture(params=['redis', 'file'])
def url(request, redis_url, tmp_path) -> str:
    return redis_url if request.param == 'redis' else f'file://{tmp_path}/locks'


@pytest.fixture
def start_holder(url):
    """Start a process that holds the lock and, when told by a line, says whether it still does."""
    processes = []

    def start(duration_seconds: float) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, '-W', 'ignore', '-c', HOLD, url, str(duration_seconds)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        assert process.stdout.readline() == 'held\n'
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def test_a_killed_holder_is_replaced_within_the_life_of_its_lease(url, start_holder):
    holder = start_holder(1.0)
    with pytest.raises(LockTakenError):
        locks_for(url).acquire('key', 10)
    holder.kill()
    started = time.monotonic()
    locks_for(url).acquire('key', 10, wait_seconds=None).release()
    assert time.monotonic() - started < 1.0 + 0.5


def test_a_holder_that_was_stopped_past_its_end_does_not_write(url, start_holder):
    holder = start_holder(1.0)
    os.kill(holder.pid, signal.SIGSTOP)
    with held(locks_for(url).acquire('key', 10, wait_seconds=5)) as lease:
        holder.stdin.write('go on\n')
        holder.stdin.flush()
        os.kill(holder.pid, signal.SIGCONT)
        assert holder.stdout.readline() == 'lost\n'
        holder.wait(10)
        lease.renew()


def test_a_forked_child_holds_nothing_and_frees_nothing(url, fork):
    with held(locks_for(url).acquire('key', 10)) as lease:

        def child() -> bool:
            lease.release()
            return lease.is_lost and keepers() == []

        assert fork(child)
        lease.renew()


def test_the_lock_of_its_parent_is_none_of_the_business_of_a_forked_child(url, fork):
    def child() -> bool:
        with publishing(lambda: 'version'):
            return True

    with holding(locks_for(url), 'key', 10):
        assert fork(child)


def test_a_forked_child_takes_and_renews_locks_of_its_own(url, fork):
    def child() -> bool:
        try:
            locks_for(url).acquire('key', 10)
        except LockTakenError:
            with held(locks_for(url).acquire('other', 0.4)) as own:
                time.sleep(0.7)
                return not own.is_lost
        return False

    with held(locks_for(url).acquire('key', 10)) as lease:
        assert fork(child)
        lease.renew()
    locks_for(url).acquire('other', 10).release()


def test_an_idle_thread_is_ended_before_a_fork(url, fork):
    with held(locks_for(url).acquire('key', 10)):
        pass
    assert len(keepers()) == 1
    assert fork(lambda: True)
    assert keepers() == []


@pytest.fixture
def fork():
    """Run a function in a forked process; gives whether it returned something true."""

    def run(function) -> bool:
        process = os.fork()
        if process == 0:
            status = 1
            try:
                status = 0 if function() else 2
            finally:
                os._exit(status)
        return os.waitpid(process, 0)[1] == 0

    return run
