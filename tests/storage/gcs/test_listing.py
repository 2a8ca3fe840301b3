"""Listings of Google Cloud Storage: literal names, in pages, without the markers of directories."""

from __future__ import annotations

from datetime import timedelta

import pytest
from google.cloud.storage import Client

from gokart.errors import BucketNotFoundError, StorageError
from gokart.testing.storage.actions import write


@pytest.fixture
def bucket(gcs_url):
    return Client().bucket(gcs_url.removeprefix('gs://'))


def test_a_listing_goes_on_from_page_to_page(gcs_url, storage, proxy, fill):
    names = [f'many/{number:04}' for number in range(1001)]
    fill(names)
    assert [found.path for found in storage.list(f'{gcs_url}/many')] == [f'{gcs_url}/{name}' for name in names]
    assert len(proxy.log) == 2


def test_a_page_that_fails_is_asked_for_again(gcs_url, storage, proxy):
    write(storage, f'{gcs_url}/a', b'')
    proxy.add('status', method='GET', status=429, times=1)
    assert [found.path for found in storage.list(gcs_url)] == [f'{gcs_url}/a']


def test_a_marker_of_a_directory_is_no_object(gcs_url, storage, bucket):
    bucket.blob('directory/').upload_from_string(b'')
    write(storage, f'{gcs_url}/directory/object', b'')
    assert [found.path for found in storage.list(gcs_url)] == [f'{gcs_url}/directory/object']


@pytest.mark.parametrize('name', ['a*b', 'a[0]', 'a?', 'a%2Fb', 'a+b', 'a b', '日本', 'a//b', 'a/./b', 'a/../b'])
def test_names_are_taken_as_they_stand(gcs_url, storage, name):
    write(storage, f'{gcs_url}/{name}/object', b'content')
    write(storage, f'{gcs_url}/ab/object', b'')
    assert [found.path for found in storage.list(f'{gcs_url}/{name}')] == [f'{gcs_url}/{name}/object']
    assert storage.stat(f'{gcs_url}/{name}/object').size_bytes == 7


def test_a_later_change_of_metadata_is_no_write(gcs_url, storage, bucket):
    write(storage, f'{gcs_url}/object', b'')
    before = storage.stat(f'{gcs_url}/object')
    blob = bucket.get_blob('object')
    blob.metadata = {'of': 'others'}
    blob.patch()
    assert storage.stat(f'{gcs_url}/object') == before


def test_times_are_in_utc(gcs_url, storage):
    write(storage, f'{gcs_url}/object', b'')
    (found,) = storage.list(gcs_url)
    assert found.modified.utcoffset() == timedelta(0)


def test_a_missing_bucket_has_no_listing(storage):
    with pytest.raises(BucketNotFoundError, match='no-such-bucket'):
        list(storage.list('gs://no-such-bucket/directory'))


def test_a_path_without_bucket_has_no_listing(storage):
    with pytest.raises(StorageError, match='names no bucket'):
        list(storage.list('gs://'))
