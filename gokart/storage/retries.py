"""What is tried again when a request fails: how often, and after which waits."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from tenacity import RetryCallState

T = TypeVar('T')

_FIRST_WAIT_SECONDS = 0.1


class Failure(enum.Enum):
    """What a failed request tells of the next one."""

    FINAL = 'it would fail as well'
    PASSING = 'it may work'
    UNREACHABLE = 'nobody is there; trying for long would only hide it'


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Tries again after random waits that grow ("full jitter").

    Args:
        classify: tells what an exception of the client library means.
        retries: how often a request is made again after a passing failure.
        longest_wait_seconds: the longest wait between two requests.
        retries_to_connect: the same as `retries` when there is no connection at all.
    """

    classify: Callable[[BaseException], Failure]
    retries: int = 7
    longest_wait_seconds: float = 5.0
    retries_to_connect: int = 2

    def call(self, request: Callable[[], T]) -> T:
        """Return what `request` returns, or raise what its last call raised."""
        import tenacity

        again = tenacity.Retrying(
            retry=tenacity.retry_if_exception(lambda error: self.classify(error) is not Failure.FINAL),
            stop=self._is_enough,
            wait=tenacity.wait_random_exponential(_FIRST_WAIT_SECONDS, self.longest_wait_seconds),
            reraise=True,
        )
        return again(request)

    def _is_enough(self, state: RetryCallState) -> bool:
        error = state.outcome.exception() if state.outcome else None
        is_unreachable = error is not None and self.classify(error) is Failure.UNREACHABLE
        limit = min(self.retries, self.retries_to_connect) if is_unreachable else self.retries
        return state.attempt_number > limit
