"""Iterators of Python's that polars runs in threads of its own, which the interpreter must not end before.

Polars fetches ahead: when a query needs no more rows and has returned, a step may still be under way. A thread that
comes back from one to an interpreter that has ended aborts the process.
"""

from __future__ import annotations

import atexit
import functools
import os
import time
from collections.abc import Iterator
from typing import TypeVar

T = TypeVar('T')

_PATIENCE_SECONDS = 30.0
_QUIET_SECONDS = 0.2
"""How long no step has been under way when polars can be taken to have stopped."""

# Sets, whose single operations no thread and no finalizer comes between: a lock might be taken twice.
_unfinished: set[object] = set()
_under_way: set[object] = set()
_last_end = 0.0


def awaited(items: Iterator[T]) -> Iterator[T]:
    """Yield `items`; the interpreter ends only when nobody waits for the next one of them."""
    global _last_end
    _wait_at_exit()
    token = object()
    _unfinished.add(token)
    try:
        while True:
            _under_way.add(token)
            try:
                item = next(items)
            except StopIteration:
                return
            finally:
                _last_end = time.monotonic()
                _under_way.discard(token)
            yield item
    finally:
        _unfinished.discard(token)


@functools.cache
def _wait_at_exit() -> None:
    atexit.register(_wait)
    if hasattr(os, 'register_at_fork'):
        os.register_at_fork(after_in_child=_forget)


def _forget() -> None:
    _unfinished.clear()
    _under_way.clear()


def _wait() -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline and (_under_way or _may_go_on()):
        time.sleep(_QUIET_SECONDS / 20)


def _may_go_on() -> bool:
    return bool(_unfinished) and time.monotonic() < _last_end + _QUIET_SECONDS
