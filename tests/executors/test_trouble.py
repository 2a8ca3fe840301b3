"""What kills a body, or keeps it from ending, costs one attempt: Luigi decides what comes next."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import ClassVar

import luigi
import pytest
from support.executor_tasks import Killed, Limited, Number, Several, Slow

import gokart
from gokart.build import GokartBuildError, build
from gokart.errors import LostTaskError, TaskTimeoutError


@pytest.fixture
def at_once(config):
    """Tasks that failed are tried again without a delay."""
    config.set('scheduler', 'retry_delay', '0')
    config.set('gokart_worker', 'wait_interval', '0.05')
    config.set('gokart_worker', 'wait_jitter', '0')
    config.set('gokart_worker', 'keep_alive', 'true')


def of_processes(*names):
    return pytest.mark.parametrize('executor', names, indirect=True)


class Beside(gokart.TaskOnKart):
    """Needs a task that is killed, and tasks that run at the same time."""

    notes = luigi.Parameter(significant=False)
    stone = luigi.Parameter(significant=False)

    def requires(self):
        beside = [Slow(number=number, seconds=0.2, notes=self.notes) for number in range(3)]
        return [Killed(notes=self.notes, stone=self.stone), *beside]

    def run(self):
        self.dump(self.load()[0])


@of_processes('processes', 'process pool', 'loky')
def test_killed_task_is_tried_again(executor, notes, tmp_path, at_once):
    task = Killed(notes=notes.path, stone=str(tmp_path / 'stone'))
    assert build(task, executor=executor, workers=2, log_level=logging.CRITICAL) == 'survived'
    assert notes.counted('body') == {('Killed', 'body'): 2}


# A thread of the pool may still look at its processes after shutdown() has dropped them.
@pytest.mark.filterwarnings('ignore::pytest.PytestUnhandledThreadExceptionWarning')
@pytest.mark.skipif(sys.version_info < (3, 11), reason='a pool has no such option')
def test_pool_in_place_of_a_broken_one_renews_its_processes_as_that_one_did(notes, tmp_path, at_once):
    task = Beside(notes=notes.path, stone=str(tmp_path / 'stone'))
    with ProcessPoolExecutor(1, multiprocessing.get_context('forkserver'), max_tasks_per_child=1) as pool:
        build(task, executor=pool, log_level=logging.CRITICAL)
    bodies = [process_id for _, what, process_id in notes.lines() if what == 'body']
    assert len(bodies) == len(set(bodies))


def test_warm_process_that_is_killed_takes_only_its_own_task_along(notes, tmp_path, at_once):
    task = Beside(notes=notes.path, stone=str(tmp_path / 'stone'))
    assert build(task, executor='processes', workers=2, log_level=logging.CRITICAL) == 'survived'
    assert notes.counted('body') == {('Killed', 'body'): 2, **{(f'Slow{number}', 'body'): 1 for number in range(3)}}


@of_processes('processes', 'process pool')
def test_killed_task_is_told_of(executor, notes, tmp_path):
    lost = []

    @Killed.event_handler(luigi.Event.PROCESS_FAILURE)
    def note(task, message):
        lost.append(message)

    try:
        task = Killed(notes=notes.path, stone=str(tmp_path / 'stone'))
        with pytest.raises(GokartBuildError, match='Killed') as caught:
            build(task, executor=executor, workers=2, log_level=logging.CRITICAL)
    finally:
        Killed.remove_event_handler(luigi.Event.PROCESS_FAILURE, note)
    assert isinstance(caught.value.__cause__, LostTaskError)
    assert lost == [str(caught.value.__cause__)]


def test_task_of_a_killed_worker_of_dask_runs_elsewhere_and_nothing_runs_twice(dask, notes):
    def kill():
        while ('Slow3', 'body') not in notes.counted('body'):
            time.sleep(0.02)
        os.kill(
            next(int(pid) for task, what, pid in notes.lines() if (task, what) == ('Slow3', 'body')), signal.SIGKILL
        )

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        build(Several(count=6, seconds=0.3, notes=notes.path), executor=dask, log_level=logging.CRITICAL)
    finally:
        killer.join(30)
    bodies = notes.counted('body')
    killed_pid = next(pid for task, what, pid in notes.lines() if (task, what) == ('Slow3', 'body'))
    finished = {task for task, what, pid in notes.lines() if what == 'event.core.success' and pid == killed_pid}
    assert bodies['Slow3', 'body'] == 2
    assert all(bodies[task, 'body'] == 1 for task in finished)


@of_processes('processes', 'dask')
def test_task_that_takes_too_long_is_ended(executor, notes):
    with pytest.raises(GokartBuildError, match='took longer than 1 seconds') as caught:
        build(Limited(seconds=60, notes=notes.path), executor=executor, log_level=logging.CRITICAL)
    assert isinstance(caught.value.__cause__, TaskTimeoutError)
    process_id = notes.process_ids().pop()
    assert is_gone(process_id)


def test_thread_that_takes_too_long_is_left_alone(notes):
    with pytest.raises(GokartBuildError, match='took longer than 1 seconds'):
        build(Limited(seconds=1.5, notes=notes.path), executor='threads', log_level=logging.CRITICAL)


def is_gone(process_id):
    for _ in range(100):
        try:
            os.kill(process_id, 0)
            state = Path(f'/proc/{process_id}/stat').read_text().rpartition(')')[2].split()[0]
        except (ProcessLookupError, FileNotFoundError):
            return True
        if state == 'Z':
            return True
        time.sleep(0.05)
    return False


INTERRUPTED = """
    import sys
    from concurrent.futures import ProcessPoolExecutor
    import gokart
    from support.executor_tasks import Several

    def executor():
        if sys.argv[1] == 'pool':
            return ProcessPoolExecutor(2)
        if sys.argv[1] == 'dask':
            import distributed
            return distributed.Client(n_workers=2, threads_per_worker=1, dashboard_address=None)
        return sys.argv[1]

    if __name__ == '__main__':
        seconds = float(sys.argv[3])
        gokart.build(Several(count=2, seconds=seconds, notes=sys.argv[2]), executor=executor(), workers=2)
