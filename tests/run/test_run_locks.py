"""The lock of a run: held around the whole body, by whichever place keeps it."""

from __future__ import annotations

import logging
import multiprocessing
import threading
import time
from pathlib import Path
from unittest import mock

import luigi
import pytest
from support.keepers import keepers, wait_until
from support.redis_server import running_redis

import gokart
from gokart.errors import (
    GokartBuildError,
    HasLockedTaskException,
    LockLostError,
    LockSettingsError,
    LockTakenError,
    UnreachableLockServiceError,
)
from gokart.locks.keeper import rest
from gokart.locks.registry import forget_locks, locks_in
from gokart.locks.storage import StorageLockService
from gokart.task_locks import make_task_lock_params_for_run, run_locked

RUNS = Path('runs')


@pytest.fixture(autouse=True)
def _rested():
    forget_locks()
    yield
    rest()
    forget_locks()


@pytest.fixture(params=['contract', 'redis', 'file', 'workspace', 'workspace on s3'])
def locked(request, tmp_path) -> dict[str, object]:
    """The parameters that lock the run of a task at each kind of place."""
    if request.param == 'workspace on s3':
        return {'lock': 'workspace', 'workspace_directory': request.getfixturevalue('s3_url') + '/workspace'}
    if request.param == 'workspace':
        return {'lock': 'workspace'}
    if request.param == 'file':
        return {'lock': f'file://{tmp_path}/locks'}
    url = request.getfixturevalue('redis_url')
    if request.param == 'redis':
        return {'lock': url}
    port = request.getfixturevalue('redis_server').port
    return {'redis_host': '127.0.0.1', 'redis_port': port, 'should_lock_run': True}


class Counted(gokart.TaskOnKart):
    """Notes that its body ran, and takes a while."""

    seconds = luigi.FloatParameter(default=0.0)
    number = luigi.IntParameter(default=0)

    def run(self):
        with RUNS.open('a') as file:
            file.write(f'{self.number}\n')
        time.sleep(self.seconds)
        self.dump('result')


def runs() -> list[str]:
    return RUNS.read_text().split()


def build_in_process(task, results, workers):
    patience = {'task_lock_exception_max_tries': 200, 'task_lock_exception_max_wait_seconds': 0.1}
    results.put(gokart.build(task, workers=workers, **patience))


@pytest.mark.parametrize('workers', [1, 2])
def test_a_body_runs_once_although_several_processes_build_it(locked, workers):
    context = multiprocessing.get_context('fork')
    results = context.Queue()
    task = Counted(seconds=0.5, **locked)
    processes = [context.Process(target=build_in_process, args=(task, results, workers)) for _ in range(3)]
    for process in processes:
        process.start()
    assert [results.get(timeout=30) for _ in processes] == ['result'] * 3
    for process in processes:
        process.join(30)
    assert runs() == ['0']


def test_the_lock_is_held_during_the_body_and_free_after_it(locked):
    class Looking(gokart.TaskOnKart):
        def run(self):
            with pytest.raises(LockTakenError), run_locked(self):
                pass
            self.dump('held')

    task = Looking(**locked)
    assert gokart.build(task) == 'held'
    with run_locked(task):
        pass


def test_the_lock_covers_a_body_that_yields(locked):
    class Yielding(gokart.TaskOnKart):
        def run(self):
            yield self.clone(Counted)
            with pytest.raises(LockTakenError), run_locked(self):
                pass
            self.dump('held')

    assert gokart.build(Yielding(**locked)) == 'held'
    assert runs() == ['0']


def test_a_body_that_waits_for_what_it_yields_does_not_run_if_somebody_else_finishes_meanwhile(locked):
    class Yielding(Counted):
        def run(self):
            yield self.clone(Meanwhile)
            super().run()

    class Meanwhile(gokart.TaskOnKart):
        def run(self):
            self.clone(Yielding).output().dump('theirs')
            self.dump('done')

    assert gokart.build(Yielding(**locked)) == 'theirs'
    assert not RUNS.exists()


def test_a_body_that_made_its_output_before_it_yields_goes_on(locked):
    class Yielding(gokart.TaskOnKart):
        def run(self):
            self.dump('early')
            yield self.clone(Counted)
            self.dump('late')

    assert gokart.build(Yielding(**locked)) == 'late'


