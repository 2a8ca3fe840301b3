"""A plugin for pytest that runs Luigi's own tests with our scheduler (``OURS=scheduler``), and worker (``both``)."""

from __future__ import annotations

import os
import signal
import socket
import sys
import unittest.mock
from collections.abc import Iterator
from typing import Any

import luigi.interface
import luigi.scheduler
import luigi.server
import luigi.worker
import pytest
from luigi.rpc import RemoteScheduler

from gokart.running.worker import Worker, gokart_worker
from gokart.scheduling.scheduler import LocalScheduler

LONGEST_SECONDS = 60

# Luigi's tests import the package of this name, which is the same.
sys.modules.setdefault('mock', unittest.mock)


class AdaptedWorker(Worker):
    """Our worker with the arguments of Luigi's, whose settings are in the section ``[worker]``."""

    def __init__(
        self,
        scheduler: Any = None,
        worker_id: str | None = None,
        worker_processes: int = 1,
        assistant: bool = False,
        **settings: Any,
    ) -> None:
        # Luigi's tests count the looks at completeness.
        config = gokart_worker(task_completion_check_at_run=False, **luigi.worker.worker(**settings).param_kwargs)
        super().__init__(scheduler or LocalScheduler(), worker_id, worker_processes, assistant, config)


if os.environ.get('OURS') in ('scheduler', 'both'):
    luigi.scheduler.Scheduler = luigi.worker.Scheduler = LocalScheduler
if os.environ.get('OURS') == 'both':
    luigi.worker.Worker = AdaptedWorker

# Luigi's tests start servers at one port, where those of another process may be: ours have one each.
with socket.socket() as probe:
    probe.bind(('127.0.0.1', 0))
    port = probe.getsockname()[1]
luigi.server.run.__defaults__ = (port, '127.0.0.1', *luigi.server.run.__defaults__[2:])
luigi.interface.core.scheduler_port._default = port
RemoteScheduler.__init__.__defaults__ = (f'http://127.0.0.1:{port}/', *RemoteScheduler.__init__.__defaults__[1:])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Iterator[None]:
    """A test that hangs must not hang all."""
    signal.signal(signal.SIGALRM, _too_long)
    signal.alarm(LONGEST_SECONDS)
    try:
        return (yield)
    finally:
        signal.alarm(0)


def _too_long(*_: Any) -> None:
    raise TimeoutError(f'the test took more than {LONGEST_SECONDS} seconds')
