"""Clients of Dask: one that is made for an address, and those that are given as executors."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from gokart._optional import import_optional
from gokart.errors import ConfigError


def connected(address: str) -> Any:
    """Return a client of the scheduler at ``host:port``.

    Raises:
        ConfigError: it is no such address, or nothing answers there.
        ImportError: Dask is not installed.
    """
    _check_address(address)
    distributed = import_optional('distributed', 'dask', f'executor="dask://{address}"')
    try:
        return distributed.Client(f'tcp://{address}', set_as_default=False)
    except (OSError, ValueError) as error:
        raise ConfigError(f'No scheduler of Dask answers at {address}: {error}. Start one: dask scheduler.') from error


def _check_address(address: str) -> None:
    # A client that is made for an address that Dask cannot read keeps the interpreter from ending for a minute.
    try:
        parts = urlsplit(f'//{address}')
        is_complete = bool(parts.hostname and parts.port) and parts.netloc == address and '@' not in address
    except ValueError:
        is_complete = False
    if not is_complete:
        without_password = address.rpartition('@')[2]
        raise ConfigError(
            f"executor is 'dask://{without_password}', which names no scheduler. It must be dask://host:port, such as "
            'dask://127.0.0.1:8786 or dask://[::1]:8786. For anything else, TLS for one, give a client: '
            'distributed.Client(…).'
        )


_LOOP_SECONDS = 5.0
"""How long the event loop of a client may take to answer."""


def is_left_over_client(client: Any) -> bool:
    """Whether `client` has its event loop in the process that forked this one, so that it never answers."""
    loop = getattr(client.loop, 'asyncio_loop', None)
    if not isinstance(loop, asyncio.AbstractEventLoop) or not loop.is_running():
        return False
    answered = threading.Event()
    loop.call_soon_threadsafe(answered.set)
    return not answered.wait(_LOOP_SECONDS)


def place_of(client: Any) -> str:
    """Return the name by which bodies know the cluster that runs them."""
    return str(client.scheduler_info()['id'])


def client_of(executor: Any) -> tuple[Any, Mapping[str, Any]] | None:
    """Return the client of Dask that `executor` is, or has, and its options; None if it is nothing of Dask's.

    Raises:
        ConfigError: it is of Dask, but no client.
    """
    kinds = {(kind.__module__, kind.__name__) for kind in type(executor).__mro__}  # Dask need not be installed
    if ('distributed.client', 'Client') in kinds:
        return executor, {}
    if ('distributed.cfexecutor', 'ClientExecutor') in kinds:
        return executor._client, executor._kwargs
    if any(module.partition('.')[0] == 'distributed' for module, _ in kinds):
        raise ConfigError(
            f'executor is a {type(executor).__name__} of Dask, not a client. '
            'Give a client that is connected to it: distributed.Client(cluster).'
        )
    return None
