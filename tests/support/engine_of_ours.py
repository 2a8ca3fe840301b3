"""A plugin for pytest that runs Luigi's own tests with our scheduler (``OURS=scheduler``) or worker (``worker``)."""

from __future__ import annotations

import os
import signal
import sys
import unittest.mock
from collections.abc import Iterator
from typing import Any

import luigi.scheduler
import luigi.worker
import pytest

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


if os.environ.get('OURS') == 'scheduler':
    luigi.scheduler.Scheduler = luigi.worker.Scheduler = LocalScheduler
if os.environ.get('OURS') == 'worker':
    luigi.worker.Worker = AdaptedWorker


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
