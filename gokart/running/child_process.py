"""How a process lives that the driver started: it ends when it is told to, and when the driver ends first."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from types import FrameType
from typing import Any, NoReturn

GRACE_SECONDS = 3.0
"""How long a process may tidy up after it was told to end."""

_DRIVER_POLL_SECONDS = 0.5


class _ToldToEnd(KeyboardInterrupt):
    """Ends a task without counting as its failure, so that its ``finally`` blocks run and release what it holds."""


@contextmanager
def child_of_driver() -> Iterator[None]:
    """Run the block as the work of a process that the driver started, and that the driver may end.

    A signal to end is raised in the block, so that its ``finally`` blocks run; the process ends after it. It ends, too,
    when the driver is gone.
    """
    handler_before = signal.signal(signal.SIGTERM, _end) or signal.SIG_DFL
    if sys.platform != 'win32':
        _spare_children(handler_before)
    threading.Thread(target=_end_with_driver, name='gokart-driver-watch', daemon=True).start()
    try:
        yield
    except _ToldToEnd:
        sys.exit(128 + signal.SIGTERM)
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)


def _end(signum: int, frame: FrameType | None) -> NoReturn:
    raise _ToldToEnd


if sys.platform != 'win32':

    def _spare_children(handler: Any) -> None:
        """Let processes that the body forks have `handler`: a `multiprocessing.Pool` ends its own by this very signal.

        Python forgets a signal that reaches a child before it has run a line, so it has to wait until then.
        """
        told = [signal.SIGTERM]

        def begin() -> None:
            signal.signal(signal.SIGTERM, handler)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, told)

        os.register_at_fork(
            before=partial(signal.pthread_sigmask, signal.SIG_BLOCK, told),
            after_in_parent=partial(signal.pthread_sigmask, signal.SIG_UNBLOCK, told),
            after_in_child=begin,
        )


def _end_with_driver() -> None:
    """Wait until the driver is gone, then end this process."""
    driver = multiprocessing.parent_process()
    assert driver is not None
    parent_id = os.getppid()
    while driver.is_alive() and os.getppid() == parent_id:
        driver.join(_DRIVER_POLL_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_SECONDS)
    os._exit(1)
