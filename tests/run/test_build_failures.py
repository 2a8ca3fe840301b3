"""A build that fails says what failed, why, where, and how to run it alone."""

from __future__ import annotations

import os
import re
import signal
import sys
import threading
import time

import luigi
import pytest
from luigi.parameter import ParameterVisibility

import gokart
from gokart.build import GokartBuildError, build
from gokart.errors import (
    LostTaskError,
    MissingOutputError,
    TaskTimeoutError,
    UnpicklableError,
    UnreachableStorageError,
)

both = pytest.mark.parametrize('workers', [1, 2])


class TwoArgumentError(Exception):
    def __init__(self, left, right):
        super().__init__(f'{left} and {right}')


class Failing(gokart.TaskOnKart):
    number = luigi.IntParameter(default=1)
    password = luigi.Parameter(default='sesame', visibility=ParameterVisibility.PRIVATE)

    def run(self):
        raise ValueError(f'boom {self.number}')


class Top(gokart.TaskOnKart):
    width = luigi.IntParameter(default=1)

    def requires(self):
        return [Failing(number=number) for number in range(self.width)]

    def run(self):
        self.dump('never')


class Body(gokart.TaskOnKart):
    """Runs the function that a test gives it."""

    function = staticmethod(lambda: None)

    def run(self):
        type(self).function()
        self.dump('x')


def body(function):
    class Task(Body):
        pass

    Task.function = staticmethod(function)
    return Task()


def failure_of(task, **options):
    with pytest.raises(GokartBuildError) as caught:
        build(task, **options)
    return caught.value


@both
def test_exceptions_are_handed_over_by_unique_id(workers):
    error = failure_of(Top(width=2), workers=workers)
    found = {key: [str(item) for item in items] for key, items in error.raised_exceptions.items()}
    assert found == {Failing(number=number).make_unique_id(): [f'boom {number}'] for number in range(2)}
    assert all(type(item) is ValueError for items in error.raised_exceptions.values() for item in items)


@both
def test_first_exception_is_the_cause(workers):
    error = failure_of(Failing(), workers=workers)
    assert error.__cause__ is error.raised_exceptions[Failing().make_unique_id()][0]


@both
def test_message_names_task_exception_and_line(workers):
    message = str(failure_of(Top(), workers=workers))
    assert message.startswith(f'{Top()} was not built. Of 2 tasks: 1 failed, 1 could not run because of that.')
    assert f'{Failing(number=0)} failed\n  ValueError: boom 0\n' in message
    assert re.search(
        rf'    {re.escape(__file__)}:\d+ in run\n      raise ValueError\(f\'boom {{self.number}}\'\)\n', message
    )


@both
def test_message_shows_no_frames_of_gokart_and_luigi(workers):
    message = str(failure_of(Failing(), workers=workers))
    assert 'luigi/' not in message
    assert f'gokart{os.sep}' not in message


@both
def test_message_never_shows_private_values(workers):
    message = str(failure_of(Failing(), workers=workers))
    assert 'sesame' not in message
    assert 'password=...' in message


def test_many_failures_are_counted():
    message = str(failure_of(Top(width=13)))
    assert message.count('To run it alone') == 10
    assert '... and 3 more tasks failed' in message


def test_causes_of_an_exception_are_shown():
    def fail():
        try:
            {}['key']
        except KeyError as error:
            raise OSError('outer') from error

    assert "OSError: outer\n  caused by KeyError: 'key'" in str(failure_of(body(fail)))


def test_an_error_of_a_storage_is_told_without_those_of_its_client():
    def fail():
        try:
            raise OSError('HTTPConnectionPool: Max retries exceeded')
        except OSError as error:
            raise UnreachableStorageError('nothing answers at http://127.0.0.1:9') from error

    report = str(failure_of(body(fail)))
    assert 'UnreachableStorageError: nothing answers' in report
    assert 'HTTPConnectionPool' not in report


