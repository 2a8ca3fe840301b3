"""The engine of builds without an executor: a task runs in this process, or in a process that is its own."""

from __future__ import annotations

import multiprocessing
import sys
import time
from collections.abc import Collection
from typing import Any

import luigi
from luigi.worker import TaskStatusReporter

from gokart.running.child_process import end_all
from gokart.running.engines.contract import Arrival
from gokart.running.task_process import TaskProcess
from gokart.running.task_results import TaskResult, TaskResults

_FAREWELL_SECONDS = 10.0
"""How long a process may go on after its task is done, for threads that the task left behind."""


class TaskProcesses:
    """Runs a task in this process, or, where there may be several at a time, each in a process of its own.

    Args:
        workers: how many tasks may run at a time.
        start_method: how processes are started; empty for the one that suits the system.
        in_processes: whether even one task at a time runs in a process of its own.
    """

    def __init__(self, workers: int, start_method: str, in_processes: bool) -> None:
        self.workers = workers
        self._start_method = start_method or default_start_method()
        self._in_processes = in_processes or workers > 1
        self._results = TaskResults()
        self._ending: list[TaskProcess] = []

    def attempt(
        self, task: luigi.Task, worker_id: str, reporter: TaskStatusReporter, options: dict[str, Any]
    ) -> TaskProcess:
        """Make the process of `task`."""
        return TaskProcess(
            task,
            worker_id,
            reporter,
            results=self._results,
            start_method=self._start_method,
            use_multiprocessing=self._in_processes,
            **options,
        )

    def message_queue(self) -> Any:
        """Make a queue that reaches processes."""
        return multiprocessing.get_context(self._start_method).Queue()

    def put(self, attempt: TaskProcess, result: TaskResult) -> None:
        """Add a result."""
        self._results.put(attempt, result)

    def get(self, timeout_seconds: float) -> Arrival | None:
        """Wait for the next result."""
        return self._results.get(timeout_seconds)

    def forget(self, attempt: TaskProcess) -> bool:
        """Expect no result from `attempt`, unless it is there already."""
        return self._results.forget(attempt)

    def let_go(self, attempt: TaskProcess) -> None:
        """Let the process come to its end, for which `end` waits a while."""
        self._ending = [other for other in [*self._ending, attempt] if other.is_alive()]

    def end(self, attempts: Collection[TaskProcess]) -> None:
        """End the processes of `attempts`, and wait for those whose task is done."""
        end_all(attempts)
        deadline = time.monotonic() + _FAREWELL_SECONDS
        for process in self._ending:
            process.join(max(0.0, deadline - time.monotonic()))
        end_all(self._ending)

    def close(self) -> None:
        """Drop what was not looked at."""
        self._results.close()


def default_start_method() -> str:
    """Return how processes are started where nobody says how."""
    # System libraries of macOS crash in forked processes.
    return 'fork' if sys.platform == 'linux' else 'spawn'
