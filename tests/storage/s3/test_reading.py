"""Reading of objects on S3: few requests, one version, and no harm by answers that break off."""

from __future__ import annotations

import os

import pytest
from support.s3_talk import error_body, requests

from gokart.errors import ObjectChangedError, StorageError
from gokart.storage.ranged import HEAD_BYTES
from gokart.testing.storage.actions import read, write

LARGE = os.urandom(3 * HEAD_BYTES + 17)


@pytest.fixture
def large(storage, s3_url) -> str:
    write(storage, f'{s3_url}/large', LARGE)
    return f'{s3_url}/large'


@pytest.mark.parametrize('content', [b'', b'x', bytes(1000), bytes(HEAD_BYTES)])
def test_a_small_object_is_read_by_one_request(proxy, storage, s3_url, content):
    write(storage, f'{s3_url}/object', content)
    proxy.clear()
    assert read(storage, f'{s3_url}/object') == content
    assert requests(proxy) == ['GET']


def test_a_large_object_is_read_by_few_requests(proxy, storage, large):
    proxy.clear()
    assert read(storage, large) == LARGE
    assert len(requests(proxy)) <= 3


def test_a_jump_fetches_what_is_read(proxy, storage, large):
    with storage.open_read(large) as file:
        proxy.clear()
        file.seek(2 * HEAD_BYTES)
        assert file.read(10) == LARGE[2 * HEAD_BYTES :][:10]
    assert requests(proxy) == ['GET']


def test_the_name_of_a_file_is_its_path(storage, large):
    with storage.open_read(large) as file:
        assert file.name == large


def test_a_closed_object_gives_its_connection_back(storage, large):
    for _ in range(40):
        with storage.open_read(large) as file:
            file.seek(2 * HEAD_BYTES)
            file.read(100)


@pytest.mark.parametrize('change', ['replaced', 'removed'])
def test_an_object_that_changes_while_it_is_read_is_an_error(storage, large, change):
    with storage.open_read(large) as file:
        if change == 'replaced':
            write(storage, large, bytes(len(LARGE)))
        else:
            storage.remove(large)
        assert file.read(10) == LARGE[:10]
        with pytest.raises(ObjectChangedError, match='large'):
            file.read()


def test_an_object_replaced_by_equal_bytes_is_read_to_its_end(storage, large):
    with storage.open_read(large) as file:
        write(storage, large, LARGE)
        assert file.read() == LARGE


@pytest.mark.parametrize(
    'fault',
    [
        {'action': 'truncate', 'size_bytes': 1000},
        {'action': 'truncate', 'size_bytes': 0},
        {'action': 'reset_before'},
        {'action': 'reset_after'},
        {'action': 'status', 'status': 500},
        {'action': 'status', 'status': 503, 'body': error_body('SlowDown')},
        {'action': 'status', 'status': 400, 'body': error_body('RequestTimeout')},
        {'action': 'status', 'status': 429},
    ],
    ids=lambda fault: '-'.join(map(str, fault.values())).partition('-b')[0],
)
@pytest.mark.parametrize('skip', [0, 1])
def test_passing_failures_are_not_noticed(proxy, storage, large, fault, skip):
    proxy.add(method='GET', path='large', skip=skip, times=2, **fault)
    assert read(storage, large) == LARGE


def test_a_silent_server_is_asked_again(proxy, storage, large, config):
    config.set('S3Config', 'read_timeout_seconds', '0.3')
    proxy.add('delay', method='GET', seconds=1, times=1)
    assert read(storage, large) == LARGE


def test_a_forked_child_reads_on_by_a_connection_of_its_own(storage, large, run_child):
    with storage.open_read(large) as file:
        assert file.read(HEAD_BYTES + 5) == LARGE[: HEAD_BYTES + 5]

        def read_on() -> None:
            assert file.read() == LARGE[HEAD_BYTES + 5 :]

        assert run_child(read_on) == 0
        assert file.read() == LARGE[HEAD_BYTES + 5 :]


def test_a_server_without_ranges_serves_small_objects_only(proxy, storage, s3_url):
    for size in (100, HEAD_BYTES + 1):
        proxy.clear()
        proxy.add('status', method='GET', status=200, headers={'ETag': '"tag"'}, body=bytes(size))
        if size == 100:
            assert read(storage, f'{s3_url}/object') == bytes(100)
        else:
            with pytest.raises(StorageError, match=r'object.*no ranges'):
                read(storage, f'{s3_url}/object')


def test_an_object_that_others_compressed_is_read_as_it_is_stored(storage, s3_url, bucket, s3_server):
    s3_server.client().put_object(Bucket=bucket, Key='object', Body=b'\x1f\x8b...', ContentEncoding='gzip')
    assert read(storage, f'{s3_url}/object') == b'\x1f\x8b...'
