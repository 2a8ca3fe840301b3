"""Build one task and all that it needs, from Python."""

from __future__ import annotations

import logging
import random
from typing import Any, Protocol, TypeVar, overload

import luigi
import tenacity
from luigi import LuigiStatusCode
from luigi.rpc import RemoteScheduler
from luigi.scheduler import Scheduler

from gokart._nested import map_flattenable_items
from gokart.anchor import anchored
from gokart.build_report import report
from gokart.errors import GokartBuildError as GokartBuildError
from gokart.errors import HasLockedTaskException as HasLockedTaskException
from gokart.errors import TaskLockException
from gokart.global_state import LoggerConfig as LoggerConfig
from gokart.global_state import avoid_second_handler, process_state_kept
from gokart.identity import has_identity
from gokart.outcome import Outcome
from gokart.rerun import honoured
from gokart.scheduler import LocalScheduler
from gokart.task import TaskOnKart
from gokart.task_source import label
from gokart.worker import Worker

T = TypeVar('T')

logger = logging.getLogger(__name__)

_LUIGI_LOG_LEVELS = (logging.CRITICAL, logging.ERROR, logging.WARNING, logging.INFO, logging.DEBUG, logging.NOTSET)
_FAILED = (LuigiStatusCode.FAILED, LuigiStatusCode.FAILED_AND_SCHEDULING_FAILED, LuigiStatusCode.SCHEDULING_FAILED)

# Processes that wait for one lock may have been seeded alike; their waits must differ all the same.
_jitter = random.SystemRandom()


class WorkerProtocol(Protocol):
    """What Luigi needs from a worker."""

    def add(self, task: luigi.Task, multiprocess: bool = False, processes: int = 0) -> bool: ...  # noqa: D102

    def run(self) -> bool: ...  # noqa: D102

    def __enter__(self) -> WorkerProtocol: ...

    def __exit__(self, *exc_info: Any) -> bool | None: ...


class WorkerSchedulerFactory:
    """Makes scheduler and worker of a build; for ``luigi.build(..., worker_scheduler_factory=...)`` as well.

    Attributes:
        worker: the worker that was made last.
    """

    worker: Worker | None = None

    def create_local_scheduler(self) -> Scheduler:
        """Return a scheduler that lives in this process."""
        scheduler: Scheduler = LocalScheduler(prune_on_get_work=True, record_task_history=False)
        return scheduler

    def create_remote_scheduler(self, url: str) -> RemoteScheduler:
        """Return the scheduler that is served at `url`."""
        return RemoteScheduler(url)

    def create_worker(self, scheduler: Any, worker_processes: int, assistant: bool = False) -> WorkerProtocol:
        """Return a worker that runs up to `worker_processes` tasks at a time."""
        worker = Worker(scheduler=scheduler, worker_processes=worker_processes, assistant=assistant)
        self.worker = worker
        return worker


@overload
def build(
    task: TaskOnKart[T],
    return_value: bool = True,
    reset_register: bool = True,
    log_level: int = logging.ERROR,
    task_lock_exception_max_tries: int = 10,
    task_lock_exception_max_wait_seconds: int = 600,
    **env_params: Any,
) -> T: ...


@overload
def build(
    task: luigi.Task,
    return_value: bool = True,
    reset_register: bool = True,
    log_level: int = logging.ERROR,
    task_lock_exception_max_tries: int = 10,
    task_lock_exception_max_wait_seconds: int = 600,
    **env_params: Any,
) -> Any: ...


def build(
    task: Any,
    return_value: bool = True,
    reset_register: bool = True,
    log_level: int = logging.ERROR,
    task_lock_exception_max_tries: int = 10,
    task_lock_exception_max_wait_seconds: int = 600,
    **env_params: Any,
) -> Any:
    """Run `task` and what it needs, as far as it is not complete, and return what it dumped.

    Args:
        task: an instance of a task.
        return_value: whether to load the outputs; the result has the structure of ``task.output()``.
        reset_register: has no effect; it is accepted for code that was written for earlier versions.
        log_level: level of gokart's and Luigi's loggers during the build.
        task_lock_exception_max_tries: how often to try while another process holds the run lock of a task.
        task_lock_exception_max_wait_seconds: the longest wait between two tries; waits grow exponentially.
        **env_params: options of `luigi.build`, such as ``workers=4``; ``local_scheduler=False`` with ``scheduler_url``
            uses a scheduler that is served elsewhere.

    Raises:
        GokartBuildError: the task could not be built; the message says why, ``raised_exceptions`` holds the exceptions.
        HasLockedTaskException: another process held the run lock of a task all the time.
    """
    _check_task(task)
    with LoggerConfig(log_level), process_state_kept(), anchored(), honoured(task):
        avoid_second_handler()
        tries = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(HasLockedTaskException),
            stop=tenacity.stop_after_attempt(max(1, task_lock_exception_max_tries)),
            wait=_exponential_wait(task_lock_exception_max_wait_seconds),
            before_sleep=_tell_of_wait,
            reraise=True,
        )
        tries(_build_once, task, {'log_level': _luigi_log_level(log_level), **env_params})
        return _get_output(task) if return_value else None


