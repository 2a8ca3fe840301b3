"""Tasks that met a lock of another process, and when each of them is tried again."""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Iterator

from gokart.running.lock_waits import current_patience


class PutBack:
    """What is waited for, by a name for each wait; the worker does other tasks meanwhile."""

    def __init__(self) -> None:
        self._patience = current_patience()
        self._waits: dict[str, Iterator[float]] = {}
        self._due: dict[str, float] = {}
        self._number = itertools.count()

    def put(self, task_id: str) -> tuple[str, float] | None:
        """Put a task back; return a name for the wait and its seconds, or None if it was tried often enough."""
        seconds = next(self._waits.setdefault(task_id, self._patience.waits()), None)
        if seconds is None:
            return None
        name = f'{task_id}_lock_{next(self._number)}'
        self._due[name] = time.monotonic() + seconds
        return name, seconds

    def take_due(self) -> list[str]:
        """Return the names of the waits that are over, and forget them."""
        now = time.monotonic()
        due = [name for name, moment in self._due.items() if moment <= now]
        for name in due:
            del self._due[name]
        return due

    def seconds_to_next(self) -> float:
        """Return in how many seconds the next wait is over, 0 if it is; infinity if there is none."""
        return max(0.0, min(self._due.values(), default=math.inf) - time.monotonic())
