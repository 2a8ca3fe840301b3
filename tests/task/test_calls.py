"""Calls are made side by side in threads that end with them, and never while the process forks."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from contextvars import ContextVar
from functools import partial

import pytest

from gokart._calls import Call, ahead

variable: ContextVar[str] = ContextVar('variable', default='nothing')


def threads():
    return [thread for thread in threading.enumerate() if thread.name == 'gokart-call']


def fail():
    raise ValueError('told you so')


def test_a_call_runs_in_another_thread_and_returns_its_result():
    call = Call(threading.get_ident)
    assert call.result() != threading.get_ident()
    assert threads() == []


def test_a_call_has_the_context_of_its_caller():
    token = variable.set('anchor')
    try:
        assert Call(variable.get).result() == 'anchor'
    finally:
        variable.reset(token)


def test_an_exception_comes_to_who_asks_for_the_result():
    call = Call(fail)
    call.wait()
    with pytest.raises(ValueError, match='told you so'):
        call.result()


def test_without_threads_the_call_is_made_at_once(monkeypatch):
    def refuse(thread):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, 'start', refuse)
    assert Call(threading.get_ident).result() == threading.get_ident()


def test_results_come_in_order():
    def wait(number):
        time.sleep(0.01 if number % 2 else 0.0)
        return number

    assert list(ahead([partial(wait, number) for number in range(30)], 4)) == list(range(30))
    assert threads() == []


def test_no_more_calls_are_begun_than_may_be_ahead():
    begun = []
    results = ahead([partial(begun.append, number) for number in range(20)], 3)
    next(results)
    assert len(begun) <= 4
    results.close()
    assert threads() == []


def test_the_first_exception_in_order_is_raised_after_what_came_before_it():
    results = ahead([int, fail, fail], 3)
    assert next(results) == 0
    with pytest.raises(ValueError, match='told you so'):
        next(results)
    assert threads() == []


@pytest.mark.skipif(not hasattr(os, 'fork'), reason='there are no forks')
def test_a_fork_waits_until_no_call_is_under_way():
    lock = threading.Lock()

    def hold():
        with lock:
            time.sleep(0.2)

    call = Call(hold)
    child = os.fork()
    if child == 0:
        os._exit(0 if lock.acquire(timeout=5) else 1)
    assert os.waitpid(child, 0)[1] == 0
    call.wait()


@pytest.mark.skipif(not hasattr(os, 'fork'), reason='there are no forks')
def test_a_call_may_fork():
    def fork():
        child = os.fork()
        if child == 0:
            os._exit(7)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    assert Call(fork).result() == 7


BEGUN_AT_A_FORK = """
import os, threading
from gokart._calls import Call

begun = []
os.register_at_fork(before=lambda: begun.append(Call(end.wait)))  # runs after the hook of the calls
end = threading.Event()
Call(int).wait()
child = os.fork()
begun[0].wait(0 if child else None)
if child:
    end.set()
    print(os.waitpid(child, 0)[1])
"""


@pytest.mark.skipif(not hasattr(os, 'fork'), reason='there are no forks')
def test_a_child_does_not_wait_for_a_call_of_its_parent():
    command = [sys.executable, '-W', 'ignore', '-c', BEGUN_AT_A_FORK]
    assert subprocess.run(command, capture_output=True, text=True, timeout=30).stdout == '0\n'
