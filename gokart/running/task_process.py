"""A process for one task: how it is started and how it ends."""

from __future__ import annotations

import multiprocessing
import pickle
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

import luigi
from luigi.worker import TaskStatusReporter

from gokart import attempt
from gokart.running.child_process import GRACE_SECONDS, child_of_driver, describe_loss, end_all, start
from gokart.running.failures import TaskFailure
from gokart.running.process_settings import ProcessSettings, dumps_by_reference
from gokart.running.status_reporter import portable_reporter
from gokart.running.task_results import TaskResult, TaskResults, encode
from gokart.running.task_runner import TaskRunner
from gokart.task import TaskOnKart


class TaskProcess(TaskRunner):
    """Runs a task here (`run`) or in a process of its own (`start`); the result goes to `results` either way.

    Args:
        task: the task.
        worker_id: the id of the worker.
        status_reporter: passes messages of the task to the scheduler.
        results: gets the result; None in the process that `start` started.
        sender: the end of the pipe to the driver, in that process only.
        start_method: how processes are started: fork, spawn or forkserver.
        **options: what `TaskRunner` takes besides.
    """

    def __init__(
        self,
        task: luigi.Task,
        worker_id: str,
        status_reporter: TaskStatusReporter,
        *,
        results: TaskResults | None = None,
        sender: Connection | None = None,
        start_method: str,
        **options: Any,
    ) -> None:
        super().__init__(task, worker_id, status_reporter, **options)
        self._results = results
        self._sender = sender
        self._start_method = start_method
        self._options = options
        self._process: BaseProcess | None = None

    def start(self) -> None:
        """Run the task in a new process; if there can be none, that is the result."""
        try:
            self._start()
        except Exception as error:
            self.hand_in(TaskResult.failed(TaskFailure.of(error)))

    def _start(self) -> None:
        assert self._results is not None
        if self._start_method == 'fork' and isinstance(self.task, TaskOnKart):
            attempt.prepare(self.task)
        context: Any = multiprocessing.get_context(self._start_method)
        receiver, sender = context.Pipe(duplex=False)
        with sender:
            self._sender = sender
            self._process = process = context.Process(target=_run_in_own_process, args=(self,))
            try:
                start(process)
            except BaseException:
                receiver.close()
                raise
            finally:
                self._sender = None
        self._results.listen(self, receiver)

    def hand_in(self, result: TaskResult) -> None:
        """Pass `result` on to the driver."""
        if self._sender is not None:
            self._sender.send_bytes(encode(result))
        elif self._results is not None:
            self._results.put(self, result)

    def is_alive(self) -> bool:
        """Whether the task has a process and that process runs."""
        return self._process is not None and self._process.is_alive()

    def join(self, timeout: float | None = None) -> None:
        """Wait until the process has ended, for at most `timeout` seconds."""
        if self._process is not None:
            self._process.join(timeout)

    def terminate(self) -> None:
        """End the process: ask it to, then kill it."""
        end_all([self])

    def describe_loss(self) -> str:
        """Say how the process ended, which brought no result."""
        self.join(GRACE_SECONDS)
        return describe_loss(self.task, self._process.exitcode if self._process is not None else None)

    def ask_to_end(self) -> None:
        """Tell the process to tidy up and end."""
        if self._process is not None and self._process.is_alive():
            self._process.terminate()

    def kill(self) -> None:
        """End the process at once."""
        if self._process is not None and self._process.is_alive():
            self._process.kill()
            self._process.join()

    def __reduce__(self) -> Any:
        # Used where processes are not forked: the settings come first, as unpickling the task imports its module.
        reporter = portable_reporter(self.status_reporter, self.status_reporter.scheduler_messages)
        arguments = {
            'task': self.task,
            'worker_id': self.worker_id,
            'status_reporter': reporter,
            'sender': self._sender,
            'start_method': self._start_method,
            **self._options,
        }
        return _rebuild, (ProcessSettings.of_this_process(), dumps_by_reference(arguments))


def _rebuild(settings: ProcessSettings, arguments: bytes) -> TaskProcess:
    settings.apply()
    return TaskProcess(**pickle.loads(arguments))


def _run_in_own_process(process: TaskProcess) -> None:
    with child_of_driver():
        process.run()
