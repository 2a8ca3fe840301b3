"""A snapshot answers for many objects that were asked for at once, for as long as a look lasts and no longer."""

from __future__ import annotations

import contextvars
import os
import threading

import pytest

from gokart.errors import BucketNotFoundError, UnreachableStorageError
from gokart.storage.registry import storage_for
from gokart.storage.snapshot import is_looking, snapshot, told
from gokart.target import make_target

HERE, GONE = 'far://bucket/here.txt', 'far://bucket/gone.txt'


@pytest.fixture(autouse=True)
def _one_object(far):
    far.appear(HERE)


def exists(path):
    return make_target(path).exists()


def test_a_target_exists_without_a_request_of_its_own(far):
    with snapshot() as taken:
        taken.ask([HERE, GONE])
        assert (exists(HERE), exists(GONE)) == (True, False)
    assert far.kinds() == {'list': 1}


def test_what_was_not_asked_for_is_asked_now(far):
    with snapshot():
        assert (exists(HERE), exists(GONE)) == (True, False)
    assert far.kinds() == {'exists': 2}


def test_nothing_is_known_after_the_look(far):
    with snapshot() as taken:
        taken.ask([HERE])
    far.vanish(HERE)
    assert exists(HERE) is False


def test_nothing_is_known_after_the_end_of_the_look(far):
    with snapshot() as outer:
        outer.ask([HERE])
        with snapshot() as inner:
            assert is_looking()
            inner.end()
            assert not is_looking()
            far.vanish(HERE)
            assert exists(HERE) is False


def test_an_absence_is_told_once_so_that_waiting_for_an_object_ends(far):
    with snapshot() as taken:
        taken.ask([GONE])
        assert exists(GONE) is False
        far.appear(GONE)
        assert exists(GONE) is True


def test_a_presence_is_told_as_often_as_one_asks(far):
    with snapshot() as taken:
        taken.ask([HERE])
        assert [exists(HERE) for _ in range(3)] == [True] * 3
    assert far.kinds() == {'list': 1}


def test_what_this_process_writes_is_there_at_once():
    with snapshot() as taken:
        taken.ask([GONE])
        make_target(GONE).dump('now')
        assert exists(GONE) is True


def test_what_this_process_removes_is_gone_at_once():
    with snapshot() as taken:
        taken.ask([HERE])
        storage_for(HERE).remove(HERE)
        assert exists(HERE) is False


@pytest.mark.parametrize('change', [lambda: make_target(GONE).dump('now'), lambda: make_target(HERE).remove()])
def test_a_change_while_storages_are_asked_is_not_missed(far, change):
    asked = far.exists_many

    def change_meanwhile(paths):
        found = asked(paths)
        thread = threading.Thread(target=change)
        thread.start()
        thread.join()
        return found

    far.exists_many = change_meanwhile
    with snapshot() as taken:
        taken.ask([HERE, GONE])
        assert exists(HERE) == exists(GONE)


def test_a_look_inside_of_a_look_knows_what_that_knows(far):
    with snapshot() as outer:
        outer.ask([HERE])
        with snapshot() as inner:
            inner.ask([HERE])
            assert exists(HERE)
    assert far.kinds() == {'list': 1}


def test_a_thread_with_the_context_of_the_look_gets_its_answers(far):
    with snapshot() as taken:
        taken.ask([HERE])
        thread = threading.Thread(target=contextvars.copy_context().run, args=(exists, HERE))
        thread.start()
        thread.join()
    assert far.kinds() == {'list': 1}


def test_local_files_are_not_asked_for(tmp_path, far):
    path = os.fspath(tmp_path / 'file.txt')
    with snapshot() as taken:
        taken.ask([path])
        assert told(path) is None
    assert far.requests == []


def test_a_failed_listing_leaves_each_object_to_be_asked(far):
    far.exists_many = lambda paths: 1 / 0
    with snapshot() as taken:
        taken.ask([HERE, GONE])
        assert (exists(HERE), exists(GONE)) == (True, False)


@pytest.mark.parametrize('error', [UnreachableStorageError('no answer'), BucketNotFoundError('no bucket')])
def test_what_fails_for_a_whole_bucket_fails_once_and_is_told_to_all(far, error):
    far.failure = error
    with snapshot() as taken:
        taken.ask([HERE, GONE])
        for path in (HERE, GONE):
            with pytest.raises(type(error)) as caught:
                exists(path)
            assert caught.value is error
    assert far.kinds() == {'list': 1}


def test_a_bucket_that_fails_does_not_hide_another_one(far):
    asked = far.exists_many

    def fail_for_one(paths):
        if any(path.startswith('far://broken') for path in paths):
            raise BucketNotFoundError('no bucket')
        return asked(paths)

    far.exists_many = fail_for_one
    with snapshot() as taken:
        taken.ask(['far://broken/object', HERE])
        assert told(HERE) is True
        with pytest.raises(BucketNotFoundError):
            told('far://broken/object')
