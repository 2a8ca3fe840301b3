"""The worker: Luigi's, with a second look at completeness, exceptions that come home, and an end of its processes."""

from __future__ import annotations

import json
import logging
import multiprocessing
import signal
import sys
import threading
import time
from collections.abc import Iterable, Sequence
from typing import Any, Literal

import luigi
from luigi.event import Event
from luigi.scheduler import Scheduler
from luigi.task_status import DONE, FAILED
from luigi.worker import TaskStatusReporter
from luigi.worker import worker as luigi_worker

from gokart import _luigi
from gokart.errors import ConfigError, GokartError, LostTaskError, TaskDefinitionError, TaskTimeoutError
from gokart.foresight import foreseen
from gokart.locks.keeper import rest
from gokart.representation import label
from gokart.running.failures import TaskFailure
from gokart.running.scheduling_worker import SchedulingWorker
from gokart.running.task_process import GRACE_SECONDS, TaskProcess, end_processes
from gokart.running.task_results import TaskResult, TaskResults

logger = logging.getLogger(__name__)

_FAREWELL_SECONDS = 10.0
"""How long a process may go on after its task is done, for threads that the task left behind."""


class gokart_worker(luigi_worker):  # noqa: N801 (the name of its section)
    """Luigi's settings of a worker, and ours, in the section ``[gokart_worker]``."""

    task_completion_check_at_run = luigi.BoolParameter(
        default=True,
        parsing=luigi.BoolParameter.EXPLICIT_PARSING,
        description='look just before the body if the task is complete by now, and if so, skip it',
    )
    start_method = luigi.ChoiceParameter(
        default='',
        choices=['', 'fork', 'spawn', 'forkserver'],
        description='how processes for tasks are started; by default they are forked where that is possible',
    )


