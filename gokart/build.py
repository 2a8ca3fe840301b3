"""Build one task and all that it needs, from Python."""

from __future__ import annotations

import logging
import time
from typing import Any, Literal, TypeVar, overload

import luigi
from luigi import LuigiStatusCode

from gokart._nested import flatten
from gokart.anchor import anchored
from gokart.errors import GokartBuildError as GokartBuildError
from gokart.errors import HasLockedTaskException as HasLockedTaskException
from gokart.errors import TaskLockException
from gokart.identity import has_identity
from gokart.injected import InjectedParameters, current_injection, injecting, injection_of, remade
from gokart.intermediates import Cache, handing_on
from gokart.loading import load_structure
from gokart.plan.announcement import TaskDumpConfig as TaskDumpConfig
from gokart.plan.announcement import TaskDumpMode as TaskDumpMode
from gokart.plan.announcement import TaskDumpOutputType as TaskDumpOutputType
from gokart.plan.announcement import process_task_info as process_task_info
from gokart.representation import label
from gokart.rerun import honoured
from gokart.running.build_report import report
from gokart.running.global_state import LoggerConfig as LoggerConfig
from gokart.running.global_state import avoid_second_handler, process_state_kept
from gokart.running.lock_waits import current_patience, patience
from gokart.running.outcome import Outcome, explained_outcome
from gokart.running.worker import Worker, gokart_worker
from gokart.running.worker_factory import WorkerProtocol as WorkerProtocol
from gokart.running.worker_factory import WorkerSchedulerFactory as WorkerSchedulerFactory
from gokart.task import TaskOnKart

T = TypeVar('T')

logger = logging.getLogger(__name__)

_LUIGI_LOG_LEVELS = (logging.CRITICAL, logging.ERROR, logging.WARNING, logging.INFO, logging.DEBUG, logging.NOTSET)
_FAILED = (LuigiStatusCode.FAILED, LuigiStatusCode.FAILED_AND_SCHEDULING_FAILED, LuigiStatusCode.SCHEDULING_FAILED)


@overload
def build(
    task: TaskOnKart[T],
    return_value: Literal[True] = True,
    reset_register: bool = True,
    log_level: int = logging.ERROR,
    task_lock_exception_max_tries: int = 10,
    task_lock_exception_max_wait_seconds: int = 600,
    task_dump_config: TaskDumpConfig | None = None,
    *,
    params: InjectedParameters | None = None,
    executor: Any = None,
    cache: Cache | None = None,
    **env_params: Any,
) -> T: ...


@overload
def build(
    task: luigi.Task,
    return_value: Literal[False],
    reset_register: bool = True,
    log_level: int = logging.ERROR,
    task_lock_exception_max_tries: int = 10,
    task_lock_exception_max_wait_seconds: int = 600,
    task_dump_config: TaskDumpConfig | None = None,
    *,
    params: InjectedParameters | None = None,
    executor: Any = None,
    cache: Cache | None = None,
    **env_params: Any,
) -> None: ...


@overload
def build(
    task: luigi.Task,
    return_value: bool = True,
    reset_register: bool = True,
    log_level: int = logging.ERROR,
    task_lock_exception_max_tries: int = 10,
    task_lock_exception_max_wait_seconds: int = 600,
    task_dump_config: TaskDumpConfig | None = None,
    *,
    params: InjectedParameters | None = None,
    executor: Any = None,
    cache: Cache | None = None,
    **env_params: Any,
) -> Any: ...


