"""SIGTERM as an exception, so that whatever a task holds is released; processes that its body forks are spared."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from types import FrameType
from typing import Any, NoReturn


class ToldToEnd(KeyboardInterrupt):
    """Ends a task without counting as its failure, so that its ``finally`` blocks run and release what it holds."""


def raise_when_told_to_end() -> Any:
    """Let SIGTERM raise `ToldToEnd` in the main thread from now on; return the handler that was there."""
    handler_before = signal.signal(signal.SIGTERM, _end) or signal.SIG_DFL
    _spare_children(handler_before)
    return handler_before


@contextmanager
def ending_gently() -> Iterator[None]:
    """Let a SIGTERM that would end this process at once first end the block, by `ToldToEnd`."""
    in_main_thread = threading.current_thread() is threading.main_thread()
    if sys.platform == 'win32' or not in_main_thread or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return
    handler_before = raise_when_told_to_end()
    is_told = False
    try:
        yield
    except ToldToEnd:
        is_told = True
        raise
    finally:
        if signal.getsignal(signal.SIGTERM) is _end:  # and not one of the body's
            signal.signal(signal.SIGTERM, handler_before)
        if is_told:
            os.kill(os.getpid(), signal.SIGTERM)


def _end(signum: int, frame: FrameType | None) -> NoReturn:
    raise ToldToEnd


_handler_of_children: Any = None


def _spare_children(handler: Any) -> None:
    """Let processes that the body forks have `handler`: a `multiprocessing.Pool` ends its own by this very signal.

    Python forgets a signal that reaches a child before it has run a line, so it has to wait until then.
    """
    global _handler_of_children
    is_first, _handler_of_children = _handler_of_children is None, handler
    if sys.platform == 'win32' or not is_first:
        return
    told = [signal.SIGTERM]

    def begin() -> None:
        if signal.getsignal(signal.SIGTERM) is _end:
            signal.signal(signal.SIGTERM, _handler_of_children)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, told)

    os.register_at_fork(
        before=partial(signal.pthread_sigmask, signal.SIG_BLOCK, told),
        after_in_parent=partial(signal.pthread_sigmask, signal.SIG_UNBLOCK, told),
        after_in_child=begin,
    )
