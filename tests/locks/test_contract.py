"""Everything that keeps locks keeps the contract."""

from __future__ import annotations

import pytest

from gokart.locks.registry import locks_for, locks_in
from gokart.locks.storage import StorageLockService
from gokart.locks.waiting import Locks
from gokart.storage.memory import MemoryStorage
from gokart.testing.locks import LockContract


class TestRedisLocks(LockContract):
    """At a real Redis."""


class TestFileLocks(LockContract):
    @pytest.fixture
    def locks(self, tmp_path) -> Locks:
        return locks_for(f'file://{tmp_path}/locks')


class TestMemoryLocks(LockContract):
    @pytest.fixture
    def locks(self) -> Locks:
        return Locks(StorageLockService(MemoryStorage(), 'memory://locks'))


class TestS3Locks(LockContract):
    @pytest.fixture
    def locks(self, s3_url) -> Locks:
        return locks_in(f'{s3_url}/locks')


class TestGCSLocks(LockContract):
    @pytest.fixture
    def locks(self, gcs_url) -> Locks:
        return locks_in(f'{gcs_url}/locks')
