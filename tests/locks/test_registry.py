"""Which locks a URL means."""

from __future__ import annotations

from importlib.metadata import EntryPoint

import pytest

from gokart.errors import ConfigError, LockServiceError
from gokart.locks.contract import Grant, WakingLockService
from gokart.locks.redis import RedisLockService, url_of
from gokart.locks.registry import forget_locks, locks_for, locks_in
from gokart.locks.storage import StorageLockService
from gokart.storage.contract import VersionedStorage
from gokart.storage.registry import storage_for


@pytest.fixture(autouse=True)
def _forgotten():
    forget_locks()
    yield
    forget_locks()


class Own:
    longest_pause_seconds = 1.0

    def __init__(self, url):
        self.name = url

    def take(self, key, owner, duration_seconds):
        return Grant()

    def extend(self, key, owner, grant, duration_seconds):
        return grant

    def give_back(self, key, owner, grant):
        return True


def register(monkeypatch, *values: str) -> None:
    entries = [EntryPoint('etcd', value, 'gokart.locks') for value in values]
    monkeypatch.setattr('importlib.metadata.entry_points', lambda group: entries if group == 'gokart.locks' else [])


@pytest.mark.parametrize('url', ['redis://host', 'rediss://:password@host:1/2', 'redis://[::1]:6379'])
def test_a_redis_is_found_without_asking_it(url):
    assert isinstance(locks_for(url).service, RedisLockService)


@pytest.mark.parametrize('url', ['file:///directory', 'memory://locks', 's3://bucket/locks', 'gs://bucket/locks'])
def test_a_storage_is_found_without_asking_it(url):
    assert isinstance(locks_for(url).service, StorageLockService)


def test_any_directory_can_hold_locks(tmp_path):
    locks_in(str(tmp_path)).acquire('key', 10).release()


def test_there_is_one_place_for_each_url():
    assert locks_for('redis://host') is locks_for('redis://host')
    assert locks_for('redis://host') is not locks_for('redis://other')


@pytest.mark.parametrize('url', ['', 'host:6379', '/directory', 'locks'])
def test_what_is_no_url_is_refused(url):
    with pytest.raises(ConfigError, match='file:///directory'):
        locks_for(url)


def test_an_unknown_scheme_is_told_without_the_rest():
    with pytest.raises(ConfigError, match='etcd://') as caught:
        locks_for('etcd://user:s3cret@host')
    assert 's3cret' not in f'{caught.value} {caught.value.__cause__}'
    assert caught.value.__suppress_context__


@pytest.mark.parametrize('url', ['s3://key:secret@bucket/locks', 'gs://secret@bucket/locks'])
def test_credentials_for_a_storage_are_refused_and_not_shown(url):
    with pytest.raises(ConfigError, match='://') as caught:
        locks_for(url)
    assert 'secret' not in str(caught.value)


def test_another_package_adds_a_scheme(monkeypatch):
    register(monkeypatch, f'{__name__}:Own')
    monkeypatch.setattr(EntryPoint, 'load', lambda entry: Own)
    assert locks_for('etcd://host').acquire('key', 10).key == 'key'


def test_a_package_that_fails_is_named(monkeypatch):
    register(monkeypatch, 'no_such_package:Locks')
    with pytest.raises(LockServiceError, match='no_such_package'):
        locks_for('etcd://host')


def test_a_package_that_gives_something_else_is_named(monkeypatch):
    register(monkeypatch, 'builtins:str')
    with pytest.raises(LockServiceError, match=r'lacks.*take'):
        locks_for('etcd://host')


def test_two_packages_for_one_scheme_are_refused(monkeypatch):
    register(monkeypatch, 'one:Locks', 'two:Locks')
    with pytest.raises(LockServiceError, match='one:Locks and two:Locks'):
        locks_for('etcd://host')


@pytest.mark.parametrize(('host', 'url'), [('host', 'redis://host:6379'), ('::1', 'redis://[::1]:6379')])
def test_a_host_and_a_port_make_a_url(host, url):
    assert url_of(host, 6379) == url


@pytest.mark.parametrize(
    ('key', 'duration_seconds', 'wait_seconds'),
    [('', 10, 0), ('key', 0, 0), ('key', -1, 0), ('key', float('inf'), 0), ('key', float('nan'), 0), ('key', 10, -1)],
)
def test_arguments_without_sense_are_refused(key, duration_seconds, wait_seconds):
    with pytest.raises(ConfigError):
        locks_for('memory://locks').acquire(key, duration_seconds, wait_seconds)


def test_waking_is_found_by_what_a_service_can_do():
    assert isinstance(RedisLockService('redis://host'), WakingLockService)
    assert not isinstance(Own('own://'), WakingLockService)


@pytest.mark.parametrize('path', ['/directory', 'memory://a', 's3://bucket/a', 'gs://bucket/a'])
def test_our_storages_remove_by_version(path):
    assert isinstance(storage_for(path), VersionedStorage)
