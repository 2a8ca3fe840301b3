"""How long to wait between the tries to get past a lock that another process holds."""

from __future__ import annotations

import random
from collections.abc import Iterator

# Processes that wait for one lock may have been seeded alike; their waits must differ all the same.
_random = random.SystemRandom()


def waits(max_tries: int, max_seconds: float) -> Iterator[float | None]:
    """Yield for each of the tries, at least one, the seconds to wait after it, and None for the last one.

    Waits double from one second on, are shortened by up to a half at random, and never exceed `max_seconds`.
    """
    longest = 1.0
    for _ in range(max_tries - 1):
        yield _random.uniform(0.5, 1.0) * min(longest, max_seconds)
        longest = min(2 * longest, max_seconds)
    yield None
