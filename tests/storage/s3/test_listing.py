"""Listings, and questions and removals of many objects, by few requests."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.s3_talk import error_body, requests

from gokart.errors import AccessDeniedError, StorageError
from gokart.storage.object_url import ObjectUrl
from gokart.storage.s3.listing import _just_before, keys_from
from gokart.testing.storage.actions import write

KEYS = ['a', 'a b', 'a-b', 'a/b', 'a/b/c', 'a0', 'b\x01', 'b\n', 'z', '~', 'é', 'データ', '\uffff', '🦆']


@pytest.fixture
def filled(storage, s3_url, bucket, s3_server):
    """Objects with `KEYS`, and a mark of a directory."""
    for key in [*KEYS, 'a/']:
        s3_server.client().put_object(Bucket=bucket, Key=key, Body=b'')
    return storage


@pytest.fixture
def pages_of_three(storage, s3_url):
    """Let the server list three objects at a time."""
    client = storage._connection._current().boto
    client.meta.events.register(
        'provide-client-params.s3.ListObjectsV2', lambda params, **kwargs: {'MaxKeys': 3, **params}
    )


def test_pages_are_put_together(pages_of_three, filled, s3_url):
    assert [found.path for found in filled.list(s3_url)] == [f'{s3_url}/{key}' for key in KEYS]


def test_a_listing_takes_a_request_for_each_page(proxy, storage, pages_of_three, filled, s3_url):
    proxy.clear()
    assert len(list(filled.list(s3_url))) == 14
    assert requests(proxy) == ['GET list-type'] * 5


def test_a_listing_starts_when_it_is_asked_for(proxy, storage, filled, s3_url):
    proxy.clear()
    listing = filled.list(s3_url)
    assert requests(proxy) == []
    next(listing)
    assert requests(proxy) == ['GET list-type']


def test_passing_failures_of_pages_are_not_noticed(proxy, storage, pages_of_three, filled, s3_url):
    proxy.add('truncate', method='GET', path='continuation-token', size_bytes=100, times=1)
    proxy.add('status', method='GET', path='list-type', skip=2, status=500, times=1)
    assert len(list(filled.list(s3_url))) == 14


@pytest.mark.parametrize('prefix', ['', 'a', 'a/'])
def test_keys_are_listed_from_a_start(pages_of_three, filled, bucket, prefix):
    for start in ('', 'a', 'a/', 'a/b', 'a/b\0', 'a/b/c', 'b', 'zz', 'é', '\uffff', '🦆', '🦆\0'):
        expected = [key for key in sorted([*KEYS, 'a/']) if key.startswith(prefix) and key >= start]
        found = []
        page = keys_from(filled._connection, ObjectUrl('s3', bucket, ''), prefix, start)
        while not page.is_last:
            found += page.keys
            page = keys_from(filled._connection, ObjectUrl('s3', bucket, ''), prefix, f'{page.keys[-1]}\0')
        assert [*found, *page.keys] == expected


texts = st.text(st.characters(exclude_categories=['Cs']), max_size=5)


@given(texts.filter(bool), texts)
@example('\ue000', '\ud7ff')
@example('a', '`z')
@example('x' * 1024, 'x' * 1023 + 'w')
def test_listings_begin_right_before_the_start(start, key):
    before = _just_before(start)
    assert before < start
    assert len(before.encode()) <= max(1024, len(start.encode()) + 3)
    assert not before < key < start or key.startswith(before) or len(before.encode()) > 1020


def test_many_objects_are_asked_for_by_a_listing(proxy, storage, s3_url, s3_server, bucket):
    for number in range(0, 200, 2):
        s3_server.client().put_object(Bucket=bucket, Key=f'directory/{number}', Body=b'')
    paths = [f'{s3_url}/directory/{number}' for number in range(200)]
    assert storage.exists_many(paths) == set(paths[::2])
    assert requests(proxy) == ['GET list-type']


def test_one_object_is_asked_for_by_itself(proxy, filled, s3_url):
    proxy.clear()
    assert filled.exists_many([f'{s3_url}/z']) == {f'{s3_url}/z'}
    assert requests(proxy) == ['HEAD']


def test_objects_of_several_buckets_are_asked_for(filled, s3_url, s3_server):
    s3_server.client().create_bucket(Bucket='another')
    write(filled, 's3://another/z', b'')
    paths = [f'{s3_url}/{key}' for key in (*KEYS, 'missing')] + ['s3://another/z', 's3://another/missing']
    assert filled.exists_many(paths) == {*paths[: len(KEYS)], 's3://another/z'}


def test_nothing_asked_takes_no_request(proxy, storage):
    assert storage.exists_many([]) == set()
    storage.remove_many([])
    assert requests(proxy) == []


def test_who_may_not_list_asks_for_single_objects(proxy, filled, s3_url, user):
    user('s3:GetObject')
    paths = [f'{s3_url}/{key}' for key in (*KEYS, 'missing')]
    assert filled.exists_many(paths) == set(paths[:-1])


def test_many_objects_are_removed_by_few_requests(proxy, filled, s3_url):
    proxy.clear()
    filled.remove_many(f'{s3_url}/{key}' for key in [*(key for key in KEYS if key.isprintable()), *range(1500)])
    assert requests(proxy) == ['POST delete'] * 2
    assert [found.path for found in filled.list(s3_url)] == [f'{s3_url}/b\x01', f'{s3_url}/b\n', f'{s3_url}/\uffff']


def test_objects_whose_names_xml_cannot_hold_are_removed(filled, s3_url):
    filled.remove_many([f'{s3_url}/{key}' for key in KEYS])
    assert list(filled.list(s3_url)) == []


def test_a_removal_whose_answer_is_lost_was_done(proxy, filled, s3_url):
    proxy.add('reset_after', method='POST', times=1)
    filled.remove_many([f'{s3_url}/a', f'{s3_url}/z'])
    proxy.add('reset_after', method='DELETE', times=1)
    filled.remove(f'{s3_url}/~')
    assert filled.exists_many([f'{s3_url}/{key}' for key in 'az~é']) == {f'{s3_url}/é'}


def delete_result(*errors: tuple[str, str]) -> bytes:
    found = ''.join(f'<Error><Key>{key}</Key><Code>{code}</Code><Message>No.</Message></Error>' for key, code in errors)
    return f'<DeleteResult>{found}</DeleteResult>'.encode()


def test_an_object_that_cannot_be_removed_is_named(proxy, filled, s3_url):
    proxy.add('status', method='POST', status=200, body=delete_result(('z', 'AccessDenied')))
    with pytest.raises(AccessDeniedError, match=f"'{s3_url}/z' could not be removed"):
        filled.remove_many([f'{s3_url}/a', f'{s3_url}/z'])


def test_objects_that_cannot_be_removed_in_passing_are_removed_again(proxy, filled, s3_url):
    proxy.add(
        'status', method='POST', status=200, body=delete_result(('a', 'InternalError'), ('z', 'SlowDown')), times=1
    )
    filled.remove_many([f'{s3_url}/a', f'{s3_url}/z'])
    assert requests(proxy) == ['POST delete'] * 2
    assert filled.exists_many([f'{s3_url}/a', f'{s3_url}/z']) == set()


def test_a_removal_that_never_works_is_an_error(proxy, filled, s3_url, quick):
    proxy.add('status', method='POST', status=200, body=delete_result(('z', 'InternalError')))
    with pytest.raises(StorageError, match='InternalError'):
        filled.remove_many([f'{s3_url}/a', f'{s3_url}/z'])


def test_times_are_those_of_single_objects(proxy, filled, s3_url):
    """Listings know parts of seconds, headers do not."""
    for found in filled.list(s3_url):
        assert found.modified == filled.stat(found.path).modified


def test_a_listing_that_breaks_off_is_an_error(proxy, storage, pages_of_three, filled, s3_url, user):
    proxy.add('status', method='GET', path='continuation-token', status=403, body=error_body('AccessDenied'))
    listing = filled.list(s3_url)
    assert [next(listing).path for _ in range(3)] == [f'{s3_url}/{key}' for key in KEYS[:3]]
    with pytest.raises(AccessDeniedError, match='listed'):
        next(listing)
