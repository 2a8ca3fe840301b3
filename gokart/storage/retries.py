"""What is tried again when a request fails: how often, and after which waits."""

from __future__ import annotations

import enum
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from gokart.errors import GokartError

if TYPE_CHECKING:
    from tenacity import RetryCallState

T = TypeVar('T')

logger = logging.getLogger(__name__)

_FIRST_WAIT_SECONDS = 0.1
_LONGEST_FIRST_SILENCE_SECONDS = 3.0

_dice = random.SystemRandom()  # `random` itself is seeded for each task: retries would change what a task draws from it


class Failure(enum.Enum):
    """What a failed request tells of the next one."""

    FINAL = 'it would fail as well'
    PASSING = 'it may work'
    UNREACHABLE = 'nobody is there; trying for long would only hide it'


class BrokenOffError(Exception):
    """An answer ended before it was complete, without an error of the client library."""


def after_first_silence(timeout_seconds: float) -> Failure:
    """Tell what it means that a server took a request and said nothing in time, and has never said anything before.

    Where each silence is long, more of them would only hide that the address is wrong.
    """
    return Failure.FINAL if timeout_seconds > _LONGEST_FIRST_SILENCE_SECONDS else Failure.PASSING


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Tries again after random waits that grow ("full jitter").

    Errors of ours are final: they are the last word on a failure already.

    Args:
        classify: tells what an exception of the client library means.
        retries: how often a request is made again after a passing failure.
        longest_wait_seconds: the longest wait between two requests.
        retries_to_connect: how often it is made again when there is no connection at all, time after time.
    """

    classify: Callable[[BaseException], Failure]
    retries: int = 7
    longest_wait_seconds: float = 5.0
    retries_to_connect: int = 2

    def call(self, request: Callable[[], T]) -> T:
        """Return what `request` returns, or raise what its last call raised."""
        try:
            return request()
        except Exception as error:
            if self.failure_of(error) is Failure.FINAL:
                raise
            first = error
        try:
            return self._call_again(request, first)
        finally:
            del first  # its traceback holds this frame, and with it all that the request holds

    def _call_again(self, request: Callable[[], T], first: Exception) -> T:
        import tenacity  # takes longer than most requests, and most never fail

        failures = [first]

        def attempt() -> T:
            if failures:
                raise failures.pop()
            return request()

        return tenacity.Retrying(
            retry=tenacity.retry_if_exception(self._may_pass),
            stop=_Limits(self),
            wait=self._wait_seconds,
            before_sleep=_tell,
            reraise=True,
        )(attempt)

    def failure_of(self, error: BaseException) -> Failure:
        """Tell what `error` means for the next request."""
        if isinstance(error, GokartError):
            return Failure.FINAL
        return Failure.PASSING if isinstance(error, BrokenOffError) else self.classify(error)

    def _may_pass(self, error: BaseException) -> bool:
        return isinstance(error, Exception) and self.failure_of(error) is not Failure.FINAL

    def _wait_seconds(self, state: RetryCallState) -> float:
        return _dice.uniform(0, min(self.longest_wait_seconds, _FIRST_WAIT_SECONDS * 2.0 ** (state.attempt_number - 1)))


class _Limits:
    """Whether the requests of one call have failed often enough."""

    def __init__(self, policy: RetryPolicy) -> None:
        self._policy = policy
        self._unreachable = 0

    def __call__(self, state: RetryCallState) -> bool:
        error = state.outcome.exception() if state.outcome else None
        is_unreachable = error is not None and self._policy.failure_of(error) is Failure.UNREACHABLE
        self._unreachable = self._unreachable + 1 if is_unreachable else 0
        return state.attempt_number > self._policy.retries or self._unreachable > self._policy.retries_to_connect


def _tell(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    # Its words are left out: clients put addresses into them, and these may hold signatures.
    logger.debug(
        'request %d failed (%s); trying again in %.1f s',
        state.attempt_number,
        type(error).__name__,
        state.upcoming_sleep,
    )
