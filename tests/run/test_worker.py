"""The worker looks twice before it runs a task, and takes requirements that a running body asks for."""

from __future__ import annotations

import logging
import subprocess
import sys
import textwrap
import threading
import time
from unittest import mock

import luigi
import pytest
from luigi.parameter import ParameterVisibility

import gokart
from gokart.build import GokartBuildError, build
from gokart.errors import ConfigError
from gokart.running.worker import Worker, gokart_worker
from gokart.scheduling.scheduler import LocalScheduler

both = pytest.mark.parametrize('workers', [1, 2])


class Number(gokart.TaskOnKart):
    value = luigi.IntParameter(default=1)
    secret = luigi.Parameter(default='', visibility=ParameterVisibility.PRIVATE, significant=False)

    def run(self):
        self.dump((self.value, self.secret))


class Late(gokart.TaskOnKart):
    """Is completed by somebody else after it was scheduled."""

    looks = 0

    def complete(self):
        type(self).looks += 1
        return type(self).looks > 1

    def run(self):
        raise AssertionError('it ran although it was complete')


@pytest.fixture(autouse=True)
def _first_look():
    Late.looks = 0


def test_task_that_is_complete_by_now_is_skipped_with_a_warning(caplog):
    build(Late(), return_value=False, log_level=logging.WARNING)
    assert f'{Late()} is skipped because the task is already completed.' in caplog.messages


@pytest.mark.parametrize(('of_worker', 'of_task'), [('false', True), ('true', False)])
def test_worker_and_task_ask_for_the_second_look_each_by_itself(config, of_worker, of_task):
    config.set('gokart_worker', 'task_completion_check_at_run', of_worker)
    build(Late(complete_check_at_run=of_task), return_value=False)
    assert Late.looks > 1


def test_second_look_can_be_switched_off(config):
    config.set('gokart_worker', 'task_completion_check_at_run', 'false')
    with pytest.raises(GokartBuildError):
        build(Late(complete_check_at_run=False), return_value=False)


@both
def test_body_waits_for_what_it_yields(workers):
    class Dynamic(gokart.TaskOnKart):
        def run(self):
            one = yield Number(value=1)
            two, three = yield [Number(value=2), Number(value=3)]
            named = yield {'four': Number(value=4)}
            self.dump([target.load()[0] for target in (one, two, three, named['four'])])

    assert build(Dynamic(), workers=workers) == [1, 2, 3, 4]


@both
def test_yielded_task_keeps_its_private_parameters(workers):
    class Dynamic(gokart.TaskOnKart):
        def run(self):
            target = yield Number(secret='sesame')
            self.dump(target.load())

    assert build(Dynamic(), workers=workers) == (1, 'sesame')


@both
def test_yielded_task_of_a_local_class_is_found(workers):
    class Local(gokart.TaskOnKart):
        word = luigi.Parameter()

        def run(self):
            self.dump(self.word)

    class Dynamic(gokart.TaskOnKart):
        def run(self):
            target = yield Local(word='ü')
            self.dump(target.load())

    assert build(Dynamic(), workers=workers) == 'ü'


def test_body_that_yielded_goes_on_although_its_output_exists():
    ends = []

    class Early(gokart.TaskOnKart):
        def run(self):
            self.dump('x')
            yield Number(value=5)
            ends.append('end')

    build(Early())
    assert ends == ['end']


@both
def test_failure_of_a_yielded_task_is_reported(workers):
    class Failing(gokart.TaskOnKart):
        def run(self):
            raise ValueError('asked for in vain')

    class Dynamic(gokart.TaskOnKart):
        def run(self):
            yield Failing()

    with pytest.raises(GokartBuildError, match='asked for in vain') as caught:
        build(Dynamic(), workers=workers)
    assert '1 failed, 1 could not run because of that' in str(caught.value)


