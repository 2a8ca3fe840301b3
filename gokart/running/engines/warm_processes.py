"""The engine of ``executor='processes'``: processes that run task after task, each with a pipe to the driver."""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Collection
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

import luigi
from luigi.worker import TaskStatusReporter

from gokart.running.child_process import GRACE_SECONDS, child_of_driver, describe_loss, end_all, start
from gokart.running.engines.body import Body, BodyInterruptedError, SettingsOfBuild, execute
from gokart.running.engines.contract import Arrival, timeout_of
from gokart.running.engines.portable import dumps, loads
from gokart.running.engines.task_processes import default_start_method
from gokart.running.failures import TaskFailure
from gokart.running.process_settings import dumps_by_reference, rename_main_module
from gokart.running.task_results import TaskResult, decode, encode


class WarmProcesses:
    """Runs each body in the next process that is free; a process that dies takes one task with it, and is replaced.

    Without a thread of its own, so that processes can be forked at any time.

    Args:
        workers: how many processes there may be.
        start_method: how they are started; empty for the one that suits the system.
    """

    def __init__(self, workers: int, start_method: str) -> None:
        self.workers = workers
        self._start_method = start_method or default_start_method()
        # A process that is forked during the build has the definitions of all tasks.
        self._dumps = dumps_by_reference if self._start_method == 'fork' else dumps
        self._settings = SettingsOfBuild()
        self._arrived: deque[Arrival] = deque()
        self._idle: list[_WarmProcess] = []
        self._busy: dict[_WarmProcess, WarmAttempt] = {}

    def attempt(
        self, task: luigi.Task, worker_id: str, reporter: TaskStatusReporter, options: dict[str, Any]
    ) -> WarmAttempt:
        """Make an attempt at `task`."""
        body = Body(task, worker_id, reporter, options, self._settings, self._dumps)
        return WarmAttempt(body, reporter, options['worker_timeout'], self)

    def message_queue(self) -> None:
        """Return none: a queue cannot be handed to a process that runs."""

    def begin(self, attempt: WarmAttempt) -> None:
        """Run `attempt` in a process that is free, or in a new one."""
        try:
            message = dumps(attempt.body.portable())
            process = self._free_process()
        except Exception as error:
            self.put(attempt, TaskResult.failed(TaskFailure.of(error)))
            return
        attempt.process = process
        self._busy[process] = attempt
        process.send(message)

    def _free_process(self) -> _WarmProcess:
        while self._idle:
            process = self._idle.pop()
            if process.is_alive():
                return process
            process.close()
        return _WarmProcess(self._start_method)

    def put(self, attempt: WarmAttempt, result: TaskResult) -> None:
        """Add a result."""
        self._arrived.append((attempt, result))

    def get(self, timeout_seconds: float) -> Arrival | None:
        """Wait for the next result.

        Raises:
            KeyboardInterrupt: a body ended with it.
        """
        if not self._arrived:
            self._receive(timeout_seconds)
        return self._arrived.popleft() if self._arrived else None

    def _receive(self, timeout_seconds: float) -> None:
        sources = [source for process in self._busy for source in (process.connection, process.sentinel)]
        ready = set(wait(sources, timeout_seconds))
        for process, attempt in list(self._busy.items()):
            if process.connection in ready or process.sentinel in ready:
                self._arrived.append((attempt, self._result_of(attempt, process)))

    def _result_of(self, attempt: WarmAttempt, process: _WarmProcess) -> TaskResult | None:
        result = process.receive()
        del self._busy[process]
        if result is None:
            process.join(GRACE_SECONDS)  # it may be about to end
            process.close()
        else:
            attempt.process = None
            self._idle.append(process)
        return result

    def forget(self, attempt: WarmAttempt) -> bool:
        """Expect nothing from `attempt` any more, unless its result is there already."""
        if attempt.process not in self._busy or wait([attempt.process.connection], 0):
            return False
        del self._busy[attempt.process]
        return True

    def let_go(self, attempt: WarmAttempt) -> None:
        """Do nothing: the process waits for the next task."""

    def end(self, attempts: Collection[WarmAttempt]) -> None:
        """End the processes that run a body of `attempts`."""
        end_all([attempt.process for attempt in attempts if attempt.process in self._busy and attempt.process])

    def close(self) -> None:
        """End all processes."""
        everybody = [*self._idle, *self._busy]
        end_all(everybody)
        for process in everybody:
            process.close()
        self._idle.clear()
        self._busy.clear()


