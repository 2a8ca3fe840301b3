"""What the tests of locks share."""

from __future__ import annotations

import pytest
from support.keepers import keepers

from gokart.locks.keeper import rest
from gokart.locks.registry import locks_for
from gokart.locks.waiting import Locks

pytest.register_assert_rewrite('gokart.testing.locks')


@pytest.fixture(autouse=True)
def _no_thread_is_left():
    """Once nothing is held, nothing renews."""
    yield
    rest()
    assert keepers() == []


@pytest.fixture
def locks(redis_url) -> Locks:
    return locks_for(redis_url)
