"""Dumping, loading and removing under the locks of a Redis."""

from __future__ import annotations

import logging
import pickle
import threading
import time
from pathlib import Path
from unittest import mock

import pytest
from support.keepers import keepers, wait_until
from support.redis_server import running_redis

import gokart
from gokart.errors import LockAccessError, LockLostError, LockSettingsError, LockTakenError, UnreachableLockServiceError
from gokart.file_processor import PickleFileProcessor
from gokart.locks import keeper
from gokart.locks.keeper import rest
from gokart.locks.registry import forget_locks, locks_for
from gokart.target import make_model_target, make_target
from gokart.target_locks import TaskLockParams, make_task_lock_key, make_task_lock_params

pytestmark = pytest.mark.usefixtures('redis_url')


@pytest.fixture(autouse=True)
def _rested():
    yield
    rest()


@pytest.fixture
def params(redis_server) -> TaskLockParams:
    return make_task_lock_params('a/data.pkl', 'ID', '127.0.0.1', redis_server.port, 11)


@pytest.fixture
def target(params, tmp_path):
    return make_target(f'{tmp_path}/data.pkl', 'ID', task_lock_params=params)


def taken(params: TaskLockParams):
    return locks_for(f'redis://127.0.0.1:{params.redis_port}').acquire(params.redis_key, 10)


def background(function, *args) -> threading.Thread:
    thread = threading.Thread(target=function, args=args)
    thread.start()
    return thread


@pytest.mark.parametrize(
    ('path', 'unique_id', 'key'),
    [
        ('/a/b/foo.bar.pkl', 'UID', 'foo.bar_UID'),
        ('data.csv', None, 'data_None'),
        ('s3://bucket/a.b/model', 'UID', 'model_UID'),
    ],
)
def test_a_lock_is_called_after_the_stem_of_the_file_and_the_id(path, unique_id, key):
    assert make_task_lock_key(path, unique_id) == key


@pytest.mark.parametrize(('host', 'port'), [(None, None), ('host', None), (None, 1)])
def test_without_host_and_port_nothing_is_locked(host, port):
    assert not make_task_lock_params('data.pkl', None, host, port).should_task_lock


def test_a_lock_that_lives_too_short_is_refused():
    with pytest.raises(AssertionError, match=r'redis_timeout.*greater than lock_extend_seconds:10, not 10'):
        make_task_lock_params('data.pkl', None, 'host', 1, 10)
    assert issubclass(LockSettingsError, ValueError)


def test_a_dump_waits_for_the_lock(target, params):
    lease = taken(params)
    dump = background(target.dump, 'object')
    dump.join(0.2)
    assert not target.exists()
    lease.release()
    dump.join(10)
    assert target.load() == 'object'


def test_a_locked_dump_is_two_requests(target, redis_server):
    target.dump('warm')
    redis_server.client().config_resetstat()
    target.dump('object')
    counts = redis_server.counts()
    # The others are what the script runs inside of the server, and this test itself.
    assert {name: counts.get(name) for name in ('set', 'eval', 'exists')} == {'set': 1, 'eval': 1, 'exists': None}
    assert set(counts) <= {
        'set',
        'eval',
        'get',
        'del',
        'publish',
        'info',
        'config',
        'config|resetstat',
        'client',
        'client|setinfo',
        'hello',
    }


def test_many_dumps_start_one_thread(target):
    with mock.patch.object(threading.Thread, 'start', autospec=True, side_effect=threading.Thread.start) as start:
        for number in range(20):
            target.dump(number)
    assert start.call_count <= 1


def test_no_dump_of_a_body_starts_a_thread(redis_server, monkeypatch):
    monkeypatch.setattr(keeper, '_IDLE_SECONDS', 0.01)
    starts = []

    class Dumping(gokart.TaskOnKart):
        def run(self):
            with mock.patch.object(threading.Thread, 'start', autospec=True, side_effect=starts.append):
                for number in range(3):
                    self.dump(number)
                    time.sleep(0.05)

    assert gokart.build(Dumping(redis_host='127.0.0.1', redis_port=redis_server.port)) == 2
    assert starts == []
    assert keepers() == []


def test_a_dump_replaces_what_is_there(target):
    target.dump('old')
    target.dump('new')
    assert target.load() == 'new'


def test_a_dump_without_lock_does_not_wait(target, params):
    with mock.patch('gokart.target.wrap_dump_with_lock') as wrap:
        target.dump('object', lock_at_dump=False)
    wrap.assert_not_called()
    assert target.load() == 'object'