@both
def test_yielded_task_that_never_is_complete_ends_the_build(workers):
    class Never(luigi.Task):
        def run(self):
            pass

        def complete(self):
            return False

    class Dynamic(gokart.TaskOnKart):
        def run(self):
            yield Never()

    with pytest.raises(GokartBuildError, match='has run and still is not complete'):
        build(Dynamic(), workers=workers)


@both
def test_many_bodies_may_yield_one_finished_task_beside_others_that_are_not(workers):
    class Dynamic(gokart.TaskOnKart):
        number = luigi.IntParameter()

        def run(self):
            yield [Number(value=0), Number(value=self.number)]
            self.dump('done')

    class Whole(gokart.TaskOnKart):
        def requires(self):
            return [Dynamic(number=number) for number in range(1, 5)]

        def run(self):
            self.dump(self.load())

    assert build(Whole(), workers=workers) == ['done'] * 4


@both
def test_yield_of_what_is_no_task_is_a_failure(workers):
    class Odd(gokart.TaskOnKart):
        def run(self):
            yield 'text'

    with pytest.raises(GokartBuildError, match=r"run\(\) yields an item of type str: 'text'"):
        build(Odd(), workers=workers)


def test_requirement_that_vanished_is_made_again(config):
    config.set('scheduler', 'stable_done_cooldown_secs', '0')

    class Vanishing(gokart.TaskOnKart):
        def run(self):
            self.dump('x')

    class Thief(gokart.TaskOnKart):
        def requires(self):
            return Vanishing()

        def run(self):
            self.dump('y')
            Vanishing().output().remove()

    class Top(gokart.TaskOnKart):
        def requires(self):
            return [Thief(), Vanishing()]

        def run(self):
            self.dump(self.load())

    assert build(Top()) == ['y', 'x']


def test_completeness_can_be_looked_at_in_threads():
    seen = set()

    class Leaf(gokart.TaskOnKart):
        number = luigi.IntParameter()

        def complete(self):
            seen.add(threading.current_thread().name.rpartition('_')[0])
            return super().complete()

        def run(self):
            self.dump(self.number)

    class Wide(gokart.TaskOnKart):
        def requires(self):
            return [Leaf(number=number) for number in range(20)]

        def run(self):
            self.dump(sum(self.load()))

    assert build(Wide(), parallel_scheduling=True) == 190
    assert 'gokart-look' in seen


def test_flag_of_a_build_counts_in_threads_too():
    build(Number())
    runs = []

    class Again(gokart.TaskOnKart):
        def run(self):
            runs.append(1)
            self.dump('x')

    build(Again())
    build(Again(rerun=True), parallel_scheduling=True)
    assert len(runs) == 2


def test_known_completeness_is_remembered_if_wanted(config):
    config.set('gokart_worker', 'cache_task_completion', 'true')

    class Dynamic(gokart.TaskOnKart):
        def run(self):
            target = yield Number(value=9)
            self.dump(target.load()[0])

    assert build(Dynamic(), workers=2) == 9


def test_worker_takes_luigis_settings_from_its_own_section(config):
    config.set('gokart_worker', 'timeout', '7')
    config.set('worker', 'timeout', '9')
    assert gokart_worker().timeout == 7
    assert Worker()._config.timeout == 7


def test_worker_takes_a_config():
    worker = Worker(worker_id='me', worker_processes=3, config=gokart_worker(max_reschedules=5))
    assert (worker._id, worker.worker_processes, worker._config.max_reschedules) == ('me', 3, 5)


def test_wait_interval_must_be_positive():
    with pytest.raises(ConfigError, match='wait_interval is 0'):
        Worker(config=gokart_worker(wait_interval=0))


def test_build_without_server_needs_no_thread(new_threads):
    """A process should not be forked while others of its threads run."""
    seen = []

    class Looking(gokart.TaskOnKart):
        def run(self):
            seen.append(new_threads())
            self.dump('x')

    build(Looking())
    assert seen == [[]]