"""


@pytest.mark.skipif(sys.platform == 'win32', reason='signals')
@pytest.mark.parametrize(('name', 'seconds'), [('processes', 60), ('pool', 60), ('dask', 60), ('threads', 1)])
def test_interrupt_ends_all(name, seconds, notes, tmp_path):
    script = tmp_path / 'script.py'
    script.write_text(textwrap.dedent(INTERRUPTED))
    environment = {**os.environ, 'PYTHONPATH': os.pathsep.join(sys.path)}
    driver = subprocess.Popen(
        [sys.executable, script, name, notes.path, str(seconds)], env=environment, stderr=subprocess.PIPE, text=True
    )
    try:
        while len(notes.counted('body')) < 2:
            time.sleep(0.02)
            assert driver.poll() is None, driver.communicate()
        driver.send_signal(signal.SIGINT)
        _, errors = driver.communicate(timeout=20)
    finally:
        driver.kill()
    assert 'KeyboardInterrupt' in errors
    assert all(is_gone(process_id) for process_id in notes.process_ids())
    if name in ('processes', 'threads'):
        assert notes.counted('end') == {('Slow0', 'end'): 1, ('Slow1', 'end'): 1}


def test_interrupt_in_a_body_ends_the_build(executor):
    class Interrupted(gokart.TaskOnKart):
        def run(self):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(Interrupted(), executor=executor)


def test_exit_in_a_body_is_a_failure_of_the_task(executor):
    class Exiting(gokart.TaskOnKart):
        def run(self):
            sys.exit(3)

    with pytest.raises(GokartBuildError, match='SystemExit: 3') as caught:
        build(Exiting(), executor=executor, log_level=logging.CRITICAL)
    assert isinstance(caught.value.__cause__, SystemExit)


def test_resources_limit_what_runs_at_a_time(config):
    config.set('resources', 'tool', '1')
    running, most = [], []

    class Using(gokart.TaskOnKart):
        number = luigi.IntParameter()
        resources: ClassVar = {'tool': 1}

        def run(self):
            running.append(1)
            most.append(len(running))
            time.sleep(0.02)
            running.pop()
            self.dump('x')

    class Top(gokart.TaskOnKart):
        def requires(self):
            return [Using(number=number) for number in range(5)]

        def run(self):
            self.dump('x')

    build(Top(), executor='threads', workers=5)
    assert max(most) == 1


def test_priorities_decide_what_comes_first():
    order = []

    class Ranked(gokart.TaskOnKart):
        number = luigi.IntParameter()

        @property
        def priority(self):
            return self.number

        def run(self):
            order.append(self.number)
            self.dump('x')

    class Top(gokart.TaskOnKart):
        def requires(self):
            return [Ranked(number=number) for number in (2, 5, 1, 4)]

        def run(self):
            self.dump('x')

    build(Top(), executor='threads', workers=1)
    assert order == [5, 4, 2, 1]


def test_no_process_survives_a_build(notes):
    build(Number(number=1, notes=notes.path), executor='processes', workers=2)
    assert all(is_gone(process_id) for process_id in notes.process_ids())
