"""A build inside of a body comes to its end, also where both have the same executor."""

from __future__ import annotations

import logging
import multiprocessing
import sys
import threading
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from types import SimpleNamespace

import luigi
import pytest

import gokart
from gokart.build import GokartBuildError, build
from gokart.errors import ConfigError
from gokart.running.engines import dask_clients


class Inner(gokart.TaskOnKart):
    number = luigi.IntParameter()
    word = luigi.Parameter(default='default')

    def run(self):
        time.sleep(0.02)
        self.dump(self.word)


class Inside(gokart.TaskOnKart):
    number = luigi.IntParameter()

    def requires(self):
        return [Inner(number=10 * self.number + number) for number in range(2)]

    def run(self):
        self.dump(self.load())


class Outer(gokart.TaskOnKart):
    """Changes the configuration and builds with an executor of the same kind as the one that runs it."""

    number = luigi.IntParameter()
    name = luigi.Parameter()

    def run(self):
        luigi.configuration.get_config().set('Inner', 'word', f'word {self.name}')
        self.dump(build(Inside(number=self.number), executor=same_executor(self.name), log_level=logging.CRITICAL))


class Top(gokart.TaskOnKart):
    name = luigi.Parameter()

    def requires(self):
        return [Outer(number=number, name=self.name) for number in range(3)]

    def run(self):
        self.dump(self.load())


def same_executor(name):
    if name == 'thread pool':
        return pool_of_one
    if name == 'loky':
        import loky

        return loky.get_reusable_executor(1)
    if name == 'dask':
        import distributed

        return distributed.get_client()
    return name


pool_of_one = None


@pytest.fixture
def pool(monkeypatch):
    with ThreadPoolExecutor(1) as executor:
        monkeypatch.setattr(sys.modules[__name__], 'pool_of_one', executor)
        yield executor


@pytest.mark.parametrize('executor', ['threads', 'processes', 'loky', 'dask'], indirect=True)
def test_build_inside_of_a_body_has_the_executor_of_the_body(executor, request):
    name = request.node.callspec.params['executor']
    expected = [[f'word {name}'] * 2] * 3
    assert build(Top(name=name), executor=executor, workers=2, log_level=logging.CRITICAL) == expected


def test_build_inside_of_a_body_has_the_only_thread_of_a_pool(pool):
    assert build(Top(name='thread pool'), executor=pool) == [['word thread pool'] * 2] * 3


class PoolOfThisPython(ThreadPoolExecutor):
    def __init__(self, workers, initializer):
        super().__init__(workers, initializer=initializer)


class PoolOfPython314(PoolOfThisPython):
    """Keeps its initializer where Python 3.14 keeps it."""

    def __init__(self, workers, initializer):
        super().__init__(workers, initializer)
        if hasattr(self, '_initializer'):
            self._create_worker_context = lambda: SimpleNamespace(initialize=initializer, finalize=lambda: None)
            self._initializer = None


@pytest.mark.parametrize('kind', [PoolOfThisPython, PoolOfPython314])
def test_build_inside_of_a_body_runs_in_threads_that_are_initialized(kind):
    own = threading.local()

    class Using(gokart.TaskOnKart):
        def run(self):
            self.dump(own.word)

    class Around(gokart.TaskOnKart):
        def run(self):
            self.dump(build(Using(), executor=pool))

    with kind(1, lambda: setattr(own, 'word', 'set')) as pool:
        assert build(Around(), executor=pool) == 'set'


def test_build_inside_of_a_body_uses_what_is_free_of_a_pool():
    at_once = multiprocessing.get_context().Barrier(3)

    class Together(gokart.TaskOnKart):
        number = luigi.IntParameter()

        def run(self):
            at_once.wait(20)
            self.dump('x')

    class All(gokart.TaskOnKart):
        def requires(self):
            return [Together(number=number) for number in range(3)]

        def run(self):
            self.dump('all')

    class Around(gokart.TaskOnKart):
        def run(self):
            self.dump(build(All(), executor=executor))

    with ThreadPoolExecutor(3) as executor:
        assert build(Around(), executor=executor) == 'all'


def test_build_inside_of_a_thread_of_a_build_inside_of_a_body(pool):
    class Middle(gokart.TaskOnKart):
        def run(self):
            self.dump(build(Inner(number=1), executor=pool))

    class Around(gokart.TaskOnKart):
        def run(self):
            self.dump(build(Middle(), executor='threads'))

    assert build(Around(), executor=pool) == 'default'


def test_interrupt_inside_of_a_body_ends_all(pool):
    class Interrupted(gokart.TaskOnKart):
        def run(self):
            raise KeyboardInterrupt

    class Around(gokart.TaskOnKart):
        def run(self):
            self.dump(build(Interrupted(), executor=pool))

    with pytest.raises(KeyboardInterrupt):
        build(Around(), executor=pool)


class OnLeftovers(gokart.TaskOnKart):
    """Builds with an executor of the process that forked the one of its body."""

    def run(self):
        self.dump(build(Inner(number=1), executor=pool_of_one, log_level=logging.CRITICAL))


def dask_client():
    import distributed

    return distributed.Client(processes=False, n_workers=1, threads_per_worker=1, dashboard_address=None)


def loky_executor():
    import loky

    return loky.ProcessPoolExecutor(1)


LEFT_OVER = {
    'threads': lambda: ThreadPoolExecutor(1),
    'processes': lambda: ProcessPoolExecutor(1, mp_context=multiprocessing.get_context('fork')),
    'loky': loky_executor,
    'dask': dask_client,
}


@pytest.mark.skipif(sys.platform == 'win32', reason='forks')
@pytest.mark.parametrize('kind', LEFT_OVER)
def test_executor_of_the_process_that_forked_this_one_is_an_error(kind, monkeypatch, config):
    config.set('gokart_worker', 'start_method', 'fork')
    monkeypatch.setattr(dask_clients, '_LOOP_SECONDS', 0.5)
    with LEFT_OVER[kind]() as executor:
        assert executor.submit(len, 'abc').result() == 3
        monkeypatch.setattr(sys.modules[__name__], 'pool_of_one', executor)
        with pytest.raises(GokartBuildError, match=r'(?s)OnLeftovers.* belongs to the process that forked') as caught:
            build(OnLeftovers(), workers=2, log_level=logging.CRITICAL)
    assert isinstance(caught.value.__cause__, ConfigError)


class InProcesses(gokart.TaskOnKart):
    """Builds one of its kind in a process of its own, `depth` times."""

    depth = luigi.IntParameter()
    options = luigi.DictParameter()

    def run(self):
        if self.depth:
            inner = InProcesses(depth=self.depth - 1, options=self.options)
            build(inner, log_level=logging.CRITICAL, **self.options)
        self.dump(multiprocessing.current_process().pid)


@pytest.mark.parametrize('options', [{'executor': 'processes'}, {'workers': 2}])
def test_daemon_such_as_a_worker_of_dask_has_processes_and_stays_a_daemon(options, monkeypatch):
    monkeypatch.setitem(multiprocessing.current_process()._config, 'daemon', True)
    build(InProcesses(depth=2, options=options), **options)
    assert len({InProcesses(depth=depth, options=options).output().load() for depth in range(3)}) == 3
    assert multiprocessing.current_process().daemon