def test_worker_of_a_server_tells_it_that_it_lives(config):
    pinged = threading.Event()
    scheduler = mock.Mock()
    scheduler.ping.side_effect = lambda worker: pinged.set()
    with Worker(scheduler=scheduler, config=gokart_worker(ping_interval=0.01)):
        assert pinged.wait(5)


def test_worker_is_not_forgotten_while_a_long_task_runs(monkeypatch):
    clock = mock.Mock(hours=0)
    clock.time = lambda: time.time() + clock.hours * 3600
    monkeypatch.setattr('luigi.scheduler.time', clock)

    class Long(gokart.TaskOnKart):
        number = luigi.IntParameter()

        def requires(self):
            return [Long(number=self.number - 1)] if self.number else []

        def run(self):
            clock.hours += 1
            self.dump('x')

    assert build(Long(number=3)) == 'x'


class Timed(gokart.TaskOnKart):
    """Takes no time; its process goes on longer than the task may take, for a thread that the body leaves."""

    number = luigi.IntParameter()
    worker_timeout = 1

    def run(self):
        threading.Thread(target=time.sleep, args=(1.6,)).start()
        self.dump('in time')

    def process_resources(self):
        """Is called by the driver, once before the task runs and once when its result is settled."""
        if self.output().exists():
            time.sleep(1.1)
        return super().process_resources()


def test_result_that_has_arrived_counts_although_it_is_looked_at_late():
    class All(gokart.TaskOnKart):
        def requires(self):
            return [Timed(number=number) for number in range(2)]

        def run(self):
            self.dump(self.load())

    assert build(All(), workers=2) == ['in time'] * 2


def test_worker_can_be_made_in_any_thread():
    made = []
    thread = threading.Thread(target=lambda: made.append(Worker()))
    thread.start()
    thread.join()
    with made[0]:
        pass


def test_priority_goes_down_a_long_chain():
    """Luigi's scheduler recurses."""
    scheduler = LocalScheduler()
    depth = sys.getrecursionlimit() * 2
    for number in range(depth):
        scheduler.add_task(task_id=str(number), worker='w', deps=[str(number - 1)] if number else [])
    scheduler.add_task(task_id='top', worker='w', deps=[str(depth - 1)], priority=7)
    assert {task['priority'] for task in scheduler.task_list('PENDING', '', max_shown_tasks=10**6).values()} == {7}


SPAWNED = """
    import logging
    import gokart, luigi

    class SpawnError(Exception):
        pass

    class Plain(luigi.Task):
        word = luigi.Parameter(default='plain')
        def output(self):
            return luigi.LocalTarget('plain.txt')
        def run(self):
            with self.output().open('w') as file:
                file.write(self.word)

    class Inner(gokart.TaskOnKart):
        word = luigi.Parameter(default='default')
        def run(self):
            self.dump(self.word)

    class Outer(gokart.TaskOnKart):
        plain = luigi.TaskParameter(default=Plain)
        def requires(self):
            return Plain()
        def run(self):
            target = yield Inner()
            self.dump([target.load(), self.input().open().read()])

    class Failing(gokart.TaskOnKart):
        def run(self):
            raise SpawnError('from afar')

    if __name__ == '__main__':
        luigi.configuration.get_config().set('Inner', 'word', 'configured')
        luigi.configuration.get_config().set('gokart_worker', 'start_method', 'spawn')
        print(gokart.build(Outer(), workers=2))
        try:
            gokart.build(Failing(), workers=2, log_level=logging.CRITICAL)
        except Exception as error:
            print(type(error.__cause__).__name__, error.__cause__)
"""


def test_processes_need_not_be_forked(tmp_path):
    """Settings, tasks of the main module and exceptions travel by pickle alone."""
    script = tmp_path / 'script.py'
    script.write_text(textwrap.dedent(SPAWNED))
    done = subprocess.run([sys.executable, '-W', 'ignore', script], capture_output=True, text=True)
    assert done.stdout.splitlines() == ["['configured', 'plain']", 'SpawnError from afar'], done.stderr
