"""What only locks at a Redis do: few requests, the protocol of redis-py's own locks, clear errors, no hang."""

from __future__ import annotations

import time

import pytest
import redis
import redis.lock
from support.keepers import keepers, wait_until
from support.redis_server import running_redis
from support.tls_proxy import running_tls_proxy

from gokart.errors import ConfigError, LockAccessError, LockServiceError, LockTakenError, UnreachableLockServiceError
from gokart.locks.keeper import held
from gokart.locks.redis import RedisLockService
from gokart.locks.registry import locks_for
from gokart.locks.waiting import Locks

# What a client is not asked for by us.
CONNECTING = {'hello', 'auth', 'select', 'client', 'client|setinfo', 'info', 'config|resetstat', 'config'}


def talk(server) -> dict[str, int]:
    return {name: count for name, count in server.counts().items() if name not in CONNECTING}


def test_a_lock_takes_one_request_and_its_release_another(locks, redis_server):
    locks.acquire('warm', 10).release()
    redis_server.client().config_resetstat()
    with held(locks.acquire('key', 10)):
        assert talk(redis_server) == {'set': 1}
    counts = talk(redis_server)
    assert counts.pop('eval') == 1
    assert counts == {'set': 1, 'get': 1, 'del': 1, 'publish': 1}  # what the script does


def test_a_series_of_short_leases_starts_one_thread(locks):
    threads = set()
    for _ in range(20):
        with held(locks.acquire('key', 10)):
            threads.update(keepers())
    assert len(threads) == 1


def test_no_key_is_left(locks, redis_server):
    with held(locks.acquire('key', 10)):
        with pytest.raises(LockTakenError):
            locks.acquire('key', 10, wait_seconds=0.05)
    assert redis_server.client().keys() == []


def test_locks_of_redis_py_and_ours_exclude_each_other(locks, redis_server):
    theirs = redis.lock.Lock(redis_server.client(), 'key', timeout=10, thread_local=False)
    assert theirs.acquire(blocking=False)
    with pytest.raises(LockTakenError):
        locks.acquire('key', 10)
    theirs.release()
    lease = locks.acquire('key', 10)
    assert not theirs.acquire(blocking=False)
    lease.release()
    assert theirs.acquire(blocking=False)


def test_who_waits_for_a_lock_of_redis_py_gets_it(locks, redis_server):
    theirs = redis.lock.Lock(redis_server.client(), 'key', timeout=0.3)
    assert theirs.acquire(blocking=False)
    locks.acquire('key', 10, wait_seconds=5)


def test_who_waits_asks_rarely(locks, redis_server):
    locks.acquire('key', 10)
    redis_server.client().config_resetstat()
    with pytest.raises(LockTakenError):
        locks.acquire('key', 10, wait_seconds=0.5)
    assert talk(redis_server)['set'] <= 10


def test_a_lock_without_an_end_is_taken_for_ever(locks, redis_server):
    redis_server.client().set('key', 'somebody')
    with pytest.raises(LockTakenError, match='somebody') as caught:
        locks.acquire('key', 10, wait_seconds=0.05)
    assert caught.value.free_in_seconds is None


def test_a_key_that_is_no_lock_is_told(locks, redis_server):
    redis_server.client().hset('key', 'field', 'value')
    with pytest.raises(LockServiceError, match="'key' could not be looked at"):
        locks.acquire('key', 10)


def test_a_flushed_lock_is_noticed(locks, redis_server, caplog):
    lost = []
    with held(locks.acquire('key', 0.6, on_lost=lost.append)) as lease:
        redis_server.client().flushall()
        wait_until(lambda: lease.is_lost)
        assert lost == [lease]
    assert len([record for record in caplog.records if 'was lost' in record.message]) == 1


def test_a_silent_server_hangs_nobody(redis_url, redis_server):
    locks = locks_for(f'{redis_url}?socket_timeout=0.3')
    lease = locks.acquire('key', 10)
    with redis_server.stopped():
        started = time.monotonic()
        with pytest.raises(UnreachableLockServiceError, match='does not answer in time'):
            locks.acquire('other', 10, wait_seconds=None)
        with pytest.raises(UnreachableLockServiceError):
            lease.release()
        assert time.monotonic() - started < 2.0


