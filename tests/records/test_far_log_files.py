"""Log files on remote storages are written side by side, and those of the start while the body runs; none is lost."""

from __future__ import annotations

import os
import random
import threading
import time

import luigi
import pytest

import gokart
from gokart import anchor
from gokart.errors import GokartBuildError
from gokart.storage.scratch import scratch_file

START = {'task_params', 'random_seed', 'module_versions'}
END = {'processing_time', 'task_log'}


@pytest.fixture(autouse=True)
def _nothing_began(far):
    Slow.began.clear()


def logs(far):
    return {path.split('/')[5] for path in far.stored() if '/log/' in path}


class Slow(gokart.TaskOnKart):
    number = luigi.IntParameter(default=1)
    fails = luigi.BoolParameter(default=False)
    began = threading.Event()

    def run(self):
        self.began.set()
        if self.fails:
            raise ValueError('it fails')
        self.dump(random.random())


class Drawing(gokart.TaskOnKart):
    """Draws while its log files are being written."""

    def run(self):
        self.dump([random.random() for _ in range(20) if time.sleep(0.002) is None])


class Resumed(gokart.TaskOnKart):
    def run(self):
        yield Slow()
        self.dump('x')


class Forking(gokart.TaskOnKart):
    def run(self):
        child = os.fork()
        if child == 0:
            scratch_file('.').remove()  # takes a lock that every write takes
            os._exit(0)
        self.dump(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


class Interrupted(gokart.TaskOnKart):
    def run(self):
        raise KeyboardInterrupt


def test_all_are_written(far):
    gokart.build(Slow())
    assert logs(far) == START | END


def test_the_body_does_not_wait_for_those_of_the_start(far, monkeypatch):
    put = far.open_write
    waited = []

    def wait_for_the_body(path, *arguments):
        if any(f'/log/{kind}/' in path for kind in START):
            waited.append(Slow.began.wait(10))
        return put(path, *arguments)

    monkeypatch.setattr(far, 'open_write', wait_for_the_body)
    gokart.build(Slow())
    assert waited == [True] * 3


def test_those_of_the_end_are_written_side_by_side(far):
    task = Slow()
    far.seconds = 0.05
    task.trigger_event(luigi.Event.PROCESSING_TIME, task, 1.0)
    assert far.most_at_once['put'] == 2
    assert logs(far) == END


@pytest.mark.parametrize('fails', [False, True])
def test_those_of_the_start_are_there_when_the_end_is_told(far, fails):
    far.seconds = 0.05
    told = []
    for event in (luigi.Event.SUCCESS, luigi.Event.FAILURE):
        Slow.event_handler(event)(lambda *_: told.append(logs(far) & START))
    if fails:
        with pytest.raises(GokartBuildError):
            gokart.build(Slow(fails=True))
    else:
        gokart.build(Slow())
    assert told == [START]


def test_those_of_the_start_are_there_when_the_body_waits_for_requirements(far):
    far.seconds = 0.02
    gokart.build(Resumed())
    assert len([path for path in far.stored() if '/log/task_params/' in path]) == 2


def test_an_interrupt_loses_none(far):
    far.seconds = 0.05
    with pytest.raises(KeyboardInterrupt):
        gokart.build(Interrupted())
    assert logs(far) == START


def test_no_thread_is_left(far, new_threads):
    far.seconds = 0.01
    gokart.build(Slow())
    assert new_threads() == []


def test_a_failing_storage_is_logged_and_hurts_nobody(far, monkeypatch, caplog):
    put = far.open_write

    def refuse(path, *arguments):
        if '/log/' in path:
            raise OSError('no space for logs')
        return put(path, *arguments)

    monkeypatch.setattr(far, 'open_write', refuse)
    with caplog.at_level('WARNING', 'gokart'):
        gokart.build(Slow(), log_level=30)
    told = [record.getMessage() for record in caplog.records if 'no space for logs' in record.getMessage()]
    assert len(told) == 5
    assert all('The task is not affected' in message for message in told)


def test_what_the_body_draws_does_not_depend_on_them(far, config):
    far.seconds = 0.01
    first = gokart.build(Drawing())
    config.set('TaskOnKart', 'workspace_directory', 'local')
    assert gokart.build(Drawing(), log_level=50) == first


def test_they_have_the_context_of_the_build(far, monkeypatch):
    anchors = []
    put = far.open_write
    monkeypatch.setattr(far, 'open_write', lambda *arguments: anchors.append(anchor._anchor.get()) or put(*arguments))
    gokart.build(Slow())
    assert len(anchors) == 6
    assert set(anchors) == {os.getcwd()}


@pytest.mark.skipif(not hasattr(os, 'fork'), reason='there are no forks')
def test_a_body_that_forks_does_not_hang(far):
    far.seconds = 0.02
    assert gokart.build(Forking()) == 0
    assert logs(far) == START | END


@pytest.mark.skipif(not hasattr(os, 'fork'), reason='there are no forks')
def test_local_log_files_need_no_threads(config, monkeypatch):
    def refuse(thread):
        raise AssertionError('a thread was started')

    config.set('TaskOnKart', 'workspace_directory', 'local')
    monkeypatch.setattr(threading.Thread, 'start', refuse)
    gokart.build(Slow())


def test_a_log_is_read_by_one_request(far):
    gokart.build(Slow())
    far.requests.clear()
    assert Slow().get_processing_time() > 0
    assert far.kinds() == {'get': 1}


def test_a_log_that_there_is_not_is_missed_by_one_request(far):
    assert Slow().get_task_log() == {}
    assert far.kinds() == {'get': 1}