def test_the_wrappers_are_looked_up_where_tests_of_users_replace_them(target):
    with mock.patch('gokart.target.wrap_dump_with_lock') as wrap:
        target.dump('object')
    assert wrap.call_args.kwargs['task_lock_params'] == target._get_task_lock_params()
    wrap.return_value.assert_called_once()
    assert not target.exists()


def test_a_load_waits_for_the_lock_and_leaves_it_free(target, params, redis_server):
    target.dump('object')
    lease = taken(params)
    found = []
    load = background(lambda: found.append(target.load()))
    load.join(0.2)
    assert found == []
    lease.release()
    load.join(10)
    assert found == ['object']
    assert redis_server.client().keys() == []


def test_readers_read_at_the_same_time(params, tmp_path):
    together = threading.Barrier(3, timeout=10)

    class Together(PickleFileProcessor):
        def load(self, file):
            together.wait()
            return super().load(file)

    target = make_target(f'{tmp_path}/data.pkl', processor=Together(), task_lock_params=params)
    target.dump('object')
    found = []
    for thread in [background(lambda: found.append(target.load())) for _ in range(3)]:
        thread.join(10)
    assert found == ['object'] * 3


def test_loading_starts_no_thread(target):
    target.dump('object')
    rest()
    target.load()
    assert keepers() == []


def test_a_removal_waits_for_the_lock(target, params):
    target.dump('object')
    lease = taken(params)
    removal = background(target.remove)
    removal.join(0.2)
    assert target.exists()
    lease.release()
    removal.join(10)
    assert not target.exists()


def test_a_collision_may_be_an_error(tmp_path, redis_server):
    params = make_task_lock_params('data.pkl', None, '127.0.0.1', redis_server.port, 11, True)
    target = make_target(f'{tmp_path}/data.pkl', task_lock_params=params)
    lease = taken(params)
    with pytest.raises(LockTakenError):
        target.dump('object')
    lease.release()
    assert not target.exists()


def test_a_model_is_locked_as_well(params, tmp_path):
    def save(obj, path):
        Path(path).write_bytes(pickle.dumps(obj))

    target = make_model_target(f'{tmp_path}/model.zip', str(tmp_path), save, None, task_lock_params=params)
    lease = taken(params)
    dump = background(target.dump, 'object')
    dump.join(0.2)
    assert not target.exists()
    lease.release()
    dump.join(10)
    assert target.exists()


def test_a_failing_dump_leaves_the_lock_free(target, redis_server):
    with pytest.raises(TypeError, match='generator'):
        target.dump(number for number in range(3))
    assert redis_server.client().keys() == []


class TestWithoutRedis:
    def test_the_first_dump_says_so(self, tmp_path):
        params = make_task_lock_params('data.pkl', None, '127.0.0.1', 1)
        target = make_target(f'{tmp_path}/data.pkl', task_lock_params=params)
        with pytest.raises(UnreachableLockServiceError, match=r'redis://127.0.0.1:1'):
            target.dump('object')
        assert not target.exists()

    def test_a_result_is_stored_although_redis_went_away(self, tmp_path, caplog):
        with running_redis() as server:
            params = make_task_lock_params('data.pkl', None, '127.0.0.1', server.port)
            target = make_target(f'{tmp_path}/data.pkl', task_lock_params=params)
            target.dump('old')
        with caplog.at_level(logging.WARNING):
            target.dump('new')
        assert pickle.loads(Path(target.path()).read_bytes()) == 'new'
        assert "'data_None' is for is stored without it" in caplog.text

    def test_a_password_that_is_missing_is_an_error_each_time(self, tmp_path):
        with running_redis('secret') as server:
            forget_locks()
            params = make_task_lock_params('data.pkl', None, '127.0.0.1', server.port)
            target = make_target(f'{tmp_path}/data.pkl', task_lock_params=params)
            for _ in range(2):
                with pytest.raises(LockAccessError):
                    target.dump('object')


def test_whoever_lost_the_lock_does_not_replace_what_the_next_one_stored(target, params, redis_server, caplog):
    class Slow:
        """Somebody removes the lock, takes it and stores a result while this object is being written."""

        def __reduce__(self):
            redis_server.client().flushall()
            make_target(target.path(), task_lock_params=params).dump('newer')
            wait_until(lambda: 'was lost' in caplog.text)
            return str, ('older',)

    short = make_target(target.path(), task_lock_params=params._replace(redis_timeout=0.5))
    with pytest.raises(LockLostError, match='somebody else has stored the result meanwhile'):
        short.dump(Slow())
    assert target.load() == 'newer'
