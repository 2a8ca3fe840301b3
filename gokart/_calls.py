"""Calls in short-lived threads, in the context of the caller; the process does not fork while one of them runs."""

from __future__ import annotations

import contextvars
import functools
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent import futures
from typing import Any, Generic, TypeVar

S = TypeVar('S')
T = TypeVar('T')

WIDTH = 10
"""How many calls are made side by side; the clients of storages keep about as many connections."""

_PATIENCE_SECONDS = 30.0

_running: set[Call[Any]] = set()


class Call(Generic[T]):
    """A call that is made in a thread of its own from now on, or at once where there can be no more threads.

    Not by an executor: its idle threads would outlive the call, and be there when the body of a task forks.
    """

    def __init__(self, function: Callable[[], T]) -> None:
        _end_before_forks()
        self._function = function
        self._process_id = os.getpid()
        self._future: futures.Future[T] = futures.Future()
        self._thread = threading.Thread(target=contextvars.copy_context().run, args=(self._run,), name='gokart-call')
        _running.add(self)
        try:
            self._thread.start()
        except RuntimeError:  # no more threads, or the interpreter is ending
            self._run()

    def wait(self, timeout_seconds: float | None = None) -> None:
        """Wait until the call has ended, in general together with its thread.

        Neither the call itself waits, which may fork, nor a child that was forked just when it began.
        """
        if os.getpid() != self._process_id or self._thread is threading.current_thread():
            return
        futures.wait([self._future], timeout_seconds)
        if self._future.done() and self._thread.ident is not None:
            self._thread.join()

    def result(self) -> T:
        """Wait, and return what the call returned, or raise what it raised."""
        self.wait()
        return self._future.result()

    def _run(self) -> None:
        try:
            self._future.set_result(self._function())
        except BaseException as error:
            self._future.set_exception(error)
        finally:
            _running.discard(self)


def ahead(functions: Iterable[Callable[[], T]], width: int = WIDTH) -> Iterator[T]:
    """Yield the results of the calls in order, while up to `width` of those that come next are made side by side."""
    calls: deque[Call[T]] = deque()
    try:
        for function in functions:
            calls.append(Call(function))
            if len(calls) > width:
                yield calls.popleft().result()
        while calls:
            yield calls.popleft().result()
    finally:
        for call in calls:
            call.wait()


def side_by_side(function: Callable[[S], T], items: Sequence[S], width: int = WIDTH) -> list[T]:
    """Return what `function` returns for each of `items`, in order; up to `width` calls are made at a time."""
    if len(items) < 2 or width < 2:
        return [function(item) for item in items]
    return list(ahead([functools.partial(function, item) for item in items], width - 1))


@functools.cache
def _end_before_forks() -> None:
    # Whatever a thread holds at a fork (the lock of an import, of a pool of connections, of the resolver of names), the
    # child could never take. Registered at the first call, as the hooks that were registered last run first: those of
    # our storages take locks that the calls may need to end.
    if hasattr(os, 'register_at_fork'):
        os.register_at_fork(before=_let_end, after_in_child=_running.clear)


def _let_end() -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    for call in tuple(_running):
        call.wait(max(0.0, deadline - time.monotonic()))
