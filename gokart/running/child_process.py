"""How a process lives that the driver started: it ends when it is told to, and when the driver ends first."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from typing import Any, Protocol, cast

import luigi

from gokart.representation import label
from gokart.running.end_signal import ToldToEnd, raise_when_told_to_end

GRACE_SECONDS = 3.0
"""How long a process may tidy up after it was told to end."""

_DRIVER_POLL_SECONDS = 0.5


@contextmanager
def child_of_driver() -> Iterator[None]:
    """Run the block as the work of a process that the driver started, and that the driver may end.

    A signal to end is raised in the block, so that its ``finally`` blocks run; the process ends after it. It ends, too,
    when the driver is gone.
    """
    raise_when_told_to_end()
    threading.Thread(target=_end_with_driver, name='gokart-driver-watch', daemon=True).start()
    try:
        yield
    except ToldToEnd:
        sys.exit(128 + signal.SIGTERM)
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)


def start(process: BaseProcess) -> None:
    """Start a process that does its work within `child_of_driver`, also from a daemon, as workers of Dask are.

    `multiprocessing` lets daemons have no children, because nobody would end those; ours end with their parent.
    """
    settings: dict[str, Any] = cast('Any', multiprocessing.current_process())._config
    with _starting:
        is_daemon = settings.pop('daemon', False)
        try:
            process.start()
        finally:
            settings['daemon'] = is_daemon


_starting = threading.Lock()
"""Held while this process passes for none that is a daemon."""


def _forget_lock() -> None:
    global _starting  # the thread that holds it is not here
    _starting = threading.Lock()


if hasattr(os, 'register_at_fork'):
    os.register_at_fork(after_in_child=_forget_lock)


class Endable(Protocol):
    """A process, or what stands for one."""

    def is_alive(self) -> bool: ...  # noqa: D102

    def ask_to_end(self) -> None: ...  # noqa: D102

    def join(self, timeout: float, /) -> None: ...  # noqa: D102

    def kill(self) -> None:
        """End it at once, and come back when it has ended."""
        ...


def end_all(processes: Iterable[Endable]) -> None:
    """Ask those that run to end, all at once, and kill what still runs `GRACE_SECONDS` later."""
    running = [process for process in processes if process.is_alive()]
    for process in running:
        process.ask_to_end()
    deadline = time.monotonic() + GRACE_SECONDS
    for process in running:
        process.join(max(0.0, deadline - time.monotonic()))
    for process in running:
        if process.is_alive():
            process.kill()


def describe_loss(task: luigi.Task, exit_code: int | None) -> str:
    """Say how the process of `task` ended, which brought no result."""
    return (
        f'{label(task)}: its process ended without a result, {_describe_exit(exit_code)}. '
        'It was killed (perhaps for lack of memory), or the body ended the interpreter.'
    )


def _describe_exit(code: int | None) -> str:
    if code is not None and code < 0:
        try:
            return f'killed by {signal.Signals(-code).name}'
        except ValueError:
            return f'killed by signal {-code}'
    return f'with exit code {code}'


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