def _check_task(task: Any) -> None:
    if isinstance(task, luigi.Task):
        return
    if isinstance(task, type) and issubclass(task, luigi.Task):
        hint = f'the class {task.__name__} itself; write {task.__name__}(...)'
    else:
        hint = f'{task!r:.100} of type {type(task).__name__}'
        if isinstance(task, (list, tuple, set)):
            hint += '; build the tasks one by one, or require them from one task'
    raise TypeError(f'build() takes an instance of a task, but was given {hint}.')


def _build_once(task: luigi.Task, options: dict[str, Any]) -> None:
    options = {'worker_scheduler_factory': WorkerSchedulerFactory(), 'local_scheduler': True, **options}
    factory = options['worker_scheduler_factory']
    try:
        # Looked up now, as tests of users replace it.
        result = luigi.build([task], detailed_summary=True, **options)
    except Exception as error:
        outcome = explained_outcome(error, factory)
        if outcome is None:
            raise
        _check_outcome(outcome)
    else:
        worker = getattr(result, 'worker', None)
        if isinstance(worker, Worker):
            _check_outcome(Outcome.of(worker))
        else:
            _check_status(result)


def explained_outcome(error: Exception, factory: Any) -> Outcome | None:
    """Return what the worker of `factory` knows, where that explains `error`, which kept Luigi from telling."""
    worker = getattr(factory, 'worker', None)
    if not isinstance(worker, Worker):
        return None
    # Luigi's summary of a failed build recurses along the chain of tasks that wait for the failed one.
    in_summary = isinstance(error, RecursionError) and worker.finished
    known = any(failure.exception is error for found in worker.failures.values() for failure in found)
    return Outcome.of(worker) if in_summary or known else None


def _check_status(result: Any) -> None:
    if getattr(result, 'status', None) in _FAILED:
        raise GokartBuildError(result.summary_text, raised_exceptions={})


def _check_outcome(outcome: Outcome) -> None:
    if outcome.root_is_done:
        return
    exceptions = {
        unique_id_of(task): [failure.exception for failure in outcome.failures.get(task.task_id, [])]
        for task in outcome.troubled
    }
    first = next((exception for found in exceptions.values() for exception in found), None)
    if _only_locks(outcome):
        names = ', '.join(map(label, outcome.failed))
        raise HasLockedTaskException(
            f'Another process holds the run lock of {names}. Wait until it is done, or give a greater '
            'task_lock_exception_max_tries or task_lock_exception_max_wait_seconds.'
        ) from first
    raise GokartBuildError(report(outcome), exceptions) from first


def _only_locks(outcome: Outcome) -> bool:
    other = outcome.unschedulable or outcome.missing or outcome.run_elsewhere
    last = [failures[-1].exception for failures in outcome.failures.values() if failures]
    return bool(last) and not other and all(isinstance(exception, TaskLockException) for exception in last)


def unique_id_of(task: Any) -> str:
    """Return the unique id of `task`; Luigi's id if it has none, or its requirements fail."""
    if has_identity(task):
        try:
            return str(task.make_unique_id())
        except Exception:
            logger.debug('%s has no unique id', task.task_id, exc_info=True)
    return str(task.task_id)


def _get_output(task: luigi.Task) -> Any:
    """Return what `task` dumped, in the structure of ``task.output()``."""

    def load(target: Any) -> Any:
        if not hasattr(target, 'load'):
            raise ValueError(
                f'{label(task)} is built, but its output cannot be returned: output type is not supported: '
                f'{type(target)}. Targets of make_target() can be loaded; for others pass return_value=False.'
            )
        return target.load()

    output = task.output()
    return None if output is None else map_flattenable_items(load, output)


def _reset_register(keep: object = None) -> None:
    """Do nothing: task classes stay in Luigi's register. Code that was written for earlier versions calls this."""


def _luigi_log_level(level: int) -> str:
    return logging.getLevelName(next((known for known in _LUIGI_LOG_LEVELS if known <= level), logging.NOTSET))


def _exponential_wait(max_seconds: float) -> Any:
    return lambda state: _jitter.uniform(0.5, 1.0) * min(max_seconds, 2.0 ** min(state.attempt_number - 1, 60))


def _tell_of_wait(state: tenacity.RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    seconds = state.next_action.sleep if state.next_action else 0.0
    logger.info('%s It is tried again in %.1f seconds.', error, seconds)
