"""What only locks in a storage do: objects that come and go, no comparison of clocks, repair of lost answers."""

from __future__ import annotations

import json
import time
from datetime import timedelta

import pytest

from gokart.errors import LockLostError, LockServiceError, LockTakenError, UnreachableStorageError
from gokart.locks import storage as module
from gokart.locks.keeper import held
from gokart.locks.registry import forget_locks, locks_in
from gokart.locks.storage import StorageLockService
from gokart.locks.waiting import Locks
from gokart.storage.contract import Condition
from gokart.storage.memory import MemoryStorage
from gokart.storage.registry import storage_for


@pytest.fixture
def storage() -> MemoryStorage:
    return MemoryStorage()


def new_locks(storage) -> Locks:
    """The locks as another process finds them."""
    return Locks(StorageLockService(storage, 'memory://locks'))


def objects(storage) -> list[str]:
    return [entry.path for entry in storage.list('memory://locks')]


def test_a_held_lock_is_one_object_and_a_released_one_is_none(storage):
    with held(new_locks(storage).acquire('s3://bucket/a b/model.pkl', 10)):
        (path,) = objects(storage)
        assert path.startswith('memory://locks/model.pkl-')
        assert json.loads(storage.open_read(path).read())['key'] == 's3://bucket/a b/model.pkl'
    assert objects(storage) == []


def test_no_file_is_left_in_a_directory(tmp_path):
    locks = locks_in(str(tmp_path / 'locks'))
    locks.acquire('key', 0.05)
    with held(locks.acquire('key', 10, wait_seconds=5)):
        pass
    assert list((tmp_path / 'locks').iterdir()) == []


@pytest.mark.parametrize('hours', [-5, 0, 5])
def test_the_clock_of_the_machine_does_not_matter(storage, monkeypatch, hours):
    new_locks(storage).acquire('key', 0.25)
    now = time.time
    monkeypatch.setattr(module.time, 'time', lambda: now() + hours * 3600)
    locks = new_locks(storage)
    with pytest.raises(LockTakenError):
        locks.acquire('key', 10)
    locks.acquire('key', 10, wait_seconds=2).release()
    assert objects(storage) == []


def test_a_lease_that_ended_long_ago_is_replaced_without_waiting(storage):
    new_locks(storage).acquire('key', 10)
    (path,) = objects(storage)
    described, content = storage._objects[path]
    aged = type(described)(path, described.size_bytes, described.modified - timedelta(hours=1), described.version)
    storage._objects[path] = aged, content
    new_locks(storage).acquire('key', 10).release()
    assert objects(storage) == []


def test_a_storage_that_cannot_remove_a_version_keeps_an_object_that_is_free(storage):
    class Plain:
        open_read, open_write, stat = storage.open_read, storage.open_write, storage.stat
        exists, remove, list = storage.exists, storage.remove, storage.list

    first = new_locks(Plain()).acquire('key', 10)
    first.release()
    assert len(objects(storage)) == 1
    second = new_locks(Plain()).acquire('key', 10)
    with pytest.raises(LockTakenError):
        new_locks(Plain()).acquire('key', 10)
    assert second.fencing_token > first.fencing_token


def test_something_else_at_the_path_of_a_lock_is_told_and_kept(storage):
    new_locks(storage).acquire('key', 10)
    (path,) = objects(storage)
    with storage.open_write(path) as stream:
        stream.write(b'not a lock')
    with pytest.raises(LockServiceError, match='is no lock'):
        new_locks(storage).acquire('key', 10)
    assert storage.open_read(path).read() == b'not a lock'


def test_a_removed_lock_is_lost(storage):
    lease = new_locks(storage).acquire('key', 10)
    storage.remove(objects(storage)[0])
    with pytest.raises(LockLostError):
        lease.renew()
    assert lease.is_lost


class LosesAnswers(MemoryStorage):
    """Writes, and fails all the same."""

    def __init__(self) -> None:
        super().__init__()
        self.is_losing = False

    def _publish(self, *publication):
        version = super()._publish(*publication)
        if self.is_losing:
            self.is_losing = False
            raise UnreachableStorageError('the answer was lost')
        return version


