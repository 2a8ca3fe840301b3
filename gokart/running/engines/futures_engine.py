"""The engine that has an executor run the bodies: it submits them, and waits for their futures."""

from __future__ import annotations

import queue
from collections.abc import Collection
from concurrent import futures
from typing import Any, Protocol

import luigi
from luigi.worker import TaskStatusReporter

from gokart.representation import label
from gokart.running.engines.body import Body, BodyInterruptedError, SettingsOfBuild
from gokart.running.engines.contract import Arrival, timeout_of
from gokart.running.task_results import TaskResult


class Backend(Protocol):
    """What runs bodies, and returns futures of their results; `name` is its kind, in messages."""

    workers: int
    name: str

    def submit(self, body: Body) -> futures.Future[TaskResult]:
        """Have the body run; an exception of the future is the back end's, never the task's."""
        ...

    def has_lost(self, error: BaseException) -> bool:
        """Whether `error`, of a future, says that what ran the body has ended."""
        ...

    def look_around(self) -> None:
        """Warn of what may keep the bodies from coming to their end; called whenever none has for a while."""
        ...

    def kill(self, future: futures.Future[TaskResult]) -> bool:
        """End the body that runs, and nothing else; return whether it ends."""
        ...

    def end(self, running: Collection[futures.Future[TaskResult]]) -> None:
        """End the bodies of a build that is given up, or wait for them where they cannot be ended."""
        ...

    def close(self) -> None:
        """Give back what was made for this build."""
        ...


class FutureAttempt:
    """One attempt at a task, of which an executor will tell."""

    use_multiprocessing = False  # Luigi would let nobody fork while it is submitted, which an executor may have to do

    def __init__(self, body: Body, reporter: TaskStatusReporter, worker_timeout: float, engine: FuturesEngine) -> None:
        self.task = body.task
        self.status_reporter = reporter
        self.worker_timeout, self.timeout_time = timeout_of(self.task, worker_timeout)
        self.future: futures.Future[TaskResult] | None = None
        self.error: BaseException | None = None
        self.is_forgotten = False
        self._is_refused = False
        self._body = body
        self._engine = engine

    def run(self) -> None:
        """Submit the body."""
        try:
            future = self._engine.backend.submit(self._body)
            future.add_done_callback(self._ended)
        except Exception as error:  # the executor is broken, was shut down, or is none
            self.error, self._is_refused = error, True
            self._engine.arrived(self, None)
        else:
            self.future = future

    start = run

    def _ended(self, future: futures.Future[TaskResult]) -> None:
        result: Any = None
        self.error = futures.CancelledError() if future.cancelled() else future.exception()
        if self.error is None:
            result = future.result()
            if not isinstance(result, TaskResult):
                self.error = TypeError(f'its future holds {result!r:.100}, not what the submitted function returns')
                self._is_refused = True
        self._engine.arrived(self, None if self.error else result)

    def is_alive(self) -> bool:
        """Whether the executor has not told of the end."""
        return self.future is not None and not self.future.done()

    def terminate(self) -> None:
        """End the body if the executor can, or let it go on unheeded."""
        if self.future is not None and not self._engine.backend.kill(self.future):
            self.future.cancel()

    def describe_loss(self) -> str:
        """Say what the executor says."""
        backend, error = self._engine.backend, self.error or futures.CancelledError()
        executor = f'the executor, a {backend.name}: {_said(error)}'
        if self._is_refused:
            return f'{label(self.task)} was not taken by {executor}. Give one that takes tasks.'
        if not backend.has_lost(error):
            return (
                f'{label(self.task)} was not run by {executor}. '
                'See that its workers have the packages that this process has, gokart among them.'
            )
        if isinstance(error, futures.CancelledError):
            reason = 'Its future was cancelled, or what ran it cannot be reached.'
        elif 'initializer' in str(error):
            reason = 'Make its initializer succeed; the log has the exception.'
        else:
            reason = (
                'What ran it was killed (perhaps for lack of memory), could not begin (the log has the exception of an '
                'initializer), or cannot be reached.'
            )
        return f'{label(self.task)} was lost by {executor}. {reason}'


def _said(error: BaseException) -> str:
    """Return type and message of `error`, to be followed by a full stop."""
    return f'{type(error).__name__}: {error}'.rstrip(': .\n')


class FuturesEngine:
    """Runs the bodies of tasks by a back end."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self.workers = backend.workers
        self._settings = SettingsOfBuild()
        self._arrived: queue.SimpleQueue[tuple[FutureAttempt, TaskResult | None, bool]] = queue.SimpleQueue()

    def attempt(
        self, task: luigi.Task, worker_id: str, reporter: TaskStatusReporter, options: dict[str, Any]
    ) -> FutureAttempt:
        """Make an attempt at `task`."""
        body = Body(task, worker_id, reporter, options, self._settings)
        return FutureAttempt(body, reporter, options['worker_timeout'], self)

    def message_queue(self) -> Any:
        """Make a queue that reaches bodies of this process."""
        return queue.SimpleQueue()

    def arrived(self, attempt: FutureAttempt, result: TaskResult | None) -> None:
        """Take note of the end of `attempt`, in whichever thread."""
        self._arrived.put((attempt, result, False))

    def put(self, attempt: FutureAttempt, result: TaskResult) -> None:
        """Add a result in place of the one that was forgotten."""
        self._arrived.put((attempt, result, True))

    def get(self, timeout_seconds: float) -> Arrival | None:
        """Wait for the next result.

        Raises:
            KeyboardInterrupt: a body ended with it.
        """
        try:
            attempt, result, is_replacement = self._arrived.get(timeout=timeout_seconds)
        except queue.Empty:
            self.backend.look_around()
            return None
        if attempt.is_forgotten and not is_replacement:
            return None
        if isinstance(attempt.error, (KeyboardInterrupt, BodyInterruptedError)):
            raise KeyboardInterrupt from attempt.error
        return attempt, result

    def forget(self, attempt: FutureAttempt) -> bool:
        """Expect nothing from `attempt` any more, unless its result is there already."""
        attempt.is_forgotten = attempt.is_alive()
        return attempt.is_forgotten

    def let_go(self, attempt: FutureAttempt) -> None:
        """Do nothing: what ran the body is the executor's."""

    def end(self, attempts: Collection[FutureAttempt]) -> None:
        """End what runs of `attempts`."""
        running = [attempt.future for attempt in attempts if attempt.future is not None and attempt.is_alive()]
        for future in running:
            future.cancel()
        running = [future for future in running if not future.done()]
        if running:
            self.backend.end(running)

    def close(self) -> None:
        """Close the back end."""
        self.backend.close()
