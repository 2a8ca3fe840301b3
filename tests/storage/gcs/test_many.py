"""Many objects of Google Cloud Storage at once: few requests."""

from __future__ import annotations

import json

import pytest

from gokart.errors import AccessDeniedError, BucketNotFoundError, StorageError, UnreachableStorageError
from gokart.testing.storage.actions import write

DENIED = json.dumps(
    {'error': {'code': 403, 'message': 'no storage.objects.list access', 'errors': [{'reason': 'forbidden'}]}}
).encode()


@pytest.fixture
def paths(gcs_url, fill) -> list[str]:
    """Some objects; every other one is there."""
    names = [f'directory/object {number:03}' for number in range(250)]
    fill(names[::2])
    return [f'{gcs_url}/{name}' for name in names]


def test_many_are_looked_for_by_listing(storage, paths, proxy):
    assert storage.exists_many(paths) == set(paths[::2])
    assert len(proxy.log) == 1


def test_none_of_none_exists(storage):
    assert storage.exists_many([]) == set()


def test_paths_of_several_buckets_are_looked_for(storage, paths, gcs_server):
    with pytest.raises(BucketNotFoundError, match='other-bucket'):
        storage.exists_many([*paths, 'gs://other-bucket/a', 'gs://other-bucket/b'])


def test_where_listings_are_denied_each_is_asked_for(storage, paths, proxy):
    proxy.add('status', path='/o\\?', status=403, body=DENIED)
    assert storage.exists_many(paths[:21]) == set(paths[:21:2])


def test_many_are_removed_by_hundreds(storage, paths, proxy, gcs_url):
    storage.remove_many(paths)
    assert [entry.path for entry in proxy.log if entry.method == 'POST'] == ['/batch/storage/v1'] * 3
    assert list(storage.list(gcs_url)) == []


def test_one_is_removed_by_itself(storage, paths, proxy):
    storage.remove_many(paths[:1])
    assert [entry.method for entry in proxy.log] == ['DELETE']


@pytest.mark.parametrize('path', ['object', 'missing'])
def test_removing_one_or_none_is_no_error(storage, gcs_url, path):
    write(storage, f'{gcs_url}/object', b'')
    storage.remove_many([f'{gcs_url}/{path}'])
    storage.remove_many([])


def test_where_there_are_no_batches_each_is_removed(storage, paths, proxy, gcs_url):
    proxy.add('status', path='/batch/', status=501)
    storage.remove_many(paths[:21])
    assert len(list(storage.list(gcs_url))) == 125 - 11


@pytest.mark.parametrize('action', ['status', 'reset_before', 'reset_after', 'truncate'])
def test_a_batch_that_failed_is_sent_again(storage, paths, proxy, gcs_url, action):
    proxy.add(action, path='/batch/', times=2)
    storage.remove_many(paths)
    assert list(storage.list(gcs_url)) == []


def test_a_call_of_a_batch_that_failed_is_made_alone(storage, gcs_url, answer):
    answer.headers = {'Content-Type': 'multipart/mixed; boundary=b'}
    answer.body = b''.join(
        b'--b\r\nContent-Type: application/http\r\nContent-ID: <response-x+%d>\r\n\r\nHTTP/1.1 %d X\r\n\r\n\r\n' % call
        for call in ((1, 204), (0, 503))  # in any order
    )
    storage.remove_many([f'{gcs_url}/a', f'{gcs_url}/b'])
    assert [request.partition('?')[0] for request in answer.requests[1:]] == [
        f'DELETE /storage/v1/b/{gcs_url.removeprefix("gs://")}/o/a'
    ]


def test_objects_of_a_missing_bucket_cannot_be_removed(storage):
    with pytest.raises(BucketNotFoundError, match='no-such-bucket'):
        storage.remove_many(['gs://no-such-bucket/a', 'gs://no-such-bucket/b'])


def test_a_removal_that_is_denied_is_an_error(storage, paths, answer):
    answer.refuse(403, 'forbidden', 'no storage.objects.delete access')
    with pytest.raises(AccessDeniedError, match='object 000'):
        storage.remove_many(paths)
    assert len(answer.requests) < 40


def test_a_server_that_is_not_there_is_asked_no_hundred_times(storage, paths, monkeypatch):
    monkeypatch.setenv('STORAGE_EMULATOR_HOST', 'http://127.0.0.1:1')
    with pytest.raises(UnreachableStorageError):
        storage.remove_many(paths)


def test_one_wrong_path_stops_all(storage, paths):
    with pytest.raises(StorageError, match='no path of an object'):
        storage.remove_many([*paths, 'gs://bucket/'])
    assert len(storage.exists_many(paths)) == 125


def test_a_removal_whose_answer_was_lost_is_none_of_a_missing_object(storage, paths, proxy):
    proxy.add('reset_after', method='DELETE', times=2)
    storage.remove(paths[0])
    assert not storage.exists(paths[0])