@both
def test_task_without_dump_fails(workers):
    """Else the task that requires it would be tried again and again."""

    class Forgetful(gokart.TaskOnKart):
        def run(self):
            pass

    class Consumer(gokart.TaskOnKart):
        def requires(self):
            return Forgetful()

        def run(self):
            self.dump(self.load())

    error = failure_of(Consumer(), workers=workers)
    assert isinstance(error.__cause__, MissingOutputError)
    assert f'{Forgetful()}: run() ended, but these outputs do not exist: ' in str(error)
    assert Forgetful().output().path() in str(error)
    assert 'Call self.dump(...)' in str(error)


def test_task_with_its_own_complete_may_leave_no_output():
    class Sender(gokart.TaskOnKart):
        sent = False

        def complete(self):
            return type(self).sent

        def run(self):
            type(self).sent = True

    build(Sender(), return_value=False)


@pytest.mark.parametrize(
    ('end', 'how'),
    [
        (lambda: os.kill(os.getpid(), signal.SIGKILL), 'killed by SIGKILL'),
        (lambda: os.kill(os.getpid(), signal.SIGTERM), 'with exit code 143'),
        (lambda: os._exit(3), 'with exit code 3'),
        (lambda: os._exit(0), 'with exit code 0'),
    ],
    ids=['killed', 'told to end', 'exit 3', 'exit 0'],
)
def test_process_that_dies_is_a_failure(end, how):
    error = failure_of(body(end), workers=2)
    assert isinstance(error.__cause__, LostTaskError)
    assert f'its process ended without a result, {how}' in str(error)


def test_process_that_dies_before_its_own_children_is_noticed():
    """They hold the pipe to the driver open."""

    def leave_child_and_die():
        if os.fork() == 0:
            time.sleep(8)
            os._exit(0)
        os._exit(7)

    started = time.monotonic()
    assert 'with exit code 7' in str(failure_of(body(leave_child_and_die), workers=2))
    assert time.monotonic() - started < 6


def test_dead_process_fails_no_other_task():
    class Good(gokart.TaskOnKart):
        number = luigi.IntParameter()

        def run(self):
            time.sleep(0.1)
            self.dump(self.number)

    dying = body(lambda: os.kill(os.getpid(), signal.SIGKILL))

    class Both(gokart.TaskOnKart):
        def requires(self):
            return [dying, *(Good(number=number) for number in range(4))]

        def run(self):
            self.dump('never')

    assert failure_of(Both(), workers=2).raised_exceptions.keys() == {dying.make_unique_id()}
    assert all(Good(number=number).complete() for number in range(4))


@both
@pytest.mark.parametrize('deaf', [False, True])
def test_task_that_takes_too_long_is_ended(workers, deaf, monkeypatch):
    monkeypatch.setattr('gokart.running.child_process.GRACE_SECONDS', 0.2)

    class Slow(gokart.TaskOnKart):
        worker_timeout = 0.3

        def run(self):
            if deaf:
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
            time.sleep(30)

    error = failure_of(Slow(), workers=workers)
    assert isinstance(error.__cause__, TaskTimeoutError)
    assert 'took longer than 0.3 seconds' in str(error)


@both
def test_exit_in_a_body_is_a_failure(workers):
    assert 'SystemExit: 5' in str(failure_of(body(lambda: sys.exit(5)), workers=workers))


def test_exception_that_cannot_travel_has_a_stand_in():
    def fail():
        raise ValueError('locked', threading.Lock())

    error = failure_of(body(fail), workers=2)
    stand_in = error.__cause__
    assert isinstance(stand_in, UnpicklableError)
    assert str(stand_in).startswith("ValueError: ('locked', <unlocked _thread.lock")
    assert 'in fail' in stand_in.traceback_text
    assert str(stand_in) in str(error)


def test_exception_whose_init_takes_other_arguments_comes_back_as_it_is():
    def fail():
        raise TwoArgumentError('one', 'two')

    error = failure_of(body(fail), workers=2)
    assert type(error.__cause__) is TwoArgumentError
    assert str(error.__cause__) == 'one and two'


def test_traceback_of_another_process_is_printed():
    import traceback

    error = failure_of(Failing(), workers=2)
    assert "raise ValueError(f'boom {self.number}')" in ''.join(traceback.format_exception(error.__cause__))


