"""Which of many keys exist is found with few requests."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gokart.errors import AccessDeniedError
from gokart.storage.key_scan import KeyPage, existing_keys


class Bucket:
    """Keys that are listed in pages, as S3 and GCS do, and what was asked of them."""

    def __init__(self, keys, page_size=1000):
        self.keys = sorted(keys, key=str.encode)
        self.page_size = page_size
        self.listings = []
        self.asked = []
        self.threads = set()

    def list_from(self, prefix, start):
        self.listings.append((prefix, start))
        matching = [key for key in self.keys if key.startswith(prefix) and key.encode() >= start.encode()]
        return KeyPage(matching[: self.page_size], len(matching) <= self.page_size)

    def exists(self, key):
        self.asked.append(key)
        self.threads.add(threading.get_ident())
        return key in self.keys

    def existing(self, wanted, connections=8):
        return existing_keys(wanted, self.list_from, self.exists, connections)

    @property
    def requests(self):
        return len(self.listings) + len(self.asked)


def keys(directory, numbers):
    return [f'{directory}/Task_{number:06}.pkl' for number in numbers]


def test_nothing_is_asked_about_nothing():
    bucket = Bucket(['a'])
    assert bucket.existing([]) == set()
    assert bucket.requests == 0


@pytest.mark.parametrize('key', ['there', 'missing'])
def test_one_key_is_asked_for_in_the_thread_of_the_caller(key):
    bucket = Bucket(['there'])
    assert bucket.existing([key]) == {key} & {'there'}
    assert (bucket.listings, bucket.asked) == ([], [key])
    assert bucket.threads == {threading.get_ident()}


@pytest.mark.parametrize('there', [0, 1, 500, 1000])
def test_a_thousand_keys_of_one_directory_take_one_listing(there):
    wanted = keys('dir', range(1000))
    bucket = Bucket([*wanted[:there], *keys('dirs', range(5000)), *keys('di', range(5000))])
    assert bucket.existing(wanted) == set(wanted[:there])
    assert bucket.listings == [('dir/', wanted[0])]
    assert bucket.asked == []


def test_a_thousand_keys_among_as_many_others_take_few_listings():
    wanted = keys('dir', range(0, 2000, 2))
    bucket = Bucket(keys('dir', range(2000)))
    assert bucket.existing(wanted) == set(wanted)
    assert bucket.requests <= 3


def test_keys_of_several_directories_take_a_listing_each():
    """What lies between them is skipped, however much it is."""
    wanted = keys('a/x', range(300)) + keys('a/z', range(300)) + keys('c', range(300))
    bucket = Bucket([*wanted, *keys('a/y', range(5000)), *keys('b', range(5000))])
    assert bucket.existing(wanted) == set(wanted)
    assert [start for _, start in bucket.listings] == [wanted[0], wanted[300], wanted[600]]
    assert bucket.asked == []


def test_keys_far_apart_are_asked_for_side_by_side():
    wanted = keys('dir', range(0, 200_000, 2000))
    bucket = Bucket(wanted[::2] + keys('dir', range(1, 200_000, 2)))
    started = threading.Barrier(8, timeout=10)
    plain = bucket.exists

    def exists(key):
        if key in wanted[1:9]:
            started.wait()
        return plain(key)

    bucket.exists = exists
    assert bucket.existing(wanted) == set(wanted[::2])
    assert len(bucket.listings) <= 5
    assert bucket.requests <= len(wanted)


def test_listings_are_tried_again_where_keys_lie_closer():
    wanted = keys('a', range(0, 9000, 3000)) + keys('b', range(1000))
    bucket = Bucket([*keys('a', range(9000)), *keys('b', range(1000))])
    assert bucket.existing(wanted) == set(wanted)
    assert bucket.requests <= 12


def test_page_without_keys_is_no_end():
    """A server may have looked at much and found nothing yet."""
    bucket = Bucket(keys('dir', range(100)))
    asked = existing_keys(keys('dir', range(110)), lambda prefix, start: KeyPage([], False), bucket.exists, 4)
    assert asked == set(keys('dir', range(100)))


def test_failure_of_a_request_is_raised():
    def fail(*_):
        raise PermissionError('denied')

    with pytest.raises(PermissionError, match='denied'):
        existing_keys(['a', 'b'], fail, fail, 4)
    with pytest.raises(PermissionError, match='denied'):
        existing_keys(['a', 'b'], lambda prefix, start: KeyPage([], False), fail, 4)


def test_where_listings_are_denied_each_key_is_asked_for():
    wanted = keys('dir', range(100))
    bucket = Bucket(wanted[::2])

    def deny(prefix, start):
        raise AccessDeniedError('denied')

    assert existing_keys(wanted, deny, bucket.exists, 4) == set(wanted[::2])
    assert sorted(bucket.asked) == wanted


def test_where_a_key_is_denied_that_is_raised():
    def deny(*_):
        raise AccessDeniedError('denied')

    with pytest.raises(AccessDeniedError):
        existing_keys(keys('dir', range(100)), deny, deny, 4)


def test_order_is_that_of_utf8():
    """UTF-16, which other languages sort by, has \U0001f600 before \uff5e."""
    wanted = ['dir/\uff5e', 'dir/\U0001f600', 'dir/é', 'dir/e\u0301', 'dir/\x7f', 'dir/~']
    bucket = Bucket(wanted[1:], page_size=2)
    assert bucket.existing(wanted) == set(wanted[1:])


KEYS = st.lists(st.text('ab/~é\uff5e\U0001f600', min_size=1, max_size=5), max_size=30)


@given(stored=KEYS, wanted=KEYS, page_size=st.integers(1, 12), connections=st.integers(1, 4))
@settings(derandomize=True, max_examples=150, deadline=None)
def test_answer_is_the_intersection_by_no_more_requests_than_keys(stored, wanted, page_size, connections):
    bucket = Bucket(set(stored), page_size)
    wanted = [*wanted, *stored[::2]]
    assert bucket.existing(wanted, connections) == set(wanted) & set(stored)
    assert bucket.requests <= len(set(wanted))
    assert len(set(bucket.asked)) == len(bucket.asked)
