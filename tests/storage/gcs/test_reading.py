"""Reading from Google Cloud Storage: few requests, one generation, and on where a download broke off."""

from __future__ import annotations

import gzip
import os

import pytest
import requests
from google.cloud.storage import Client

from gokart.errors import ObjectChangedError, StorageError
from gokart.storage.ranged import HEAD_BYTES
from gokart.testing.storage.actions import read, write

CONTENT = os.urandom(3 * HEAD_BYTES + 17)


@pytest.fixture
def large(gcs_url, storage) -> str:
    write(storage, f'{gcs_url}/large', CONTENT)
    return f'{gcs_url}/large'


@pytest.mark.parametrize('size', [0, 1, HEAD_BYTES - 1, HEAD_BYTES])
def test_a_small_object_takes_one_request(gcs_url, storage, proxy, size):
    write(storage, f'{gcs_url}/object', CONTENT[:size])
    proxy.clear()
    assert read(storage, f'{gcs_url}/object') == CONTENT[:size]
    assert len(proxy.log) == 1


def test_a_large_object_is_read_in_ranges(large, storage, proxy):
    with storage.open_read(large) as file:
        file.seek(2 * HEAD_BYTES)
        assert file.read(1000) == CONTENT[2 * HEAD_BYTES :][:1000]
        assert file.seek(-5, os.SEEK_END) == len(CONTENT) - 5
        assert file.read() == CONTENT[-5:]


def test_a_large_object_that_was_replaced_is_not_mixed(large, storage):
    with storage.open_read(large) as file:
        file.read(10)
        write(storage, large, CONTENT[::-1])
        with pytest.raises(ObjectChangedError, match='large'):
            file.read()


def test_a_large_object_that_was_removed_is_not_missing_at_its_end(large, storage):
    with storage.open_read(large) as file:
        storage.remove(large)
        with pytest.raises(ObjectChangedError, match='large'):
            file.read()


@pytest.mark.parametrize('size', [0, 1000, HEAD_BYTES + 5])
def test_a_download_goes_on_where_it_broke_off(large, storage, proxy, size):
    proxy.add('truncate', method='GET', size_bytes=size, times=3)
    assert read(storage, large) == CONTENT


@pytest.mark.parametrize('action', ['status', 'reset_before', 'reset_after'])
def test_a_passing_failure_passes(large, storage, proxy, action):
    proxy.add(action, method='GET', times=2)
    assert read(storage, large) == CONTENT


def test_a_download_that_always_breaks_off_is_an_error(gcs_url, storage, proxy, config):
    config.set('GCSConfig', 'retries', '2')
    write(storage, f'{gcs_url}/object', b'content')
    proxy.add('truncate', method='GET', size_bytes=3)
    with pytest.raises(StorageError, match='object'):
        read(storage, f'{gcs_url}/object')
    assert len(proxy.log) == 1 + 3


def test_bytes_that_changed_on_the_way_are_not_taken(gcs_url, storage, answer, config):
    config.set('GCSConfig', 'retries', '1')
    answer.body = b'content'
    answer.headers = {'x-goog-hash': 'crc32c=AAAAAA==,md5=AAAAAAAAAAAAAAAAAAAAAA=='}
    with pytest.raises(StorageError, match='checksum'):
        read(storage, f'{gcs_url}/object')
    assert len(answer.requests) == 2


def test_a_server_that_tells_no_version_is_asked_for_it(large, storage, monkeypatch):
    send = requests.Session.send

    def send_and_forget(*args, **kwargs):
        response = send(*args, **kwargs)
        response.headers.pop('x-goog-generation', None)
        return response

    monkeypatch.setattr(requests.Session, 'send', send_and_forget)
    with storage.open_read(large) as file:
        assert file.read(10) == CONTENT[:10]
        write(storage, large, CONTENT[::-1])
        with pytest.raises(ObjectChangedError):
            file.read()


def test_what_is_stored_compressed_is_read_as_it_is_stored(gcs_url, storage):
    stored = gzip.compress(b'content', mtime=0)
    _upload(gcs_url, 'object', stored, contentEncoding='gzip')
    assert read(storage, f'{gcs_url}/object') == stored
    assert storage.stat(f'{gcs_url}/object').size_bytes == len(stored)


def test_a_label_that_is_no_header_does_not_disturb(gcs_url, storage):
    with storage.open_write(f'{gcs_url}/object', labels={'naïve name': 'two\r\nlines 🦆'}) as stream:
        stream.write(b'content')
    assert read(storage, f'{gcs_url}/object') == b'content'


def _upload(gcs_url: str, key: str, content: bytes, **properties: str) -> None:
    """Write an object as another program would."""
    blob = Client().bucket(gcs_url.removeprefix('gs://')).blob(key)
    for name, value in properties.items():
        blob._properties[name] = value
    blob.upload_from_string(content)