def test_leases_survive_a_silence_shorter_than_their_life(redis_url, redis_server):
    locks = locks_for(f'{redis_url}?socket_timeout=0.2')
    with held(locks.acquire('key', 1.0)) as lease:
        with redis_server.stopped():
            time.sleep(0.6)
        time.sleep(0.6)
        lease.require_held()


def test_a_silence_longer_than_the_life_loses_the_lease(redis_url, redis_server):
    locks = locks_for(f'{redis_url}?socket_timeout=0.1')
    lost = []
    with held(locks.acquire('key', 0.5, on_lost=lost.append)) as lease:
        with redis_server.stopped():
            wait_until(lambda: lost, 3.0)
        assert lease.is_lost


def test_a_server_that_was_started_anew_is_used_again():
    with running_redis() as server:
        locks = Locks(RedisLockService(server.url))
        locks.acquire('key', 10).release()
    with running_redis(port=server.port):
        locks.acquire('key', 10).release()


def test_nobody_at_the_address_is_told():
    with running_redis() as server:
        pass
    with pytest.raises(UnreachableLockServiceError, match=f'127.0.0.1:{server.port}'):
        Locks(RedisLockService(server.url)).acquire('key', 10)


@pytest.fixture(scope='module')
def guarded_server():
    with running_redis('s3cret') as server:
        yield server


class TestPassword:
    @pytest.fixture
    def server(self, guarded_server):
        guarded_server.client().flushall()
        return guarded_server

    def test_it_opens_the_server(self, server):
        with held(Locks(RedisLockService(server.url)).acquire('key', 10)):
            pass

    @pytest.mark.parametrize('login', ['', ':wr0ng@', 'nobody:wr0ng@'])
    def test_a_wrong_one_is_told_and_never_shown(self, server, login):
        locks = Locks(RedisLockService(f'redis://{login}127.0.0.1:{server.port}'))
        with pytest.raises(LockAccessError, match='password') as caught:
            locks.acquire('key', 10)
        assert 'wr0ng' not in f'{caught.value} {locks!r} {caught.value.__cause__}'

    def test_a_user_who_may_not_publish_still_locks(self, server):
        server.client().acl_setuser(
            'poor', enabled=True, passwords=['+p'], keys=['*'], reset_channels=True,
            commands=['+get', '+set', '+eval', '+pttl', '+pexpire', '+del', '+publish', '+subscribe'],
        )  # fmt: skip
        locks = Locks(RedisLockService(f'redis://poor:p@127.0.0.1:{server.port}'))
        lease = locks.acquire('key', 10)
        with pytest.raises(LockTakenError):
            locks.acquire('key', 10, wait_seconds=0.05)
        lease.release()
        locks.acquire('key', 10).release()


class TestTLS:
    def test_the_connection_is_encrypted(self, redis_server, redis_url, tmp_path):
        with running_tls_proxy(redis_server.port, tmp_path) as (port, certificate):
            locks = Locks(RedisLockService(f'rediss://localhost:{port}/0?ssl_ca_certs={certificate}'))
            with held(locks.acquire('key', 10)):
                assert redis_server.client().keys() == [b'key']

    def test_a_server_without_a_known_certificate_is_refused(self, redis_server, redis_url, tmp_path):
        with running_tls_proxy(redis_server.port, tmp_path) as (port, _):
            with pytest.raises(UnreachableLockServiceError, match=f'rediss://localhost:{port}/0'):
                Locks(RedisLockService(f'rediss://localhost:{port}/0')).acquire('key', 10)


@pytest.mark.parametrize(
    'url', ['redis://', 'redis:///0', 'redis://u:s3cret@h:99999999/0', 'redis://u:s3cret@h/0?s3cret=1', 'redis://:s3cret@h:x/0']
)  # fmt: skip
def test_a_url_that_cannot_be_used_is_told_and_not_shown(url):
    with pytest.raises(ConfigError, match='redis://') as caught:
        locks_for(url)
    assert 's3cret' not in f'{caught.value} {caught.value.__cause__}'


def test_the_password_is_in_no_name():
    assert repr(Locks(RedisLockService('redis://me:s3cret@[::1]:7000/3'))) == '<Locks at redis://[::1]:7000/3>'


def test_databases_have_locks_of_their_own(redis_server, redis_url):
    locks_for(redis_url).acquire('key', 10)
    locks_for(f'redis://127.0.0.1:{redis_server.port}/5').acquire('key', 10)