def test_a_renewal_whose_answer_was_lost_does_not_lose_the_lease():
    storage = LosesAnswers()
    lease = new_locks(storage).acquire('key', 10)
    storage.is_losing = True
    with pytest.raises(UnreachableStorageError):
        lease.renew()
    lease.renew()
    storage.is_losing = True
    with pytest.raises(UnreachableStorageError):
        lease.renew()
    lease.release()
    assert objects(storage) == []


class RemovesAnything(MemoryStorage):
    """Looks at no condition of a removal, as some servers do."""

    def remove_version(self, path, version):
        self.remove(path)


def test_whoever_comes_late_does_not_remove_the_lock_of_another():
    storage = RemovesAnything()
    late = new_locks(storage).acquire('key', 0.1)
    newer = new_locks(storage).acquire('key', 10, wait_seconds=5)
    late.release()
    assert len(objects(storage)) == 1
    newer.release()
    assert objects(storage) == []


class TellsNoVersion(MemoryStorage):
    """Has to be asked for the version of what was written."""

    def _publish(self, *publication):
        super()._publish(*publication)


def test_a_storage_whose_streams_tell_no_version_is_asked_for_it():
    storage = TellsNoVersion()
    lease = new_locks(storage).acquire('key', 10)
    lease.renew()
    lease.release()
    assert objects(storage) == []


def test_a_write_slower_than_the_lease_is_told(storage, monkeypatch):
    publish = storage._publish

    def publish_slowly(*publication):
        time.sleep(0.1)
        return publish(*publication)

    monkeypatch.setattr(storage, '_publish', publish_slowly)
    with pytest.raises(LockServiceError, match='longer'):
        new_locks(storage).acquire('key', 0.05)


@pytest.mark.parametrize('scheme', ['file', 'memory', 's3', 'gs'])
class TestRemoveVersion:
    """What locks need of a storage besides its contract."""

    @pytest.fixture
    def path(self, scheme, request, tmp_path) -> str:
        forget_locks()
        root = {'file': lambda: str(tmp_path), 'memory': lambda: 'memory://versions'}.get(scheme)
        return f'{root() if root else request.getfixturevalue({"s3": "s3_url", "gs": "gcs_url"}[scheme])}/object'

    def write(self, path, content=b'content'):
        with storage_for(path).open_write(path, Condition.ANY) as stream:
            stream.write(content)
        return storage_for(path).stat(path).version

    def test_the_version_that_was_seen_is_removed(self, path):
        storage_for(path).remove_version(path, self.write(path))
        assert not storage_for(path).exists(path)

    def test_another_version_is_kept(self, path):
        old = self.write(path)
        self.write(path, b'newer')
        with pytest.raises(FileExistsError, match='object'):
            storage_for(path).remove_version(path, old)
        assert storage_for(path).open_read(path).read() == b'newer'
        storage_for(path).remove(path)

    def test_nothing_to_remove_is_told(self, path):
        version = self.write(path)
        storage_for(path).remove(path)
        with pytest.raises(FileExistsError):
            storage_for(path).remove_version(path, version)


class TestSweep:
    def test_the_lock_of_a_dead_holder_is_removed_once_it_has_ended(self, storage, monkeypatch):
        monkeypatch.setattr(module, '_COARSENESS_SECONDS', 0.01)
        locks = new_locks(storage)
        locks.acquire('dead', 0.05)
        lasting = locks.acquire('lasting', 60)
        time.sleep(0.1)
        new_locks(storage).service.sweep()
        (path,) = objects(storage)
        assert 'lasting' in path
        lasting.renew()

    def test_a_lock_that_was_renewed_stays(self, storage, monkeypatch):
        monkeypatch.setattr(module, '_COARSENESS_SECONDS', 0.01)
        lease = new_locks(storage).acquire('key', 2.0)
        lease.renew()
        new_locks(storage).service.sweep()
        lease.renew()

    def test_what_is_no_lock_stays(self, storage, monkeypatch):
        monkeypatch.setattr(module, '_COARSENESS_SECONDS', 0.01)
        for name in ('data.csv', 'a/b.lock', 'notes.lock'):
            with storage.open_write(f'memory://locks/{name}') as stream:
                stream.write(b'mine')
        time.sleep(0.05)
        new_locks(storage).service.sweep()
        assert len(objects(storage)) == 3
