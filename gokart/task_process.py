"""One attempt to run a task, in this process or in one of its own."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Generator, Iterable
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from types import FrameType
from typing import Any, NoReturn, cast

import luigi
from luigi.scheduler import Scheduler
from luigi.task import DynamicRequirements
from luigi.task_status import FAILED
from luigi.worker import ContextManagedTaskProcess, DequeQueue, TaskStatusReporter

from gokart._nested import flatten
from gokart.errors import MissingOutputError, TaskDefinitionError
from gokart.failures import TaskFailure
from gokart.process_settings import ProcessSettings, dumps_for_spawn, loads_in_spawned
from gokart.rerun import target_path
from gokart.task import TaskOnKart
from gokart.task_results import TaskResult, TaskResults, encode
from gokart.task_source import label

logger = logging.getLogger(__name__)

GRACE_SECONDS = 3.0
"""How long a process may tidy up after it was told to end."""

_DRIVER_POLL_SECONDS = 0.5


class TaskProcess(ContextManagedTaskProcess):
    """Luigi's runner of a task, which also looks at the outputs and reports exceptions as they are.

    Luigi starts it (`start`) or calls it (`run`); the result goes to `results` either way.

    Args:
        task: the task.
        worker_id: the id of the worker.
        status_reporter: passes messages of the task to the scheduler.
        results: gets the result; None in the process that `start` started.
        sender: the end of the pipe to the driver, in that process only.
        start_method: how processes are started: fork, spawn or forkserver.
        skip_if_complete: whether to look once more, just before the body, if the task is complete.
        context: dotted name of Luigi's ``task_process_context``, if any.
        **options: what `luigi.worker.TaskProcess` takes besides.
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
        skip_if_complete: bool,
        context: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(context, task, worker_id, DequeQueue(), status_reporter, **options)
        self._results = results
        self._sender = sender
        self._start_method = start_method
        self._skip_if_complete = skip_if_complete
        self._options = options
        self._process: BaseProcess | None = None
        self._failure: TaskFailure | None = None

    # In the driver

    def start(self) -> None:
        """Run the task in a new process; if there can be none, that is the result."""
        assert self._results is not None
        context: Any = multiprocessing.get_context(self._start_method)
        receiver, self._sender = context.Pipe(duplex=False)
        process = context.Process(target=_run_in_own_process, args=(self,))
        try:
            process.start()
        except Exception as error:
            receiver.close()
            self._results.put(self, TaskResult.failed(TaskFailure.of(error)))
        else:
            self._process = process
            self._results.listen(self, receiver)
        finally:
            self._sender.close()
            self._sender = None

    def is_alive(self) -> bool:
        """Whether the task has a process and that process runs."""
        return self._process is not None and self._process.is_alive()

    def join(self, timeout: float | None = None) -> None:
        """Wait until the process has ended, for at most `timeout` seconds."""
        if self._process is not None:
            self._process.join(timeout)

    @property
    def exitcode(self) -> int | None:
        """The exit code of the process; None if there is none or it runs."""
        return self._process.exitcode if self._process is not None else None

    def terminate(self) -> None:
        """End the process: ask it to, then kill it."""
        end_processes([self])

    def ask_to_end(self) -> None:
        """Tell the process to tidy up and end."""
        if self._process is not None and self._process.is_alive():
            self._process.terminate()

    def kill(self) -> None:
        """End the process at once."""
        if self._process is not None and self._process.is_alive():
            self._process.kill()
            self._process.join()

    # Where the task runs

    def run(self) -> None:
        """Run the task and hand in its result."""
        try:
            super().run()
        except Exception as error:  # the user's `on_failure` or `task_process_context` raised
            self._failure = self._failure or TaskFailure.of(error)
            self.result_queue.clear()
            self.result_queue.put((self.task.task_id, FAILED, traceback.format_exc(), [], []))
        finally:
            if self.result_queue:
                _, status, explanation, missing, requirements = self.result_queue.get()
                self._hand_in(TaskResult(status, explanation, missing, requirements or [], self._failure))

    def _hand_in(self, result: TaskResult) -> None:
        if self._sender is not None:
            self._sender.send_bytes(encode(result))
        elif self._results is not None:
            self._results.put(self, result)

    def _handle_run_exception(self, ex: BaseException) -> Any:
        self._failure = TaskFailure.of(ex)
        return super()._handle_run_exception(ex)

    def _run_get_new_deps(self) -> Any:
        if self._is_complete_by_now():
            logger.warning('%s is skipped because the task is already completed.', self.task)
            self.task._skipped_at_run = True
            return None
        requirements = self._run_until_requirements(self.task.run())
        if not requirements:
            self._check_outputs()
        return requirements

    def _is_complete_by_now(self) -> bool:
        wanted = self._skip_if_complete and getattr(self.task, 'complete_check_at_run', True)
        return bool(wanted and self.check_complete(self.task))

    def _run_until_requirements(self, body: Any) -> list[luigi.Task] | None:
        """Run the body to its end, or until it yields requirements that are not complete, and return these.

        Unlike Luigi, return the tasks themselves: their parameters as text would lose the private ones.
        """
        if not isinstance(body, Generator):
            return None
        answer = None
        while True:
            try:
                wanted = body.send(answer)
            except StopIteration:
                return None
            if not isinstance(wanted, DynamicRequirements):
                wanted = DynamicRequirements(wanted)
            for requirement in wanted.flat_requirements:
                if not isinstance(requirement, luigi.Task):
                    raise TaskDefinitionError(
                        f'{label(self.task)}: run() yields an item of type {type(requirement).__name__}: '
                        f'{requirement!r:.100}. It may yield a task, or a list, tuple or dict of tasks.'
                    )
            if not wanted.complete(self.check_complete):
                body.close()
                return cast('list[luigi.Task]', list(wanted.flat_requirements))
            answer = wanted.paths

    def _check_outputs(self) -> None:
        if not isinstance(self.task, TaskOnKart):
            return
        missing = [target_path(output) for output in flatten(self.task.output()) if not output.exists()]
        # A task with a complete() of its own may do without its outputs.
        if missing and not self.task.complete():
            raise MissingOutputError(
                f'{label(self.task)}: run() ended, but these outputs do not exist: {", ".join(missing)}. '
                'Call self.dump(...) for each output in run().'
            )

    def __reduce__(self) -> Any:
        # Used where processes are not forked: the settings come first, as unpickling the task imports its module.
        reporter = self.status_reporter
        if isinstance(reporter._scheduler, Scheduler):
            # A copy of the scheduler in another process would be of no use.
            reporter = TaskStatusReporter(_Nobody(), self.task.task_id, self.worker_id, reporter.scheduler_messages)
        arguments = {
            'task': self.task,
            'worker_id': self.worker_id,
            'status_reporter': reporter,
            'sender': self._sender,
            'start_method': self._start_method,
            'skip_if_complete': self._skip_if_complete,
            'context': self.context,
            **self._options,
        }
        return _rebuild, (ProcessSettings.of_this_process(), dumps_for_spawn(arguments))


