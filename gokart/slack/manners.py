"""How slack_sdk's client behaves here: it gives up soon, waits when it is told to, and does not log on its own."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.error import URLError

TIMEOUT_SECONDS = 5
"""How long the client waits for a connection and for each answer."""

_MAX_WAITS = 5
_RETRY_SECONDS = 1.0


class Patience:
    """Decides when the client makes a request again; has the methods of `slack_sdk.http_retry.RetryHandler`.

    Where the rate of requests is limited, the client waits as long as Slack says
    (https://docs.slack.dev/apis/web-api/rate-limits). A request that could not be delivered is made once more, one that
    was not answered is not: its message may have been posted.

    Args:
        seconds: how long the client may wait in all.
    """

    def __init__(self, seconds: float = 60.0) -> None:
        self._seconds_left = seconds

    def can_retry(self, *, state: Any, request: Any, response: Any = None, error: Exception | None = None) -> bool:
        """Whether to make the request again."""
        wait_seconds = _wait_seconds(state.current_attempt, response, error)
        return wait_seconds is not None and wait_seconds <= self._seconds_left

    def prepare_for_next_attempt(
        self, *, state: Any, request: Any, response: Any = None, error: Exception | None = None
    ) -> None:
        """Wait as long as is due."""
        wait_seconds = _wait_seconds(state.current_attempt, response, error) or 0.0
        self._seconds_left -= wait_seconds
        time.sleep(wait_seconds)
        state.next_attempt_requested = True
        state.increment_current_attempt()


def _wait_seconds(earlier_attempts: int, response: Any, error: Exception | None) -> float | None:
    """Return how long to wait before the request is made again; None if it is not."""
    if response is not None and response.status_code == 429:
        return _retry_after(response.headers) if earlier_attempts < _MAX_WAITS else None
    is_unavailable = response is not None and response.status_code == 503
    is_undelivered = response is None and isinstance(error, URLError) and not isinstance(error.reason, TimeoutError)
    return _RETRY_SECONDS if (is_unavailable or is_undelivered) and earlier_attempts == 0 else None


def _retry_after(headers: Mapping[str, Any]) -> float:
    values = next((values for name, values in headers.items() if name.lower() == 'retry-after'), None)
    try:
        return max(_RETRY_SECONDS, float(values[0] if isinstance(values, list) else values))  # type: ignore[arg-type]
    except (TypeError, ValueError, IndexError):
        return _RETRY_SECONDS


@contextmanager
def quiet_client() -> Iterator[None]:
    """Keep the client from logging in this thread: it tells of each failure at length, and shows URLs of uploads."""
    thread = threading.get_ident()

    def is_of_other_thread(record: logging.LogRecord) -> bool:
        return threading.get_ident() != thread

    client_logger = logging.getLogger('slack_sdk.web.base_client')
    client_logger.addFilter(is_of_other_thread)
    try:
        yield
    finally:
        client_logger.removeFilter(is_of_other_thread)
