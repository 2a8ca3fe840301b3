"""Iterators of Python's that polars runs in threads of its own, which the interpreter must not end before.

Polars fetches ahead: when a query needs no more rows and has returned, a step may still be under way. A thread that
comes back from one to an interpreter that has ended aborts the process.
"""

from __future__ import annotations

import atexit
import functools
import threading
import time
from collections.abc import Iterator
from typing import TypeVar

T = TypeVar('T')

_PATIENCE_SECONDS = 30.0
_QUIET_SECONDS = 0.05
"""How long no step has been under way when polars can be taken to have stopped."""

_lock = threading.Lock()
_under_way = 0
_last_end = 0.0


def awaited(items: Iterator[T]) -> Iterator[T]:
    """Yield `items`; the interpreter ends only when nobody waits for the next one of them."""
    _wait_at_exit()
    while True:
        _count(1)
        try:
            item = next(items)
        except StopIteration:
            return
        finally:
            _count(-1)
        yield item


def _count(change: int) -> None:
    global _under_way, _last_end
    with _lock:
        _under_way += change
        _last_end = time.monotonic()


@functools.cache
def _wait_at_exit() -> None:
    atexit.register(_wait)


def _wait() -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline and (_under_way or time.monotonic() < _last_end + _QUIET_SECONDS):
        time.sleep(_QUIET_SECONDS / 10)