def end_processes(processes: Iterable[TaskProcess]) -> None:
    """End the processes of all of them: ask each to, and kill those that still run `GRACE_SECONDS` later."""
    running = [process for process in processes if process.is_alive()]
    for process in running:
        process.ask_to_end()
    deadline = time.monotonic() + GRACE_SECONDS
    for process in running:
        process.join(max(0.0, deadline - time.monotonic()))
    for process in running:
        process.kill()


class _Nobody:
    """Takes the messages for a scheduler that cannot be reached."""

    def __getattr__(self, name: str) -> Any:
        return lambda *args, **kwargs: None


def _rebuild(settings: ProcessSettings, arguments: bytes) -> TaskProcess:
    settings.apply()
    return TaskProcess(**loads_in_spawned(arguments))


class _ToldToEnd(KeyboardInterrupt):
    """Ends a task without counting as its failure, so that its ``finally`` blocks run and release what it holds."""


def _run_in_own_process(process: TaskProcess) -> None:
    signal.signal(signal.SIGTERM, _end)
    threading.Thread(target=_end_with_driver, name='gokart-driver-watch', daemon=True).start()
    try:
        process.run()
    except _ToldToEnd:
        sys.exit(128 + signal.SIGTERM)
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)


def _end(signum: int, frame: FrameType | None) -> NoReturn:
    raise _ToldToEnd


def _end_with_driver() -> None:
    """Wait until the driver is gone, then end this process."""
    driver = multiprocessing.parent_process()
    assert driver is not None
    parent_id = os.getppid()
    while driver.is_alive() and os.getppid() == parent_id:
        driver.join(_DRIVER_POLL_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_SECONDS)
    os._exit(1)
