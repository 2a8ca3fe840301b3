"""Which engine a build has: the one that its user names or gives."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from gokart.errors import ConfigError
from gokart.running.engines.contract import Engine
from gokart.running.engines.dask import DaskBackend, client_of, connected
from gokart.running.engines.executors import ExecutorBackend
from gokart.running.engines.futures_engine import FuturesEngine
from gokart.running.engines.warm_processes import WarmProcesses

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
    if workers is not None and workers < 1:
        raise ConfigError(f'workers is {workers}; with an executor it must be at least 1.')
    if executor == 'threads':
        threads = workers or min(_MAX_THREADS, (os.cpu_count() or 1) + 4)
        return FuturesEngine(ExecutorBackend(ThreadPoolExecutor(threads, 'gokart-body'), threads, is_own=True))
    if executor == 'processes':
        return WarmProcesses(workers or os.cpu_count() or 1, start_method)
    if isinstance(executor, str) and executor.startswith(_DASK):
        return FuturesEngine(DaskBackend(connected(executor.removeprefix(_DASK)), workers, is_own=True))
    found = client_of(executor)
    if found is not None:
        client, options = found
        return FuturesEngine(DaskBackend(client, workers, options))
    if not isinstance(executor, type) and callable(getattr(executor, 'submit', None)):
        return FuturesEngine(ExecutorBackend(executor, workers))
    raise ConfigError(
        f"executor is {executor!r:.100}. It must be 'threads', 'processes', 'dask://host:port', an instance of a "
        'concurrent.futures.Executor, or a client of Dask.'
    )
