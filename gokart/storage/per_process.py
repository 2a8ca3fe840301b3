"""Values that each process makes for itself: a child can use neither locks nor connections of its parent."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar('T')

_forks = 0


def _count_fork() -> None:
    global _forks
    _forks += 1


if hasattr(os, 'register_at_fork'):
    os.register_at_fork(after_in_child=_count_fork)


class PerProcess(Generic[T]):
    """A value that is made when a process first needs it; the threads of a process share it.

    A child keeps that of its parent beside its own: to close it would disturb the parent.
    """

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._values: dict[int, T] = {}
        # A lock of its own for each process: that of the parent may have been held when the child was forked.
        self._locks: dict[int, threading.Lock] = {}

    def get(self) -> T:
        """Return the value of this process; raises what making it raises."""
        if _forks not in self._values:
            with self._locks.setdefault(_forks, threading.Lock()):
                if _forks not in self._values:
                    self._values[_forks] = self._make()
        return self._values[_forks]

    def if_made(self) -> T | None:
        """Return the value of this process; None if it was not needed yet."""
        return self._values.get(_forks)