def test_a_failing_body_frees_the_lock(locked):
    class Failing(gokart.TaskOnKart):
        def run(self):
            raise ValueError('boom')

    task = Failing(**locked)
    with pytest.raises(GokartBuildError, match='boom'):
        gokart.build(task)
    with run_locked(task):
        pass


def test_nothing_is_left_behind(locked):
    gokart.build(Counted(**locked))
    assert keepers() == []
    assert [path for path in Path().rglob('*.lock') if path.stat().st_size] == []


def test_a_finished_task_needs_no_lock(locked):
    gokart.build(Counted(**locked))
    with run_locked(Counted(**locked)):
        assert gokart.build(Counted(**locked)) == 'result'


def test_other_tasks_do_not_wait(locked):
    with run_locked(Counted(number=1, **locked)):
        assert gokart.build(Counted(number=2, **locked)) == 'result'


def test_a_body_is_not_told_of_a_lock_that_it_met(locked):
    task = Counted(**locked)
    started = []
    Counted.event_handler(luigi.Event.START)(started.append)
    with run_locked(task), pytest.raises(HasLockedTaskException, match=r'holds the run lock of Counted\['):
        gokart.build(task, task_lock_exception_max_tries=2, task_lock_exception_max_wait_seconds=0.05)
    assert started == []
    assert not RUNS.exists()


def test_whoever_lost_its_lock_to_another_does_not_store(redis_url, redis_server, caplog):
    class Slow(Counted):
        def run(self):
            if not RUNS.exists():
                RUNS.write_text('slow\n')
                redis_server.client().flushall()
                self.other = threading.Thread(target=gokart.build, args=(self.clone(),))
                self.other.start()
                self.other.join(20)
                wait_until(lambda: 'was lost' in caplog.text)
                with pytest.raises(LockLostError, match='somebody else has stored the result meanwhile'):
                    self.dump('older')
            else:
                self.dump('newer')

    assert gokart.build(Slow(lock=redis_url, redis_timeout=1), log_level=logging.WARNING) == 'newer'


def test_a_lock_that_was_lost_to_nobody_costs_no_result(redis_url, redis_server, caplog):
    class Slow(gokart.TaskOnKart):
        def run(self):
            redis_server.client().flushall()
            wait_until(lambda: 'was lost' in caplog.text)
            self.dump('result')

    assert gokart.build(Slow(lock=redis_url, redis_timeout=1), log_level=logging.WARNING) == 'result'
    assert 'was held by nobody else since' in caplog.text
    assert redis_server.client().keys() == []


def test_a_lock_that_was_lost_to_nobody_is_taken_again_before_the_body_ends(redis_url, redis_server):
    class Slow(gokart.TaskOnKart):
        def run(self):
            redis_server.client().flushall()
            wait_until(redis_server.client().keys)
            with pytest.raises(LockTakenError), run_locked(self.clone()):
                pass
            self.dump('result')

    assert gokart.build(Slow(lock=redis_url, redis_timeout=1)) == 'result'
    assert redis_server.client().keys() == []


def test_a_lock_that_is_lost_after_the_result_was_stored_is_a_warning(redis_url, redis_server, caplog):
    class Slow(gokart.TaskOnKart):
        def run(self):
            self.dump('result')
            redis_server.client().flushall()
            wait_until(lambda: 'was lost' in caplog.text)

    assert gokart.build(Slow(lock=redis_url, redis_timeout=1), log_level=logging.WARNING) == 'result'


def test_redis_may_go_away_for_ever_in_the_middle_of_a_body(caplog):
    with running_redis() as server:

        class Slow(gokart.TaskOnKart):
            def run(self):
                server.client().shutdown(nosave=True)
                wait_until(lambda: 'was lost' in caplog.text)
                self.dump('result')

        assert gokart.build(Slow(lock=server.url, redis_timeout=1), log_level=logging.WARNING) == 'result'


