"""The executors that every fact about executors is looked at with."""

from __future__ import annotations

import contextlib
import multiprocessing
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import pytest


@contextlib.contextmanager
def thread_pool():
    with ThreadPoolExecutor(2) as executor:
        yield executor


@contextlib.contextmanager
def process_pool():
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context('forkserver')) as executor:
        yield executor


@contextlib.contextmanager
def loky_pool():
    import loky

    executor = loky.get_reusable_executor(2)
    yield executor
    executor.shutdown(kill_workers=True)


@contextlib.contextmanager
def dask_executor():
    import distributed

    options = {'n_workers': 2, 'threads_per_worker': 1, 'dashboard_address': None}
    with distributed.LocalCluster(**options) as cluster, distributed.Client(cluster) as client:
        yield client.get_executor()


MAKERS = {
    'threads': lambda: contextlib.nullcontext('threads'),
    'thread pool': thread_pool,
    'processes': lambda: contextlib.nullcontext('processes'),
    'process pool': process_pool,
    'loky': loky_pool,
    'dask': dask_executor,
}


@pytest.fixture(scope='session')
def _executors():
    """Executors by name: each is made when it is first asked for, and lives as long as the tests."""
    with contextlib.ExitStack() as stack:
        made = {}

        def get(name):
            if name not in made:
                made[name] = stack.enter_context(MAKERS[name]())
            return made[name]

        yield get


@pytest.fixture(params=MAKERS)
def executor(request, _executors):
    """An executor of each kind."""
    return _executors(request.param)


@pytest.fixture
def dask(_executors):
    """An executor of a cluster of two processes of Dask."""
    return _executors('dask')


@pytest.fixture
def notes(tmp_path):
    """The file in which the tasks of `support.executor_tasks` note what happens: its path, and a way to read it."""
    return Notes(tmp_path / 'notes')


class Notes:
    def __init__(self, path):
        self.path = str(path)
        path.touch()

    def lines(self):
        with open(self.path, encoding='utf-8') as file:
            return [line.split() for line in file.read().splitlines()]

    def counted(self, *whats):
        """How often each of `whats` was noted for each task."""
        return Counter((task, what) for task, what, _ in self.lines() if what in whats)

    def process_ids(self):
        return {int(process_id) for _, _, process_id in self.lines()}