class Worker(SchedulingWorker):
    """Schedules tasks and runs them, each in a process of its own if there is more than one at a time.

    Attributes:
        finished: whether `run` came to its end.
    """

    def __init__(
        self,
        scheduler: Scheduler | None = None,
        worker_id: str | None = None,
        worker_processes: int = 1,
        assistant: bool = False,
        config: gokart_worker | None = None,
    ) -> None:
        config = config or gokart_worker()
        if config.wait_interval <= 0 or config.wait_jitter < 0:
            raise ConfigError(
                f'[gokart_worker] wait_interval is {config.wait_interval} and wait_jitter is {config.wait_jitter}; '
                'the first must be more than 0 seconds, the second at least 0.'
            )
        # Luigi would install its handler at once, whichever thread this is, and never take it back.
        own_section = {'no_install_shutdown_handler': True, 'cache_task_completion': False}
        super().__init__(scheduler, worker_id or config.id or None, worker_processes, assistant, **own_section)
        self._config: gokart_worker = config
        # Entries that a process adds are added here, too, when it reports.
        self._task_completion_cache: Any = {} if config.cache_task_completion else None
        self._task_result_queue.close()
        self._results = TaskResults()
        self._task_result_queue: Any = self._results
        self._ending: list[TaskProcess] = []
        self._resumed: set[str] = set()
        self._old_signal_handler: Any = None
        self._is_local = isinstance(self._scheduler, Scheduler)
        self.finished = False

    def __enter__(self) -> Worker:
        in_main_thread = threading.current_thread() is threading.main_thread()
        if in_main_thread and hasattr(signal, 'SIGUSR1') and not self._config.no_install_shutdown_handler:
            # None stands for a handler that was not set from Python; it cannot be put back.
            self._old_signal_handler = signal.signal(signal.SIGUSR1, self.handle_interrupt) or signal.SIG_DFL
        if self._is_local:
            self._keep_alive_thread: Any = _NoThread()
        else:
            super().__enter__()
        return self

    def __exit__(self, *exc_info: Any) -> Literal[False]:
        try:
            end_processes(self._running_tasks.values())
            self._wait_for_ending_processes()
            rest()
        finally:
            super().__exit__(*exc_info)
            if self._old_signal_handler is not None:
                signal.signal(signal.SIGUSR1, self._old_signal_handler)
        return False

    def run(self) -> Any:
        """Run what was scheduled; return whether all of it succeeded."""
        succeeded = super().run()
        self.finished = True
        return succeeded

    # Running

    def _create_task_process(self, task: luigi.Task) -> TaskProcess:
        config = self._config
        start_method = config.start_method or _default_start_method()
        messages = multiprocessing.get_context(start_method).Queue() if task.accepts_messages else None
        return TaskProcess(
            task,
            self._id,
            TaskStatusReporter(self._scheduler, task.task_id, self._id, messages),
            results=self._results,
            start_method=start_method,
            # A body that waited for requirements may have made its outputs before; it goes on nevertheless.
            skip_if_complete=self._wants_second_look(task) and task.task_id not in self._resumed,
            context=config.task_process_context,
            use_multiprocessing=config.force_multiprocessing or self.worker_processes > 1,
            worker_timeout=config.timeout,
            check_unfulfilled_deps=config.check_unfulfilled_deps,
            check_complete_on_run=config.check_complete_on_run,
            task_completion_cache=self._task_completion_cache,
        )

    def _wants_second_look(self, task: luigi.Task) -> bool:
        of_worker = self._config.task_completion_check_at_run
        return of_worker or bool(getattr(task, 'complete_check_at_run', False))

    def _handle_next_task(self) -> None:
        """Wait until a task has ended in one way or another, and tell the scheduler."""
        self._idle_since = None
        self._end_overdue()
        arrival = self._results.get(self._patience_seconds())
        if arrival is not None:
            process, result = arrival
            self._settle(process, result or self._died(process))

    def _patience_seconds(self) -> float:
        deadlines = [process.timeout_time for process in self._running_tasks.values() if process.timeout_time]
        seconds: float = min([self._config.wait_interval, *(deadline - time.time() for deadline in deadlines)])
        if len(self._running_tasks) < self.worker_processes:
            seconds = min(seconds, self._put_back.seconds_to_next())
        return max(0.0, seconds)

    def _end_overdue(self) -> None:
        for process in list(self._running_tasks.values()):
            if process.timeout_time and time.time() > process.timeout_time and process.is_alive():
                self._results.forget(process)
                process.terminate()
                message = (
                    f'{label(process.task)}: run() took longer than {process.worker_timeout} seconds and was ended.'
                )
                self._results.put(process, self._lost(process, Event.TIMEOUT, TaskTimeoutError(message)))

    def _died(self, process: TaskProcess) -> TaskResult:
        process.join(GRACE_SECONDS)
        message = (
            f'{label(process.task)}: its process ended without a result, {_describe_exit(process.exitcode)}. '
            'It was killed (perhaps for lack of memory), or the body ended the interpreter.'
        )
        return self._lost(process, Event.PROCESS_FAILURE, LostTaskError(message))

    def _lost(self, process: TaskProcess, event: str, error: GokartError) -> TaskResult:
        logger.info('%s', error)
        process.task.trigger_event(event, process.task, str(error))
        return TaskResult.failed(TaskFailure.of(error))

    def _settle(self, process: TaskProcess, result: TaskResult) -> None:
        task = process.task
        if result.failure is not None and self._wait_for_lock(task, result.failure.exception):
            self._running_tasks.pop(task.task_id)
            self._let_end(process)
            return
        requirements, result = self._add_requirements(task, result)
        if result.status == FAILED and not (_luigi.is_external(task) and self._config.retry_external_tasks):
            self._email_task_failure(task, result.explanation)
        if result.failure is not None:
            self.failures[task.task_id].append(result.failure)
        if result.status == DONE and self._task_completion_cache is not None:
            self._task_completion_cache[task.task_id] = True
        self._add_task(
            worker=self._id,
            task_id=task.task_id,
            status=result.status,
            expl=json.dumps(result.explanation, default=str),
            resources=task.process_resources(),
            runnable=None,
            params=task.to_str_params(only_public=True),
            family=task.task_family,
            module=task.task_module,
            new_deps=[requirement.task_id for requirement in requirements],
            assistant=self._assistant,
            retry_policy_dict=_luigi.retry_policy(task),
        )
        self._running_tasks.pop(task.task_id)
        self._let_end(process)
        self._reschedule(task, result.missing)
        self.run_succeeded &= result.status == DONE or bool(requirements)

    def _add_requirements(self, task: luigi.Task, result: TaskResult) -> tuple[Sequence[luigi.Task], TaskResult]:
        if result.requirements and result.was_complete:
            self._resumed.add(task.task_id)
        try:
            with foreseen(result.requirements):
                for requirement in result.requirements:
                    self._check_progress(task, requirement)
                    self.add(requirement)
        except Exception as error:
            return (), TaskResult.failed(TaskFailure.of(error))
        return result.requirements, result

    def _check_progress(self, task: luigi.Task, requirement: luigi.Task) -> None:
        if requirement.task_id not in self.done_ids or requirement.complete():
            return
        self.unfulfilled_counts[requirement.task_id] += 1
        if self.unfulfilled_counts[requirement.task_id] > self._config.max_reschedules:
            raise TaskDefinitionError(
                f'{label(task)}: run() yields {label(requirement)}, which has run and still is not complete. '
                'Let it make its outputs, or give it a complete() that becomes True.'
            )

    def _reschedule(self, task: luigi.Task, missing: Iterable[str]) -> None:
        """Schedule `task` again where requirements turned out to be incomplete, but not without end."""
        missing = list(missing)
        for description in missing:
            self.unfulfilled_counts[description] += 1
        if missing and all(self.unfulfilled_counts[name] <= self._config.max_reschedules for name in missing):
            self.add(task)

    # The end of processes

    def _let_end(self, process: TaskProcess) -> None:
        self._ending = [other for other in [*self._ending, process] if other.is_alive()]

    def _wait_for_ending_processes(self) -> None:
        deadline = time.monotonic() + _FAREWELL_SECONDS
        for process in self._ending:
            process.join(max(0.0, deadline - time.monotonic()))
        end_processes(self._ending)


class _NoThread:
    """Stands where Luigi has the thread that tells a server that the worker lives; without it forks are safer."""

    def stop(self) -> None:
        """Do nothing."""

    def join(self) -> None:
        """Do nothing."""


def _default_start_method() -> str:
    # System libraries of macOS crash in forked processes.
    return 'fork' if sys.platform == 'linux' else 'spawn'


def _describe_exit(code: int | None) -> str:
    if code is not None and code < 0:
        try:
            return f'killed by {signal.Signals(-code).name}'
        except ValueError:
            return f'killed by signal {-code}'
    return f'with exit code {code}'
