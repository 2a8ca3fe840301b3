"""The engine of warm processes keeps the contract of engines, also with bodies that do not want to end."""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path

import luigi
import pytest
from luigi.scheduler import Scheduler
from luigi.worker import TaskStatusReporter

import gokart
from gokart.running import child_process
from gokart.running.engines.warm_processes import WarmProcesses

OPTIONS = {
    'skip_if_complete': False,
    'context': None,
    'worker_timeout': 0.0,
    'check_unfulfilled_deps': False,
    'check_complete_on_run': False,
    'task_completion_cache': None,
}


class Stubborn(gokart.TaskOnKart):
    """Ignores what tells it to end, and says so by the file `begun`."""

    begun = luigi.Parameter()

    def run(self):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        Path(self.begun).touch()
        time.sleep(60)


class Quick(gokart.TaskOnKart):
    number = luigi.IntParameter()

    def run(self):
        self.dump(self.number)


@pytest.fixture
def engine():
    engine = WarmProcesses(2, '')
    yield engine
    engine.close()


def begun(engine, task):
    attempt = engine.attempt(task, 'worker', TaskStatusReporter(Scheduler(), task.task_id, 'worker', None), OPTIONS)
    attempt.start()
    return attempt


@pytest.fixture
def stubborn(engine, tmp_path, monkeypatch):
    """Attempts that only a kill ends."""
    monkeypatch.setattr(child_process, 'GRACE_SECONDS', 0.2)
    paths = [tmp_path / str(number) for number in range(2)]
    attempts = [begun(engine, Stubborn(begun=str(path))) for path in paths]
    while not all(path.exists() for path in paths):
        time.sleep(0.01)
    return attempts


needs_signals = pytest.mark.skipif(sys.platform == 'win32', reason='signals')


@needs_signals
def test_nothing_runs_any_more_after_the_end(engine, stubborn):
    engine.end(stubborn)
    assert [attempt.is_alive() for attempt in stubborn] == [False, False]


@needs_signals
def test_nothing_runs_any_more_when_the_engine_is_closed(engine, stubborn):
    engine.close()
    assert [attempt.is_alive() for attempt in stubborn] == [False, False]


@needs_signals
def test_one_attempt_is_ended_without_the_others(engine, stubborn):
    stubborn[0].terminate()
    assert [attempt.is_alive() for attempt in stubborn] == [False, True]


def test_attempt_whose_result_has_arrived_is_over(engine):
    """Its process may run another body by now, which must not be ended in its place."""
    attempts = [begun(engine, Quick(number=number)) for number in range(2)]
    while not all(attempt.process.connection.poll() for attempt in attempts):
        time.sleep(0.01)
    engine.get(1)
    assert [attempt.is_alive() for attempt in attempts] == [False, False]


class Recorded:
    """A process that notes what is done to it, and ends only when it is killed."""

    def __init__(self, name, notes):
        self._name = name
        self._notes = notes
        self._lives = True

    def is_alive(self):
        return self._lives

    def ask_to_end(self):
        self._notes.append(f'ask {self._name}')

    def join(self, timeout, /):
        self._notes.append(f'join {self._name}')

    def kill(self):
        self._notes.append(f'kill {self._name}')
        self._lives = False


def test_all_are_asked_before_anybody_is_waited_for(monkeypatch):
    monkeypatch.setattr(child_process, 'GRACE_SECONDS', 0)
    notes = []
    child_process.end_all([Recorded('one', notes), Recorded('two', notes)])
    assert notes == ['ask one', 'ask two', 'join one', 'join two', 'kill one', 'kill two']
