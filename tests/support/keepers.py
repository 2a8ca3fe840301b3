"""What tests ask about the thread that renews leases."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


def keepers() -> list[threading.Thread]:
    """Return the threads that renew leases: one or none."""
    return [thread for thread in threading.enumerate() if thread.name == 'gokart-locks']


def wait_until(condition: Callable[[], object], seconds: float = 10.0) -> None:
    """Wait for something that must happen soon."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, 'it did not happen'
        time.sleep(0.01)
