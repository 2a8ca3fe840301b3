"""The names of locks in earlier versions, as code and tests of users use them."""

from __future__ import annotations

from unittest import mock

import luigi
import pytest

import gokart
from gokart.conflict_prevention_lock.task_lock import (
    RedisClient,
    TaskLockException,
    TaskLockParams,
    make_task_lock_params,
    make_task_lock_params_for_run,
)
from gokart.conflict_prevention_lock.task_lock_wrappers import (
    wrap_dump_with_lock,
    wrap_load_with_lock,
    wrap_remove_with_lock,
    wrap_run_with_lock,
)
from gokart.locks.keeper import rest
from gokart.locks.registry import locks_for


class Example(gokart.TaskOnKart):
    number = luigi.IntParameter(default=1)


@pytest.fixture
def params(redis_url, redis_server):
    yield make_task_lock_params('data.pkl', None, '127.0.0.1', redis_server.port)
    rest()


def test_params_are_equal_by_value():
    assert make_task_lock_params('/a/b.pkl', 'U', 'h', 1, 20) == TaskLockParams('h', 1, 20, 'b_U', True, False, 10)


def test_the_lock_of_a_run_is_called_after_class_and_id_and_not_waited_for():
    task = Example(redis_host='h', redis_port=3)
    found = make_task_lock_params_for_run(task)
    assert found == TaskLockParams('h', 3, 180, f'Example_{task.make_unique_id()}-run', True, True, 10)


def test_one_client_for_each_host_and_port():
    with mock.patch('gokart.conflict_prevention_lock.task_lock.redis.Redis') as redis_class:
        client = RedisClient(host='host', port=1)
        assert client is RedisClient(host='host', port=1)
        assert client is not RedisClient(host='host', port=2)
        assert client.get_redis_client() is redis_class.return_value


def test_what_stands_in_for_redis_is_used_as_long_as_it_does(params):
    with mock.patch('gokart.conflict_prevention_lock.task_lock.redis.Redis') as redis_class:
        assert wrap_load_with_lock(lambda: 'loaded', params)() == 'loaded'
    redis_class.return_value.set.assert_called_once()
    assert wrap_load_with_lock(lambda: 'loaded', params)() == 'loaded'
    redis_class.return_value.set.assert_called_once()


@pytest.mark.parametrize('wrap', [wrap_load_with_lock, wrap_remove_with_lock, wrap_run_with_lock])
def test_without_a_lock_a_function_stays_what_it_is(wrap):
    def function():
        return 1

    assert wrap(function, make_task_lock_params('data.pkl', None)) is function


def test_a_function_gets_its_arguments(params):
    function = mock.MagicMock(return_value='result')
    assert wrap_dump_with_lock(func=function, task_lock_params=params, exist_check=lambda: False)(1, b=2) == 'result'
    function.assert_called_once_with(1, b=2)


def test_a_dump_of_what_exists_by_now_is_skipped(params):
    function = mock.MagicMock()
    wrap_dump_with_lock(func=function, task_lock_params=params, exist_check=lambda: True)(1)
    function.assert_not_called()


@pytest.mark.parametrize('wrap', [wrap_remove_with_lock, wrap_run_with_lock])
def test_a_function_runs_under_the_lock(wrap, params):
    def function():
        with pytest.raises(TaskLockException):
            locks_for(f'redis://127.0.0.1:{params.redis_port}').acquire(params.redis_key, 10)
        return 'run'

    assert wrap(function, params)() == 'run'
    locks_for(f'redis://127.0.0.1:{params.redis_port}').acquire(params.redis_key, 10).release()


def test_they_are_attributes_of_the_package():
    assert gokart.conflict_prevention_lock.task_lock.TaskLockParams is TaskLockParams
