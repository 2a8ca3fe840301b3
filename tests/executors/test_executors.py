"""Whatever runs the bodies, a build does the same."""

from __future__ import annotations

import importlib
import logging
import multiprocessing
import os
import sys
import threading
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor

import luigi
import pytest
from support.executor_tasks import EVENTS, Configured, Failing, Locked, Number, Total, TroubleError

import gokart
from gokart.build import GokartBuildError, build
from gokart.errors import ConfigError, UnportableTaskError
from gokart.in_memory import make_in_memory_target
from gokart.parameter import SerializableParameter


def test_build_returns_the_result(executor, notes):
    assert build(Total(notes=notes.path), executor=executor, workers=2) == [0, 1, 2, 10, 'sesame']


def test_events_fire_once_for_each_task(executor, notes):
    build(Total(notes=notes.path), executor=executor, workers=2)
    once = [(f'Number{number}', event) for number in (0, 1, 2, 10) for event in EVENTS if event != luigi.Event.FAILURE]
    # As with Luigi alone, a body that waited for requirements starts anew.
    total = {('Total', 'event.core.start'): 2, ('Total', 'event.core.success'): 1}
    assert notes.counted(*EVENTS) == {**dict.fromkeys(once, 1), **total, ('Total', 'event.core.processing_time'): 1}


def test_failure_is_told_once_with_its_exception(executor, notes):
    with pytest.raises(GokartBuildError, match='trouble in the body') as caught:
        build(Failing(notes=notes.path), executor=executor, workers=2, log_level=logging.CRITICAL)
    assert type(caught.value.__cause__) is ValueError
    assert 'in run\n' in str(caught.value)
    assert notes.counted(luigi.Event.FAILURE, luigi.Event.SUCCESS) == {('Failing0', luigi.Event.FAILURE): 1}


def test_exception_whose_init_takes_other_arguments_comes_back_as_it_is(executor, notes):
    with pytest.raises(GokartBuildError, match='TroubleError: trouble in the body') as caught:
        build(Failing(number=1, notes=notes.path), executor=executor, workers=2, log_level=logging.CRITICAL)
    assert type(caught.value.__cause__) is TroubleError


def test_exception_of_a_class_inside_of_a_function_comes_back_as_it_is(executor):
    class LocalError(Exception):
        def __init__(self, *, code):
            super().__init__(f'code {code}')

    class Fails(gokart.TaskOnKart):
        def run(self):
            raise LocalError(code=5)

    with pytest.raises(GokartBuildError) as caught:
        build(Fails(), executor=executor, workers=2, log_level=logging.CRITICAL)
    assert (type(caught.value.__cause__).__name__, str(caught.value.__cause__)) == ('LocalError', 'code 5')


def test_exit_comes_back_with_its_code(executor):
    class Exits(gokart.TaskOnKart):
        def run(self):
            sys.exit(4)

    with pytest.raises(GokartBuildError) as caught:
        build(Exits(), executor=executor, workers=2, log_level=logging.CRITICAL)
    assert caught.value.__cause__.code == 4


def test_configuration_of_the_build_counts(executor, notes, config):
    for word in ('one', 'two'):
        config.set('Configured', 'word', word)
        assert build(Configured(notes=notes.path), executor=executor) == word


def test_requirement_made_elsewhere_has_the_configuration_of_the_build(executor, notes, config):
    class Top(gokart.TaskOnKart):
        notes = luigi.Parameter(significant=False)

        def run(self):
            target = yield Configured(notes=self.notes)
            self.dump(target.load())

    config.set('Configured', 'word', 'configured')
    assert build(Top(notes=notes.path), executor=executor) == 'configured'


def test_relative_workspace_is_that_of_the_driver(executor, notes, tmp_path):
    task = Number(number=1, notes=notes.path, workspace_directory='./here')
    build(task, executor=executor)
    assert list((tmp_path / 'here').rglob(f'Number_{task.make_unique_id()}.pkl'))


def test_parameters_of_the_build_are_injected(executor, notes):
    class Parent(gokart.TaskOnKart):
        notes = luigi.Parameter(significant=False)

        def requires(self):
            return Configured(notes=self.notes)

        def run(self):
            self.dump(self.load())

    assert build(Parent(notes=notes.path), executor=executor, params={Configured: {'word': 'given'}}) == 'given'


def test_lock_of_a_run_is_held_while_the_body_runs_and_given_back(executor, notes, gokart_workspace):
    task = Locked(notes=notes.path, lock='workspace')
    assert build(task, executor=executor) == 1
    assert [
        path for path in (gokart_workspace / 'log' / 'locks').rglob('*') if task.make_unique_id() in path.name
    ] == []


def test_rerun_runs_once_more_and_not_twice(executor, notes):
    build(Number(number=1, notes=notes.path), executor=executor)
    build(Number(number=1, notes=notes.path, rerun=True), executor=executor)
    assert notes.counted(luigi.Event.SUCCESS) == {('Number1', luigi.Event.SUCCESS): 2}