class WarmAttempt:
    """One attempt at a task, in a process that is there already."""

    use_multiprocessing = True

    def __init__(self, body: Body, reporter: TaskStatusReporter, worker_timeout: float, engine: WarmProcesses) -> None:
        self.body = body
        self.task = body.task
        self.status_reporter = reporter
        self.worker_timeout, self.timeout_time = timeout_of(self.task, worker_timeout)
        self.process: _WarmProcess | None = None
        self._engine = engine

    def start(self) -> None:
        """Hand the body to a process."""
        self._engine.begin(self)

    run = start

    def is_alive(self) -> bool:
        """Whether its process runs, and has not brought a result."""
        return self.process is not None and self.process.is_alive()

    def terminate(self) -> None:
        """End the process."""
        if self.process is not None:
            end_all([self.process])
            self.process.close()

    def describe_loss(self) -> str:
        """Say how the process ended, which brought no result."""
        return describe_loss(self.task, None if self.process is None else self.process.exit_code)


_INTERRUPTED = b''
"""The answer of a process whose body raised `KeyboardInterrupt`."""


_END = b''
"""What a process is sent that is not needed any more."""


class _WarmProcess:
    """The driver's side of a process."""

    def __init__(self, start_method: str) -> None:
        context: Any = multiprocessing.get_context(start_method)
        self.connection, theirs = context.Pipe()
        with theirs:
            self._process: BaseProcess = context.Process(target=_serve, args=(theirs,), name='gokart-warm-process')
            try:
                start(self._process)
            except BaseException:
                self.connection.close()
                raise
        self.sentinel = self._process.sentinel
        self.exit_code: int | None = None
        self._is_idle = True

    def send(self, message: bytes) -> None:
        self._is_idle = False
        try:
            self.connection.send_bytes(message)
        except OSError:  # it died; whoever waits for its answer is told
            self._process.join(GRACE_SECONDS)

    def receive(self) -> TaskResult | None:
        """Return the result; None if the process ended without one.

        Raises:
            KeyboardInterrupt: the body ended with it.
        """
        try:
            # A process may end after its answer, and its children may hold the pipe after its end.
            message = self.connection.recv_bytes() if self.connection.poll() else None
        except (EOFError, OSError):
            return None
        if message == _INTERRUPTED:
            raise KeyboardInterrupt
        if message is None:
            return None
        self._is_idle = True
        return decode(message)

    def is_alive(self) -> bool:
        return self._process.is_alive()

    def join(self, timeout_seconds: float) -> None:
        self._process.join(timeout_seconds)

    def ask_to_end(self) -> None:
        if self._is_idle:
            self.send(_END)
        else:
            self._process.terminate()

    def kill(self) -> None:
        self._process.kill()
        self._process.join()

    def close(self) -> None:
        """End what is left of it."""
        if self._process.is_alive():
            self.kill()
        self.exit_code = self._process.exitcode
        self.connection.close()


def _serve(connection: Connection) -> None:
    """Run the bodies that come through the pipe, until the end comes or nobody is left to send it."""
    with child_of_driver():
        rename_main_module()
        while True:
            try:
                message = connection.recv_bytes()
            except (EOFError, OSError):
                return
            if message == _END:
                return
            try:
                answer = encode(execute(loads(message)))
            except BodyInterruptedError:
                answer = _INTERRUPTED
            connection.send_bytes(answer)