def build(
    task: Any,
    return_value: bool = True,
    reset_register: bool = True,
    log_level: int = logging.ERROR,
    task_lock_exception_max_tries: int = 10,
    task_lock_exception_max_wait_seconds: int = 600,
    task_dump_config: TaskDumpConfig | None = None,
    *,
    params: InjectedParameters | None = None,
    executor: Any = None,
    cache: Cache | None = None,
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
        task_dump_config: the tree or table to show or store before; by default none.
        params: parameters for tasks anywhere in the graph, by class or family (``{'namespace.Name': {'size': 3}}``), as
            options of a command line would give them: they win over the configuration and the defaults, and where a
            task is made with a value, that one stays. For `task` itself they win.
        executor: where the bodies of tasks run: ``'threads'``, ``'processes'``, ``'dask://host:port'``, any executor
            of `concurrent.futures`, or a client of Dask; ``workers`` is how many run at a time. By default in this
            process, or with several workers each in a process of its own.
        cache: ``'memory'`` hands on in memory what tasks other than `task` dump, as far as bodies run in this process,
            and forgets it at the end; ``'disk'`` stores it. A class attribute ``cache`` goes before. By default as the
            build around this one does, or as ``[gokart_worker]`` says.
        **env_params: options of `luigi.build`, such as ``workers=4``; ``local_scheduler=False`` with ``scheduler_url``
            uses a scheduler that is served elsewhere.

    Raises:
        GokartBuildError: the task could not be built; the message says why, ``raised_exceptions`` holds the exceptions.
        HasLockedTaskException: another process held the run lock of a task all the time.
        TypeError: `task` is no instance of a task, or an executor and a factory were given.
        ConfigError: `executor`, ``workers``, `cache` or a setting of ``[gokart_worker]`` is none that there is.
        ParameterTypeError: `params` is no dict of dicts.
        ParameterValueError: `params` names a class or a parameter that there is not.
        ValueError: an output of `task` has no ``load``, or `task_dump_config` gives only one of mode and output type.
        BrokenFileError: an output of `task` is there, but cannot be read.
        StorageError: a storage cannot be reached, or refuses to hand out an output of `task`.
    """
    _check_task(task)
    injection = injection_of(params) if params else current_injection()
    with LoggerConfig(log_level), process_state_kept(), anchored(), injecting(injection):
        task = remade(task)
        with honoured(task), handing_on(task, cache, gokart_worker().cache):
            process_task_info(task, task_dump_config)
            options = {'log_level': _luigi_log_level(log_level), **_with_executor(env_params, executor)}
            avoid_second_handler()
            with patience(task_lock_exception_max_tries, task_lock_exception_max_wait_seconds):
                _build(task, options)
        return _get_output(task) if return_value else None


def _with_executor(options: dict[str, Any], executor: Any) -> dict[str, Any]:
    if 'worker_scheduler_factory' not in options:
        factory = WorkerSchedulerFactory(executor, options.get('workers'))
        return {'worker_scheduler_factory': factory, **options}
    if executor is not None:
        raise TypeError(
            'build() takes an executor or a worker_scheduler_factory, but was given both. '
            'Give the executor to the factory: WorkerSchedulerFactory(executor=...).'
        )
    return options


def _check_task(task: Any) -> None:
    if isinstance(task, luigi.Task):
        if not task.initialized():
            raise TypeError(
                f'The task of the class {type(task).__name__} has no parameters yet: its __init__ does not call '
                'super().__init__(*args, **kwargs).'
            )
        return
    if isinstance(task, type) and issubclass(task, luigi.Task):
        hint = f'the class {task.__name__} itself; write {task.__name__}(...)'
    else:
        hint = f'{task!r:.100} of type {type(task).__name__}'
        if isinstance(task, (list, tuple, set)):
            hint += '; build the tasks one by one, or require them from one task'
    raise TypeError(f'build() takes an instance of a task, but was given {hint}.')


def _build(task: luigi.Task, options: dict[str, Any]) -> None:
    options = {'local_scheduler': True, **options}
    factory = options['worker_scheduler_factory']
    try:
        result = _luigi_build(task, options)
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


def _luigi_build(task: luigi.Task, options: dict[str, Any]) -> Any:
    waits = current_patience().waits()
    while True:
        try:
            # Looked up now, as tests of users replace it, also by what tells of a lock.
            return luigi.build([task], detailed_summary=True, **options)
        except HasLockedTaskException:
            wait_seconds = next(waits, None)
            if wait_seconds is None:
                raise
            time.sleep(wait_seconds)


def _check_status(result: Any) -> None:
    if getattr(result, 'status', None) in _FAILED:
        raise GokartBuildError(result.summary_text, raised_exceptions={})


def _check_outcome(outcome: Outcome) -> None:
    if outcome.root_is_done or _is_done_elsewhere(outcome):
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


def _is_done_elsewhere(outcome: Outcome) -> bool:
    """Whether other workers of the same scheduler have done what this one did not."""
    left = (outcome.run_elsewhere or outcome.not_run) and not (outcome.troubled or outcome.missing)
    return bool(left) and outcome.root is not None and bool(outcome.root.complete())


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
    output = task.output()
    for target in flatten(output):
        if not hasattr(target, 'load'):
            raise ValueError(
                f'{label(task)} is built, but its output cannot be returned: output type is not supported: '
                f'{type(target)}. Targets of make_target() can be loaded; for others pass return_value=False.'
            )
    return load_structure(task, output)


def _reset_register(keep: object = None) -> None:
    """Do nothing: task classes stay in Luigi's register. Code that was written for earlier versions calls this."""


def _luigi_log_level(level: int) -> str:
    return logging.getLevelName(next((known for known in _LUIGI_LOG_LEVELS if known <= level), logging.NOTSET))
