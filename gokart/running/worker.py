"""The worker: Luigi's, with a second look at completeness, exceptions that come home, and an end of its processes."""

from __future__ import annotations

import json
import logging
import signal
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
from gokart.running.engines.contract import Attempt, Engine
from gokart.running.engines.task_processes import TaskProcesses
from gokart.running.failures import TaskFailure
from gokart.running.scheduling_worker import SchedulingWorker
from gokart.running.task_results import TaskResult
from gokart.task import TaskOnKart
from gokart.task_locks import sweep_locks

logger = logging.getLogger(__name__)


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
    executor = luigi.OptionalParameter(
        default=None,
        description='where bodies run: "threads", "processes" or "dask://host:port"; by default in this process, or '
        'with several workers in a process each',
    )
    cache: Any = luigi.Parameter(
        default='disk',
        description='where outputs are handed on that are there only for other tasks, as far as bodies run in this '
        'process: "memory" does not store them',
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.wait_interval <= 0 or self.wait_jitter < 0:
            raise ConfigError(
                f'[gokart_worker] wait_interval is {self.wait_interval} and wait_jitter is {self.wait_jitter}; '
                'the first must be more than 0 seconds, the second at least 0.'
            )


class Worker(SchedulingWorker):
    """Schedules tasks and has an engine run them.

    Args:
        engine: runs the bodies; by default each in a process of its own if there is more than one at a time.

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
        engine: Engine | None = None,
    ) -> None:
        config = config or gokart_worker()
        # Luigi would install its handler at once, whichever thread this is, and never take it back.
        own_section = {'no_install_shutdown_handler': True, 'cache_task_completion': False}
        super().__init__(scheduler, worker_id or config.id or None, worker_processes, assistant, **own_section)
        self._config: gokart_worker = config
        # Entries that a process adds are added here, too, when it reports.
        self._task_completion_cache: Any = {} if config.cache_task_completion else None
        self._task_result_queue.close()
        in_processes = config.force_multiprocessing
        chosen: Any = engine or TaskProcesses(self.worker_processes, config.start_method, in_processes)
        self._engine: Engine = chosen
        self._task_result_queue: Any = chosen
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
            self._engine.end(list(self._running_tasks.values()))
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
        sweep_locks(task for task in _luigi.tasks_handed_out(self) if isinstance(task, TaskOnKart))
        return succeeded

    # Running

    def _create_task_process(self, task: luigi.Task) -> Any:
        config = self._config
        messages = self._engine.message_queue() if task.accepts_messages else None
        reporter = TaskStatusReporter(self._scheduler, task.task_id, self._id, messages)
        options = {
            # A body that waited for requirements may have made its outputs before; it goes on nevertheless.
            'skip_if_complete': self._wants_second_look(task) and task.task_id not in self._resumed,
            'context': config.task_process_context,
            'worker_timeout': config.timeout,
            'check_unfulfilled_deps': config.check_unfulfilled_deps,
            'check_complete_on_run': config.check_complete_on_run,
            'task_completion_cache': self._task_completion_cache,
        }
        return self._engine.attempt(task, self._id, reporter, options)

    def _wants_second_look(self, task: luigi.Task) -> bool:
        of_worker = self._config.task_completion_check_at_run
        return of_worker or bool(getattr(task, 'complete_check_at_run', False))

    def _handle_next_task(self) -> None:
        """Wait until a task has ended in one way or another, and tell the scheduler."""
        self._idle_since = None
        self._end_overdue()
        arrival = self._engine.get(self._patience_seconds())
        if arrival is not None:
            attempt, result = arrival
            self._settle(attempt, result or self._died(attempt))

    def _patience_seconds(self) -> float:
        deadlines = [process.timeout_time for process in self._running_tasks.values() if process.timeout_time]
        seconds: float = min([self._config.wait_interval, *(deadline - time.time() for deadline in deadlines)])
        if len(self._running_tasks) < self.worker_processes:
            seconds = min(seconds, self._put_back.seconds_to_next())
        return max(0.0, seconds)

    def _end_overdue(self) -> None:
        for attempt in list(self._running_tasks.values()):
            is_overdue = attempt.timeout_time and time.time() > attempt.timeout_time and attempt.is_alive()
            if is_overdue and self._engine.forget(attempt):
                attempt.terminate()
                message = (
                    f'{label(attempt.task)}: run() took longer than {attempt.worker_timeout} seconds and was ended.'
                )
                self._engine.put(attempt, self._lost(attempt, Event.TIMEOUT, TaskTimeoutError(message)))

    def _died(self, attempt: Attempt) -> TaskResult:
        return self._lost(attempt, Event.PROCESS_FAILURE, LostTaskError(attempt.describe_loss()))

    def _lost(self, attempt: Attempt, event: str, error: GokartError) -> TaskResult:
        logger.info('%s', error)
        attempt.task.trigger_event(event, attempt.task, str(error))
        return TaskResult.failed(TaskFailure.of(error))

    def _settle(self, attempt: Attempt, result: TaskResult) -> None:
        task = attempt.task
        if result.failure is not None and self._wait_for_lock(task, result.failure.exception):
            self._leave(attempt)
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
        self._leave(attempt)
        self._reschedule(task, result.missing)
        self.run_succeeded &= result.status == DONE or bool(requirements)

    def _leave(self, attempt: Attempt) -> None:
        self._running_tasks.pop(attempt.task.task_id)
        self._engine.let_go(attempt)

    def _add_requirements(self, task: luigi.Task, result: TaskResult) -> tuple[Sequence[luigi.Task], TaskResult]:
        if result.requirements and result.was_complete:
            self._resumed.add(task.task_id)
        if not result.requirements:
            return (), result
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


class _NoThread:
    """Stands where Luigi has the thread that tells a server that the worker lives; without it forks are safer."""

    def stop(self) -> None:
        """Do nothing."""

    def join(self) -> None:
        """Do nothing."""
