"""Tasks of builds with different configurations take turns in a process that runs both."""

from __future__ import annotations

import threading

import pytest

from gokart.running.engines import turns
from gokart.running.engines.portable import dumps
from gokart.running.engines.turns import Turns
from gokart.running.process_settings import GlobalSettings


@pytest.fixture
def settings():
    return dumps(GlobalSettings.of_this_process())


def test_wait_for_another_build_names_both_tasks_and_the_cure(settings, monkeypatch):
    monkeypatch.setattr(turns, '_IMPATIENCE_SECONDS', 0.01)
    of_process, told, said = Turns(), threading.Event(), []
    monkeypatch.setattr(turns.logger, 'warning', lambda text, *values: (said.append(text % values), told.set()))

    def wait():
        with of_process.turn('Waiting', settings, 'other', 'build 2'):
            pass

    with of_process.turn('Running', settings, 'one', 'build 1'):
        thread = threading.Thread(target=wait)
        thread.start()
        assert told.wait(10)
    thread.join(10)
    assert 'Waiting waits' in said[0]
    assert 'for Running, of a build with another configuration' in said[0]
    assert 'an executor of its own' in said[0]


def test_equal_configurations_run_side_by_side(settings):
    of_process = Turns()
    with of_process.turn('One', settings, 'same', 'build 1'):
        with of_process.turn('One', settings, 'same', 'build 2'):
            pass