@both
@pytest.mark.parametrize('method', ['complete', 'requires', 'output'])
def test_error_while_scheduling_is_a_failure(method, workers):
    class Broken(gokart.TaskOnKart):
        def run(self):
            self.dump('x')

    def fail(self):
        raise LookupError(f'in {method}')

    setattr(Broken, method, fail)

    class Above(gokart.TaskOnKart):
        def requires(self):
            return Broken()

        def run(self):
            self.dump('x')

    error = failure_of(Above(), workers=workers)
    assert isinstance(error.__cause__, LookupError)
    assert 'could not be scheduled\n' in str(error)
    assert "raise LookupError(f'in {method}')" in str(error)


def test_error_in_requires_of_a_plain_luigi_task_is_a_failure():
    class Broken(luigi.Task):
        def requires(self):
            raise LookupError('no')

        def complete(self):
            return False

    error = failure_of(Broken())
    assert [type(item) for item in error.raised_exceptions[Broken().task_id]] == [LookupError]


@pytest.mark.parametrize('value', [None, 'yes'])
def test_complete_that_returns_no_truth_is_a_failure(value):
    class Odd(gokart.TaskOnKart):
        def complete(self):
            return value

    assert f'complete() returns {value!r}. It must return True or False' in str(failure_of(Odd()))


@pytest.mark.parametrize('wrong', ['text', luigi.LocalTarget('x')])
def test_requirement_that_is_no_task_is_a_failure(wrong):
    class Odd(luigi.Task):
        def requires(self):
            return wrong

        def complete(self):
            return False

    error = failure_of(Odd())
    assert 'Odd() could not be scheduled' in str(error)


def test_missing_external_data_are_named():
    class Given(luigi.ExternalTask):
        def output(self):
            return luigi.LocalTarget('given.csv')

    class Reader(gokart.TaskOnKart):
        def requires(self):
            return Given()

        def run(self):
            self.dump('x')

    error = failure_of(Reader())
    assert error.raised_exceptions == {}
    assert 'Of 2 tasks: 1 found no external data, 1 could not run because of that.' in str(error)
    assert 'External data is missing:\n  Given(): given.csv' in str(error)


def test_summary_of_luigi_may_fail():
    """It recurses along the chain of tasks that wait for the failed one."""

    class Link(gokart.TaskOnKart):
        depth = luigi.IntParameter()

        def requires(self):
            return [Link(depth=self.depth - 1)] if self.depth else []

        def run(self):
            raise ValueError('at the root of it')

    depth = sys.getrecursionlimit() * 6 // 5
    message = str(failure_of(Link(depth=depth)))
    assert f'1 failed, {depth} could not run because of that' in message
    assert 'ValueError: at the root of it' in message


def test_error_of_on_failure_hides_nothing():
    class Clumsy(gokart.TaskOnKart):
        def run(self):
            raise ValueError('the cause')

        def on_failure(self, exception):
            raise TypeError('of the handler')

    assert 'ValueError: the cause' in str(failure_of(Clumsy()))


@both
def test_success_after_a_retry_is_a_success(workers, config, tmp_path):
    config.set('gokart_worker', 'keep_alive', 'true')
    config.set('gokart_worker', 'wait_interval', '0.05')
    config.set('gokart_worker', 'wait_jitter', '0')
    config.set('scheduler', 'retry_delay', '0')

    class Moody(gokart.TaskOnKart):
        def run(self):
            if not (tmp_path / 'tried').exists():
                (tmp_path / 'tried').touch()
                raise ValueError('first time')
            self.dump('second time')

    assert build(Moody(), workers=workers) == 'second time'


@pytest.mark.filterwarnings('ignore:The configuration contains the parameter')
def test_scheduler_that_cannot_be_reached_is_named(config):
    config.set('core', 'rpc_retry_attempts', '1')
    error = failure_of(body(lambda: None), local_scheduler=False, scheduler_url='http://127.0.0.1:9')
    assert isinstance(error.__cause__, luigi.rpc.RPCError)
    assert "connecting to remote scheduler 'http://127.0.0.1:9'" in str(error)
