"""Google Cloud Storage keeps the contract of all storages."""

from __future__ import annotations

import pytest

from gokart.storage.contract import LabelledStorage, RemoteStorage, Storage
from gokart.storage.gcs import GCSStorage
from gokart.testing.storage import StorageContract


class TestGCSStorage(StorageContract):
    @pytest.fixture
    def storage(self) -> Storage:
        return GCSStorage()

    @pytest.fixture
    def root(self, gcs_url) -> str:
        return f'{gcs_url}/some/root'


@pytest.mark.parametrize('protocol', [Storage, RemoteStorage, LabelledStorage])
def test_it_is_found_to_be_remote_and_labelled(protocol):
    assert isinstance(GCSStorage(), protocol)
