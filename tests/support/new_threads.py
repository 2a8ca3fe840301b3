"""The threads that a test left behind, whatever other tests did before it."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest


@pytest.fixture
def new_threads() -> Callable[[], list[threading.Thread]]:
    """Tell the threads that run and did not when the test began."""
    before = set(threading.enumerate())
    return lambda: [thread for thread in threading.enumerate() if thread not in before]