def test_class_inside_of_a_function_goes_along(executor):
    factor = 7

    class Base(gokart.TaskOnKart):
        def times(self, number):
            return factor * number

    class Local(Base):
        def run(self):
            self.dump(super().times(6))

    assert build(Local(), executor=executor) == 42


def test_class_that_is_defined_anew_goes_along_as_it_is_now(executor):
    def defined(word):
        class Cell(gokart.TaskOnKart):
            version = luigi.Parameter(default=word)

            def run(self):
                self.dump(word)

        return Cell

    assert [build(defined(word)(), executor=executor) for word in ('first', 'second')] == ['first', 'second']


def test_handler_of_the_driver_hears_of_the_task_wherever_it_runs(executor, notes):
    path = notes.path

    class Heard(gokart.TaskOnKart):
        def run(self):
            self.dump('x')

    @Heard.event_handler(luigi.Event.SUCCESS)
    def hear(task):
        with open(path, 'a') as file:
            file.write(f'Heard success {os.getpid()}\n')

    build(Heard(), executor=executor)
    assert notes.counted('success') == {('Heard', 'success'): 1}


@pytest.mark.parametrize('executor', ['processes', 'dask'], indirect=True)
def test_body_runs_in_another_process(executor, notes):
    build(Number(number=1, notes=notes.path), executor=executor)
    assert os.getpid() not in notes.process_ids()


@pytest.mark.parametrize('executor', ['threads', 'thread pool'], indirect=True)
def test_body_runs_in_a_thread_of_this_process(executor):
    seen = []

    class Here(gokart.TaskOnKart):
        def run(self):
            seen.append(threading.current_thread() is not threading.main_thread())
            self.dump('x')

    build(Here(), executor=executor)
    assert seen == [True]


@pytest.mark.parametrize('executor', ['process pool', 'processes', 'dask'], indirect=True)
def test_memory_of_this_process_is_out_of_reach(executor):
    class Kept(gokart.TaskOnKart):
        def output(self):
            return make_in_memory_target('kept')

        def run(self):
            self.dump('x')

    with pytest.raises(GokartBuildError, match=r"executor='threads'") as caught:
        build(Kept(), executor=executor, log_level=logging.CRITICAL)
    assert isinstance(caught.value.__cause__, UnportableTaskError)


class Lock:
    def gokart_serialize(self) -> str:
        return ''

    @classmethod
    def gokart_deserialize(cls, text: str) -> Lock:
        return cls()

    def __reduce__(self):
        raise TypeError('this is bound to its process')


class Bound(gokart.TaskOnKart):
    lock = SerializableParameter(object_type=Lock, default=Lock())

    def run(self):
        self.dump('ran')


@pytest.mark.parametrize('executor', ['process pool', 'processes', 'dask'], indirect=True)
def test_task_that_cannot_be_pickled_is_named(executor):
    with pytest.raises(GokartBuildError, match=r'Bound.* cannot be handed to another process: .*bound to its process'):
        build(Bound(), executor=executor, log_level=logging.CRITICAL)


@pytest.mark.parametrize('executor', ['process pool', 'loky', 'dask'], indirect=True)
def test_variable_that_a_task_uses_and_that_cannot_be_pickled_is_named(executor):
    held = threading.Lock()

    class Holding(gokart.TaskOnKart):
        def run(self):
            with held:
                self.dump('x')

    with pytest.raises(GokartBuildError, match=r"(?s)Holding.*lock.*'held', which Holding\.run uses, "):
        build(Holding(), executor=executor, log_level=logging.CRITICAL)


def test_task_that_cannot_be_pickled_runs_in_a_thread():
    assert build(Bound(), executor='threads') == 'ran'


def test_module_that_another_process_cannot_import_is_told_with_the_process(tmp_path, monkeypatch):
    (tmp_path / 'late_module.py').write_text('import gokart\nclass Late(gokart.TaskOnKart):\n    pass\n')
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context('spawn')) as pool:
        process_id = pool.submit(os.getpid).result()
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.delitem(sys.modules, 'late_module', raising=False)
        late_module = importlib.import_module('late_module')
        with pytest.raises(GokartBuildError, match=f"(?s)No module named 'late_module'.*in process {process_id} on "):
            build(late_module.Late(), executor=pool, log_level=logging.CRITICAL)


class Unreadable:
    """Pickles, but where it is read the module of that name is missing."""

    def __reduce__(self):
        return __import__, ('only_here',)


@pytest.mark.parametrize('executor', ['process pool', 'processes', 'loky', 'dask'], indirect=True)
def test_settings_that_cannot_be_read_elsewhere_fail_the_task_by_their_own_error(executor, notes, config, monkeypatch):
    monkeypatch.setattr(config, 'extra', Unreadable(), raising=False)
    with pytest.raises(GokartBuildError, match=r"(?s)Number.*No module named 'only_here'") as caught:
        build(Number(number=1, notes=notes.path), executor=executor, log_level=logging.CRITICAL)
    assert isinstance(caught.value.__cause__, ModuleNotFoundError)
    assert 'killed' not in str(caught.value)


class InlineExecutor(Executor):
    """Runs each call at once, as executors for debugging do."""

    def submit(self, fn, /, *args, **kwargs):
        future = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except BaseException as error:
            future.set_exception(error)
        return future


