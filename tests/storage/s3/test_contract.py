"""S3 keeps the contract of storages."""

from __future__ import annotations

import pytest

from gokart.storage.contract import LabelledStorage, RemoteStorage
from gokart.storage.s3 import S3Storage
from gokart.testing.storage import StorageContract


class TestS3Storage(StorageContract):
    @pytest.fixture
    def root(self, s3_url: str) -> str:
        return f'{s3_url}/some/root'


def test_it_is_remote_and_keeps_labels():
    assert isinstance(S3Storage(), RemoteStorage)
    assert isinstance(S3Storage(), LabelledStorage)
