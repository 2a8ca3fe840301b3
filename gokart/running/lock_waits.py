"""How often, and how long, a build waits for a lock that another process holds."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

# Processes that wait for one lock may have been seeded alike; their waits must differ all the same.
_random = random.SystemRandom()


@dataclass(frozen=True, slots=True)
class LockPatience:
    """How often each task is tried, at least once, and the longest wait between two tries."""

    max_tries: int = 10
    max_wait_seconds: float = 600

    def waits(self) -> Iterator[float]:
        """Yield the seconds to wait after each try but the last one.

        Waits double from one second on, are shortened by up to a half at random, and never exceed `max_wait_seconds`.
        """
        longest = 1.0
        for _ in range(self.max_tries - 1):
            yield _random.uniform(0.5, 1.0) * min(longest, self.max_wait_seconds)
            longest = min(2 * longest, self.max_wait_seconds)


_current: ContextVar[LockPatience | None] = ContextVar('patience with locks', default=None)


def current_patience() -> LockPatience:
    """Return the patience of the build that is going on."""
    return _current.get() or LockPatience()


@contextmanager
def patience(max_tries: int, max_wait_seconds: float) -> Iterator[None]:
    """Let builds in the block have this patience."""
    token = _current.set(LockPatience(max_tries, max_wait_seconds))
    try:
        yield
    finally:
        _current.reset(token)