def test_executor_may_run_the_body_at_once(notes):
    assert build(Total(notes=notes.path), executor=InlineExecutor()) == [0, 1, 2, 10, 'sesame']


def test_body_may_build_inside_of_an_executor():
    class Inner(gokart.TaskOnKart):
        def run(self):
            self.dump('inner')

    class Outer(gokart.TaskOnKart):
        def run(self):
            self.dump(build(Inner(), executor=InlineExecutor()))

    assert build(Outer(), executor='threads') == 'inner'


@pytest.mark.parametrize('odd', ['treads', 7, False, InlineExecutor, 'dask:host'])
def test_executor_that_there_is_not_is_an_error(odd, notes):
    with pytest.raises(ConfigError, match=r"It must be 'threads', 'processes', 'dask://host:port'"):
        build(Number(number=1, notes=notes.path), executor=odd)


def test_executor_and_factory_exclude_each_other(notes):
    factory = gokart.build.__globals__['WorkerSchedulerFactory']()
    with pytest.raises(TypeError, match='Give the executor to the factory'):
        build(Number(number=1, notes=notes.path), executor='threads', worker_scheduler_factory=factory)


def test_executor_that_was_shut_down_is_named(notes):
    executor = ThreadPoolExecutor(1)
    executor.shutdown()
    message = r'Number.* was not taken by the executor, a ThreadPoolExecutor: RuntimeError: cannot schedule new futures'
    with pytest.raises(GokartBuildError, match=f'(?s){message}'):
        build(Number(number=1, notes=notes.path), executor=executor, log_level=logging.CRITICAL)


class Unprepared(InlineExecutor):
    def submit(self, fn, /, *args, **kwargs):
        future = Future()
        future.set_exception(ModuleNotFoundError("No module named 'gokart'"))
        return future


def test_workers_that_cannot_run_a_task_are_not_taken_for_killed(notes):
    with pytest.raises(GokartBuildError, match=r"(?s)Number.* by the executor, .* 'gokart'.*packages") as caught:
        build(Number(number=1, notes=notes.path), executor=Unprepared(), log_level=logging.CRITICAL)
    assert 'killed' not in str(caught.value)


class NoFutures(InlineExecutor):
    def submit(self, fn, /, *args, **kwargs):
        return None


def test_executor_that_returns_no_future_is_named(notes):
    with pytest.raises(GokartBuildError, match=r'(?s)Number.* was not taken by the executor, a NoFutures: '):
        build(Number(number=1, notes=notes.path), executor=NoFutures(), log_level=logging.CRITICAL)


class WithFuture(InlineExecutor):
    """Returns a future that was made elsewhere."""

    def __init__(self, future):
        self.future = future

    def submit(self, fn, /, *args, **kwargs):
        return self.future


def future_of(result=None, exception=None):
    future = Future()
    if exception is None:
        future.set_result(result)
    else:
        future.set_exception(exception)
    return future


def cancelled():
    future = Future()
    future.cancel()
    return future


@pytest.mark.parametrize(
    ('future', 'said'),
    [
        (
            future_of('odd'),
            r"was not taken by the executor, a WithFuture: TypeError: its future holds 'odd', not what ",
        ),
        (cancelled(), r'was lost by the executor, a WithFuture: CancelledError\. Its future was cancelled'),
        (
            future_of(exception=NotImplementedError()),
            r'was not run by the executor, a WithFuture: NotImplementedError\. ',
        ),
        (
            future_of(exception=BrokenExecutor('ended.')),
            r'a WithFuture: BrokenExecutor: ended\. What ran it was killed',
        ),
        (
            future_of(exception=BrokenExecutor('an initializer failed')),
            r'initializer failed\. Make its initializer succ',
        ),
    ],
    ids=['result', 'cancelled', 'no message', 'message with a full stop', 'initializer'],
)
def test_future_without_a_result_of_the_task_is_told_with_task_and_executor(future, said, notes):
    with pytest.raises(GokartBuildError, match=f'(?s)Number.*{said}'):
        build(Number(number=1, notes=notes.path), executor=WithFuture(future), log_level=logging.CRITICAL)


def broken_from_the_start():
    raise OSError('no licence')


@pytest.mark.parametrize('kind', [ThreadPoolExecutor, ProcessPoolExecutor])
def test_executor_whose_workers_cannot_begin_is_named(kind, notes):
    with kind(1, initializer=broken_from_the_start) as executor:
        with pytest.raises(GokartBuildError, match=r'(?s)Number.* by the executor.*: Broken'):
            build(Number(number=1, notes=notes.path), executor=executor, log_level=logging.CRITICAL)


class EmptyExecutor(InlineExecutor):
    def __len__(self):
        return 0


def test_executor_may_be_false_as_a_condition(notes):
    ran = []

    class Noted(EmptyExecutor):
        def submit(self, fn, /, *args, **kwargs):
            ran.append(fn)
            return super().submit(fn, *args, **kwargs)

    build(Number(number=1, notes=notes.path), executor=Noted())
    assert ran
