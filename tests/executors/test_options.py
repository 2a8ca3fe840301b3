"""Where the executor is named, and how many bodies it runs at a time."""

from __future__ import annotations

import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import luigi
import pytest

import gokart
from gokart.build import build
from gokart.errors import ConfigError
from gokart.run import run
from gokart.running.worker_factory import WorkerSchedulerFactory

threads, running, most = set(), [], []


class Leaf(gokart.TaskOnKart):
    number = luigi.IntParameter()

    def run(self):
        running.append(self.number)
        most.append(len(running))
        time.sleep(0.03)
        running.remove(self.number)
        threads.add(threading.current_thread().name.partition('_')[0])
        self.dump('x')


class Tree(gokart.TaskOnKart):
    def requires(self):
        return [Leaf(number=number) for number in range(8)]

    def run(self):
        self.dump('x')


@pytest.fixture(autouse=True)
def _nothing_ran():
    threads.clear()
    running.clear()
    most.clear()


def test_command_line_names_an_executor():
    arguments = ['Tree', '--local-scheduler', '--no-lock', '--workers', '3', '--gokart-worker-executor', 'threads']
    with pytest.raises(SystemExit) as ended:
        run(arguments)
    assert ended.value.code == 0
    assert threads == {'gokart-body'}
    assert 1 < max(most) <= 3


def test_run_takes_an_executor():
    with ThreadPoolExecutor(2, 'mine') as executor, pytest.raises(SystemExit) as ended:
        run(['Tree', '--local-scheduler', '--no-lock'], executor=executor)
    assert ended.value.code == 0
    assert threads == {'mine'}


def test_configuration_names_an_executor(config):
    config.set('gokart_worker', 'executor', 'threads')
    build(Tree())
    assert threads == {'gokart-body'}


def test_argument_of_a_build_goes_before_the_configuration(config):
    config.set('gokart_worker', 'executor', 'processes')
    build(Tree(), executor='threads')
    assert threads == {'gokart-body'}


def test_build_of_luigi_takes_an_executor_by_the_factory():
    assert luigi.build([Tree()], worker_scheduler_factory=WorkerSchedulerFactory('threads'), local_scheduler=True)
    assert threads == {'gokart-body'}


def test_executor_that_is_not_named_well_ends_a_command_with_an_error(capsys):
    with pytest.raises(SystemExit) as ended:
        run(['Tree', '--local-scheduler', '--no-lock', '--gokart-worker-executor', 'treads'])
    assert ended.value.code


@pytest.mark.parametrize('workers', [1, 3])
def test_number_of_workers_is_how_many_bodies_run_at_a_time(workers):
    build(Tree(), executor='threads', workers=workers)
    assert max(most) <= workers
    assert (max(most) > 1) == (workers > 1)


def test_configured_number_of_workers_counts(config):
    config.set('core', 'workers', '1')
    build(Tree(), executor='threads')
    assert max(most) == 1


class Middle(gokart.TaskOnKart):
    def run(self):
        self.dump('middle')


class End(gokart.TaskOnKart):
    def requires(self):
        return Middle()

    def run(self):
        self.dump(self.load())


def stored(task):
    return task.output().exists()


def test_command_line_says_where_outputs_are_handed_on():
    with pytest.raises(SystemExit) as ended:
        run(['End', '--local-scheduler', '--no-lock', '--gokart-worker-cache', 'memory'])
    assert ended.value.code == 0
    assert (stored(End()), stored(Middle())) == (True, False)


def test_command_line_stores_outputs_by_default():
    with pytest.raises(SystemExit):
        run(['End', '--local-scheduler', '--no-lock'])
    assert (stored(End()), stored(Middle())) == (True, True)


@pytest.mark.parametrize(('arguments', 'is_stored'), [({}, False), ({'cache': 'disk'}, True)])
def test_configuration_says_where_outputs_are_handed_on(arguments, is_stored, config):
    config.set('gokart_worker', 'cache', 'memory')
    assert build(End(), **arguments) == 'middle'
    assert stored(Middle()) == is_stored


def test_cache_that_there_is_not_ends_a_command_with_an_error(capsys):
    with pytest.raises(SystemExit) as ended:
        run(['End', '--local-scheduler', '--no-lock', '--gokart-worker-cache', 'memroy'])
    assert ended.value.code
    assert 'memroy' in capsys.readouterr().err


def test_executor_is_used_to_the_full():
    with ThreadPoolExecutor(4) as executor:
        build(Tree(), executor=executor)
    assert 1 < max(most) <= 4


@pytest.mark.parametrize('executor', [None, 'threads'])
@pytest.mark.parametrize('workers', [0, -1, 'two', float('inf')])
def test_number_of_workers_must_be_positive_and_whole(workers, executor):
    with pytest.raises(ConfigError, match=re.escape(f'workers is {workers!r}; it must be')):
        build(Tree(), executor=executor, workers=workers)


@pytest.mark.parametrize('executor', [None, 'threads'])
@pytest.mark.parametrize('workers', [None, '1', 1.0, True])
def test_number_of_workers_may_be_whatever_int_takes(workers, executor):
    build(Leaf(number=1), executor=executor, workers=workers)


@pytest.mark.parametrize(
    ('executor', 'hint'),
    [
        ('thread', "Did you mean 'threads'?"),
        ('Processes', "Did you mean 'processes'?"),
        ("'threads'", 'Write it without quotes or spaces around it: threads.'),
        (' dask://there:1', 'Write it without quotes or spaces around it: dask://there:1.'),
        (ThreadPoolExecutor, 'That is the class itself: call it, ThreadPoolExecutor(...).'),
    ],
)
def test_executor_that_is_nearly_named_well_is_told_with_the_cure(executor, hint):
    with pytest.raises(ConfigError, match=re.escape(hint)):
        build(Leaf(number=1), executor=executor)


def test_executor_of_the_user_lives_on():
    with ThreadPoolExecutor(2) as executor:
        build(Tree(), executor=executor)
        assert executor.submit(len, 'abc').result() == 3


def test_threads_of_a_build_end_with_it(new_threads):
    build(Tree(), executor='threads')
    deadline = time.monotonic() + 5
    while new_threads() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not new_threads()


def test_threads_leave_the_random_numbers_of_the_caller_alone():
    import random

    random.seed(7)
    state = random.getstate()
    build(Tree(), executor='threads')
    assert random.getstate() == state


def test_many_threads_share_a_workspace():
    class Wide(gokart.TaskOnKart):
        def requires(self):
            return [Leaf(number=number) for number in range(200)]

        def run(self):
            self.dump(sum(value == 'x' for value in self.load()))

    assert build(Wide(), executor='threads', workers=50) == 200
