"""Objects are opened ahead in the order in which they are read, a few at a time."""

from __future__ import annotations

import pytest

from gokart.storage.read_ahead import ReadAhead, opened_ahead

PATHS = [f'far://bucket/{number:02}' for number in range(30)]


@pytest.fixture(autouse=True)
def _objects(far):
    for path in PATHS:
        far.appear(path, path.encode())


def content(file):
    with file:
        return file.read().decode()


def test_each_is_taken_in_turn_by_one_request(far):
    ahead = ReadAhead(PATHS)
    assert [content(ahead.take(path)) for path in PATHS] == PATHS
    assert far.kinds() == {'get': 30}


def test_they_are_opened_side_by_side_but_not_all(far):
    far.seconds = 0.01
    ahead = ReadAhead(PATHS, width=4)
    content(ahead.take(PATHS[0]))
    ahead.close()
    assert 1 < far.most_at_once['get'] <= 5  # the one that is taken and those ahead
    assert len(far.requests) == 5


def test_what_is_not_next_is_left_to_the_caller():
    ahead = ReadAhead(PATHS[:20], width=4)
    assert ahead.take(PATHS[25]) is None
    assert content(ahead.take(PATHS[0])) == PATHS[0]
    ahead.close()


def test_what_was_skipped_is_closed():
    ahead = ReadAhead(PATHS, width=4)
    assert content(ahead.take(PATHS[2])) == PATHS[2]
    assert ahead.take(PATHS[1]) is None
    assert content(ahead.take(PATHS[3])) == PATHS[3]
    ahead.close()


def test_a_missing_object_is_missed_when_it_is_its_turn(far):
    far.vanish(PATHS[1])
    ahead = ReadAhead(PATHS[:3])
    assert content(ahead.take(PATHS[0])) == PATHS[0]
    with pytest.raises(FileNotFoundError):
        ahead.take(PATHS[1])
    assert content(ahead.take(PATHS[2])) == PATHS[2]


def test_closing_leaves_neither_threads_nor_open_objects(new_threads):
    opened = []
    ahead = ReadAhead(PATHS, width=4)
    opened.append(ahead.take(PATHS[0]))
    waiting = [call.result() for _, call in ahead._opened]
    ahead.close()
    assert all(file.closed for file in waiting)
    assert not opened[0].closed
    assert new_threads() == []


def test_it_is_used_inside_of_the_block_only(far):
    ahead = ReadAhead(PATHS)
    assert opened_ahead(PATHS[0]) is None
    with ahead.used():
        assert content(opened_ahead(PATHS[0])) == PATHS[0]
    assert opened_ahead(PATHS[1]) is None
    ahead.close()
