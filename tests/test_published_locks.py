"""This version and gokart 1.12.2 exclude each other at one Redis.

`GOKART_PUBLISHED_PYTHON` names the Python of an environment with ``gokart==1.12.2``; without it, nobody can be asked.
"""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import sys
import threading

import pytest
from support import lock_talk
from support.redis_server import running_redis

PUBLISHED = os.environ.get('GOKART_PUBLISHED_PYTHON')

pytestmark = pytest.mark.skipif(not PUBLISHED, reason='GOKART_PUBLISHED_PYTHON is not set')


class Talker:
    """A process of `lock_talk`."""

    def __init__(self, python: str, port: int, directory: str) -> None:
        command = [python, '-W', 'ignore', lock_talk.__file__, str(port), directory]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._lines: queue.Queue[str] = queue.Queue()
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def _listen(self) -> None:
        for line in self._process.stdout:
            self._lines.put(line.strip())

    def tell(self, command: str) -> None:
        self._process.stdin.write(f'{command}\n')
        self._process.stdin.flush()

    def hear(self) -> str:
        return self._lines.get(timeout=30)

    def is_silent_for(self, seconds: float) -> bool:
        try:
            self._lines.get(timeout=seconds)
        except queue.Empty:
            return True
        return False

    def end(self) -> None:
        self._process.kill()
        self._process.communicate()
        self._thread.join()


@pytest.fixture(scope='module')
def directory(tmp_path_factory):
    return tmp_path_factory.mktemp('objects')


@pytest.fixture(scope='module')
def talkers(directory):
    """Two processes, the first of this library, the second of the other."""
    with running_redis() as server, contextlib.ExitStack() as ends:
        talkers = [Talker(python, server.port, str(directory)) for python in (sys.executable, PUBLISHED)]
        for talker in talkers:
            ends.callback(talker.end)
        assert [talker.hear() for talker in talkers] == ['ready', 'ready']
        yield talkers


@pytest.fixture(params=['ours first', 'theirs first'])
def two(request, talkers, directory):
    (directory / 'object_id.pkl').unlink(missing_ok=True)
    return talkers if request.param == 'ours first' else talkers[::-1]


@pytest.mark.parametrize('verb', ['dump', 'load'])
def test_both_wait_for_a_dump_of_the_other(two, verb):
    one, other = two
    one.tell('hold dump')
    assert one.hear() == 'held'
    other.tell(f'try {verb}')
    assert other.is_silent_for(1.0)
    one.tell('let go')
    assert one.hear() == 'hold dump: done'
    assert other.hear() == f'try {verb}: done'


def test_neither_removes_what_the_other_has_locked(two, directory):
    one, other = two
    other.tell('try dump')
    assert other.hear() == 'try dump: done'
    one.tell('hold object')
    assert one.hear() == 'held'
    other.tell('try remove')
    assert other.is_silent_for(1.0)
    assert (directory / 'object_id.pkl').exists()
    one.tell('let go')
    assert one.hear() == 'hold object: done'
    assert other.hear() == 'try remove: done'
    assert not (directory / 'object_id.pkl').exists()


def test_neither_runs_what_the_other_runs(two):
    one, other = two
    one.tell('hold run')
    assert one.hear() == 'held'
    other.tell('try run')
    assert other.hear() == 'try run: TaskLockException'
    one.tell('let go')
    assert one.hear() == 'hold run: done'
    other.tell('try run')
    assert other.hear() == 'try run: done'
