"""Every storage keeps the contract."""

from __future__ import annotations

import pytest

from gokart.storage.contract import Storage
from gokart.storage.memory import MemoryStorage
from gokart.testing.storage import StorageContract


class TestLocalStorage(StorageContract):
    @pytest.fixture
    def root(self, tmp_path) -> str:
        return str(tmp_path / 'root')


class TestMemoryStorage(StorageContract):
    @pytest.fixture
    def storage(self) -> Storage:
        return MemoryStorage()

    @pytest.fixture
    def root(self) -> str:
        return 'memory://some/root'