def test_a_place_that_does_not_answer_is_told_before_the_body_runs():
    with pytest.raises(GokartBuildError, match=r'redis://127\.0\.0\.1:1') as caught:
        gokart.build(Counted(lock='redis://127.0.0.1:1'))
    assert isinstance(caught.value.__cause__, UnreachableLockServiceError)
    assert 'contextlib' not in str(caught.value)
    assert not RUNS.exists()


def test_a_redis_for_the_locks_of_targets_is_looked_for_before_the_body_runs():
    with pytest.raises(GokartBuildError, match=r'redis://127\.0\.0\.1:1'):
        gokart.build(Counted(redis_host='127.0.0.1', redis_port=1))
    assert not RUNS.exists()


@pytest.mark.parametrize('missing', ['redis_host', 'redis_port'])
def test_a_lock_without_a_place_is_an_error_at_once(missing):
    given = {'redis_host': 'host', 'redis_port': 1, missing: None}
    with pytest.raises(AssertionError, match=f'{missing} must be set when should_lock_run is True'):
        Counted(should_lock_run=True, **given)


@pytest.mark.parametrize('value', ['nowhere', 'localhost:6379', 'Workspace'])
def test_a_place_that_is_none_is_an_error(value):
    with pytest.raises(GokartBuildError, match="must be 'workspace', or a URL") as caught:
        gokart.build(Counted(lock=value))
    assert isinstance(caught.value.__cause__, LockSettingsError)
    assert value not in str(caught.value.__cause__)


def test_a_scheme_that_nothing_serves_is_an_error_of_the_task():
    with pytest.raises(GokartBuildError, match=r'Counted\[.*failed\s+.*Nothing keeps locks for nowhere:// URLs'):
        gokart.build(Counted(lock='nowhere://host'))


def test_a_parameter_of_the_users_of_that_name_is_none_of_ours():
    class Door(gokart.TaskOnKart):
        lock = luigi.Parameter()

        def run(self):
            self.dump(self.lock)

    assert gokart.build(Door(lock='oak')) == 'oak'


def test_a_password_is_shown_nowhere(caplog):
    task = Counted(lock='redis://user:secret@127.0.0.1:1')
    with pytest.raises(GokartBuildError) as caught:
        gokart.build(task, log_level=10)
    shown = [caplog.text, str(caught.value), repr(task), str(task), gokart.make_tree_info(task, details=True)]
    assert not [text for text in shown if 'secret' in text]


def test_equal_tasks_of_two_workspaces_do_not_wait_for_each_other(redis_url):
    with run_locked(Counted(lock=redis_url, workspace_directory='one')):
        assert gokart.build(Counted(lock=redis_url, workspace_directory='two')) == 'result'


def test_the_lock_of_the_contract_has_its_name(redis_url, redis_server):
    task = Counted(redis_host='127.0.0.1', redis_port=redis_server.port, should_lock_run=True)
    with run_locked(task):
        assert redis_server.client().keys() == [make_task_lock_params_for_run(task).redis_key.encode()]


def test_the_lock_of_a_workspace_is_below_its_log():
    task = Counted(lock='workspace')
    name = f'{Counted.__module__.replace(".", "/")}/Counted_{task.make_unique_id()}-run'
    with run_locked(task), pytest.raises(LockTakenError):
        locks_in(str(Path('resources/log/locks').absolute())).acquire(name, 10)


def test_the_section_of_all_tasks_may_name_the_place(redis_url, redis_server):
    luigi.configuration.get_config().set('TaskOnKart', 'lock', redis_url)

    class Looking(gokart.TaskOnKart):
        def run(self):
            self.dump(redis_server.client().keys())

    assert len(gokart.build(Looking())) == 1


def test_what_a_dead_holder_left_goes_with_a_later_build():
    directory = Path('resources/log/locks').absolute()
    locks_in(str(directory)).acquire('dead', 0.01)
    time.sleep(1.1)  # the times of some storages are whole seconds
    gokart.build(Counted(lock='workspace'))
    assert list(directory.iterdir()) == []


def test_a_finished_build_looks_at_no_lock():
    task = Counted(lock='workspace')
    gokart.build(task)
    with mock.patch.object(StorageLockService, 'sweep') as sweep:
        gokart.build(task)
    sweep.assert_not_called()
