"""Which engine a build has: the one that its user names or gives."""

from __future__ import annotations

import difflib
import logging
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from gokart.errors import ConfigError
from gokart.running.engines.contract import Engine
from gokart.running.engines.dask import DaskBackend
from gokart.running.engines.dask_clients import client_of, connected, is_left_over_client, place_of
from gokart.running.engines.executors import ExecutorBackend, NestedBackend, is_left_over_executor
from gokart.running.engines.futures_engine import FuturesEngine
from gokart.running.engines.nesting import runs_body_around
from gokart.running.engines.task_processes import TaskProcesses
from gokart.running.engines.warm_processes import WarmProcesses

logger = logging.getLogger(__name__)

_NAMES = ('threads', 'processes')
_DASK = 'dask://'
_MAX_THREADS = 32


def make_engine(executor: Any, workers: int | None, start_method: str) -> Engine:
    """Make the engine of one build.

    Args:
        executor: ``'threads'``, ``'processes'``, ``'dask://host:port'``, an executor of `concurrent.futures`, or a
            client of Dask.
        workers: how many bodies may run at a time; None for what suits the executor.
        start_method: how processes are started; empty for the one that suits the system.

    Raises:
        ConfigError: there is no such executor, or it cannot be reached.
    """
    if executor == 'threads':
        threads = workers or min(_MAX_THREADS, (os.cpu_count() or 1) + 4)
        return FuturesEngine(ExecutorBackend(ThreadPoolExecutor(threads, 'gokart-body'), threads, is_own=True))
    if executor == 'processes':
        return WarmProcesses(workers or os.cpu_count() or 1, start_method)
    if isinstance(executor, str) and executor.startswith(_DASK):
        return _of_own_client(connected(executor.removeprefix(_DASK)), workers, start_method)
    found = client_of(executor)
    if found is not None:
        client, options = found
        _check_not_left_over(executor, is_left_over_client(client))
        return _of_dask(client, workers, start_method, options)
    if not isinstance(executor, type) and callable(getattr(executor, 'submit', None)):
        _check_not_left_over(executor, is_left_over_executor(executor))
        backend = NestedBackend if runs_body_around(executor) else ExecutorBackend
        return FuturesEngine(backend(executor, workers))
    raise ConfigError(
        f"executor is {executor!r:.100}. It must be 'threads', 'processes', 'dask://host:port', an instance of a "
        f'concurrent.futures.Executor, or a client of Dask.{_hint(executor)}'
    )


def _hint(executor: Any) -> str:
    if isinstance(executor, type):
        return f' That is the class itself: call it, {executor.__name__}(...).'
    if not isinstance(executor, str):
        return ''
    plain = executor.strip(' \t"\'')
    similar = difflib.get_close_matches(plain.lower(), _NAMES, n=1)
    if plain in _NAMES or (plain != executor and plain.startswith(_DASK)):
        return f' Write it without quotes or spaces around it: {plain}.'
    return f' Did you mean {similar[0]!r}?' if similar else ''


def checked_workers(workers: Any) -> int | None:
    """Return how many bodies may run at a time, as far as that is said; as Luigi, take whatever `int` takes.

    Raises:
        ConfigError: that is no number from 1 on.
    """
    if workers is None:
        return None
    try:
        number = int(workers)
    except (TypeError, ValueError, OverflowError):
        number = 0
    if number < 1:
        raise ConfigError(f'workers is {workers!r}; it must be a whole number, at least 1.')
    return number


def _check_not_left_over(executor: Any, is_left_over: bool) -> None:
    if is_left_over:
        raise ConfigError(
            f'executor is a {type(executor).__name__} that belongs to the process that forked this one, whose threads '
            "are not here. Make one where the build runs, or name one: executor='threads'."
        )


def _of_own_client(client: Any, workers: int | None, start_method: str) -> Engine:
    try:
        return _of_dask(client, workers, start_method, is_own=True)
    except BaseException:
        client.close()
        raise


def _of_dask(
    client: Any, workers: int | None, start_method: str, options: Mapping[str, Any] | None = None, is_own: bool = False
) -> Engine:
    if client.status in ('closed', 'closing'):
        raise ConfigError('executor is a client of Dask that is closed. Give one that is connected.')
    if not runs_body_around(place_of(client)):
        return FuturesEngine(DaskBackend(client, workers, options, is_own))
    # Each body that waits holds a thread of the cluster, and the settings of a process: soon all of them.
    if is_own:
        client.close()
    if options:
        raise ConfigError(
            f'A build inside of a body runs where that body runs, so {", ".join(options)} cannot be had from the '
            'cluster that runs it. Let run() yield the task, or require it, instead of building it.'
        )
    logger.info('the bodies of a build inside of a body on %r run where that one runs', client)
    here: Any = TaskProcesses(1, start_method, in_processes=False)
    engine: Engine = here
    return engine
