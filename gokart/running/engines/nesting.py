"""Builds inside of bodies: what runs the bodies around, and which executors a fork has left without threads."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from typing import Any

from gokart.errors import ConfigError

_LOOP_SECONDS = 5.0
"""How long an event loop may take to answer."""

_places: ContextVar[tuple[Any, ...]] = ContextVar('places of the bodies around', default=())
"""Executors of this process, and names of places that other processes know as well."""


def runs_body_around(place: Any) -> bool:
    """Whether a body around this call occupies `place`, and waits until this call returns."""
    return any(other is place or other == place for other in _places.get())


def occupy(*places: Any) -> None:
    """Take note, in this context, that `places` run the body that begins."""
    _places.set((*_places.get(), *places))


def named_places() -> tuple[str, ...]:
    """Return those of the places around this call that mean something to other processes."""
    return tuple(place for place in _places.get() if isinstance(place, str))


def check_not_left_over(executor: Any) -> None:
    """Check that the threads of `executor` are here, and were not left in the process that forked this one.

    Raises:
        ConfigError: they were; whatever it is given would wait for ever.
    """
    alive = list(_thread_states(executor))
    if alive and not any(alive) and not _has_ended(executor):
        raise ConfigError(
            f'executor is a {type(executor).__name__} that belongs to the process that forked this one, whose threads '
            "are not here. Make one where the build runs, or name one: executor='threads'."
        )


def _thread_states(executor: Any) -> Iterator[bool]:
    """Yield for each thread that `executor` has started whether it runs."""
    threads: Iterable[Any] = [*getattr(executor, '_threads', ()), getattr(executor, '_executor_manager_thread', None)]
    for thread in threads:
        if isinstance(thread, threading.Thread):
            yield thread.is_alive()
    loop = getattr(getattr(executor, 'loop', None), 'asyncio_loop', None)  # of a client of Dask
    if isinstance(loop, asyncio.AbstractEventLoop) and loop.is_running():
        turned = threading.Event()
        loop.call_soon_threadsafe(turned.set)
        yield turned.wait(_LOOP_SECONDS)


def _has_ended(executor: Any) -> bool:
    flags = getattr(executor, '_flags', None)  # of loky
    states = [getattr(executor, name, None) for name in ('_broken', '_shutdown', '_shutdown_thread')]
    states += [getattr(flags, name, None) for name in ('broken', 'shutdown')]
    return any(state for state in states if not callable(state))
