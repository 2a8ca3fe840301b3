"""The contract of an engine: it runs attempts at tasks and says what became of them; the worker decides the rest."""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import Any, Protocol, TypeAlias

import luigi
from luigi.worker import TaskStatusReporter

from gokart.running.task_results import TaskResult


class Attempt(Protocol):
    """One attempt to run a task: what Luigi's worker takes for a process.

    Attributes:
        timeout_time: when it has taken too long, in seconds since the epoch; None if it may take for ever.
        use_multiprocessing: whether Luigi calls `start`, while nobody else may fork, or else `run`.
    """

    task: luigi.Task
    status_reporter: TaskStatusReporter
    worker_timeout: float
    timeout_time: float | None
    use_multiprocessing: bool

    def start(self) -> None:
        """Begin the attempt; its result comes by `Engine.get`, also if it cannot begin."""
        ...

    def run(self) -> None:
        """Begin the attempt; may return before its end, as `start` does."""
        ...

    def is_alive(self) -> bool:
        """Whether what runs it has not ended."""
        ...

    def terminate(self) -> None:
        """End it, as far as that is possible."""
        ...

    def describe_loss(self) -> str:
        """Return a sentence that says why there is no result."""
        ...


Arrival: TypeAlias = 'tuple[Any, TaskResult | None]'
"""An attempt and its result, or None in place of the result if the attempt was lost."""


def timeout_of(task: luigi.Task, default_seconds: float) -> tuple[float, float | None]:
    """Return `worker_timeout` and `timeout_time` of an attempt at `task` that begins now; 0 seconds: for ever."""
    own_seconds: float | None = task.worker_timeout
    seconds = default_seconds if own_seconds is None else own_seconds
    return seconds, time.time() + seconds if seconds else None


class Engine(Protocol):
    """Runs bodies of tasks, up to `workers` of them at a time."""

    workers: int

    def attempt(
        self, task: luigi.Task, worker_id: str, reporter: TaskStatusReporter, options: dict[str, Any]
    ) -> Attempt:
        """Make an attempt at `task`, which begins when it is told to; `options` are those of `TaskRunner`."""
        ...

    def message_queue(self) -> Any:
        """Make the queue of the messages that the scheduler has for a running task."""
        ...

    def put(self, attempt: Any, result: TaskResult) -> None:
        """Add the result of an attempt."""
        ...

    def get(self, timeout_seconds: float) -> Arrival | None:
        """Wait for the next result; None if there is none within `timeout_seconds`."""
        ...

    def forget(self, attempt: Any) -> bool:
        """Expect nothing from `attempt` any more, which is to be ended; False if its result is there already."""
        ...

    def let_go(self, attempt: Any) -> None:
        """Take note that the result of `attempt` is settled."""
        ...

    def end(self, attempts: Collection[Any]) -> None:
        """End what runs of `attempts`; comes back when nothing of them runs any more."""
        ...

    def close(self) -> None:
        """Give back what the engine holds."""
        ...
