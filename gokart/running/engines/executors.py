"""The back end of an executor of `concurrent.futures`, ours or the user's."""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections import deque
from collections.abc import Callable, Collection
from concurrent import futures
from contextlib import suppress
from functools import partial
from typing import Any

from gokart.running.engines.body import Body, execute
from gokart.running.task_results import TaskResult

logger = logging.getLogger(__name__)


class ExecutorBackend:
    """Runs bodies by `executor`, which is shut down at the end only if it is our own.

    Args:
        executor: anything with the `submit` of `concurrent.futures.Executor`; an own `kill(future)` is used.
        workers: how many bodies run at a time; by default as many as the executor has workers.
        is_own: whether the executor ends with the build.
    """

    def __init__(self, executor: Any, workers: int | None, is_own: bool = False) -> None:
        self.workers = workers or _workers_of(executor)
        self.name = type(executor).__name__
        self._executor = executor
        self._is_own = is_own

    def submit(self, body: Body) -> futures.Future[TaskResult]:
        """Submit the body."""
        try:
            return self._submit(body)
        except futures.BrokenExecutor as error:
            logger.warning('%s takes no more tasks and is replaced: %s', type(self._executor).__name__, error)
            if not self._replace():
                raise
            return self._submit(body)

    def _submit(self, body: Body) -> futures.Future[TaskResult]:
        body.place = self._executor
        future: futures.Future[TaskResult] = self._executor.submit(execute, body)
        return future

    def _replace(self) -> bool:
        executor: Any = self._executor
        if type(executor) is futures.ProcessPoolExecutor:
            self.close()
            pool: Any = executor
            arguments = pool._max_workers, pool._mp_context, pool._initializer, pool._initargs
            options: Any = {} if sys.version_info < (3, 11) else {'max_tasks_per_child': pool._max_tasks_per_child}
            self._executor, self._is_own = futures.ProcessPoolExecutor(*arguments, **options), True
        elif type(executor).__module__.startswith('loky.'):  # it knows by itself which one is in use
            self._executor = sys.modules['loky'].get_reusable_executor(executor._max_workers)
        return self._executor is not executor

    def has_lost(self, error: BaseException) -> bool:
        """Whether a process has ended, or the future was cancelled."""
        return isinstance(error, (futures.BrokenExecutor, futures.CancelledError))

    def look_around(self) -> None:
        """Do nothing: whoever waits for such an executor is told of its end."""

    def kill(self, future: futures.Future[TaskResult]) -> bool:
        """End the body if the executor can end one alone."""
        kill = getattr(self._executor, 'kill', None)
        return kill is not None and bool(kill(future))

    def end(self, running: Collection[futures.Future[TaskResult]]) -> None:
        """End the processes of a pool of processes; wait for bodies in threads."""
        killed = [self.kill(future) for future in running]
        if not all(killed) and not _terminated(self._executor):
            logger.warning('waiting for %d tasks that %s cannot end', len(running), type(self._executor).__name__)
        futures.wait(running)

    def close(self) -> None:
        """Shut down our own executor; do not wait for bodies that were given up."""
        if self._is_own:
            self._executor.shutdown(wait=False)


class NestedBackend(ExecutorBackend):
    """Runs the bodies of a build inside of a body that `executor` runs: by what it has free, and in place of that body.

    Args:
        executor: runs the body around the build, which waits.
        workers: how many bodies run at a time; by default as many as the executor has workers.
    """

    def __init__(self, executor: Any, workers: int | None) -> None:
        super().__init__(executor, workers)
        self._waiting: deque[tuple[futures.Future[TaskResult], Body]] = deque()
        self._in_place = futures.ThreadPoolExecutor(1, 'gokart-body', _initializer_of(executor))

    def _submit(self, body: Body) -> futures.Future[TaskResult]:
        body.place = self._executor
        future: futures.Future[TaskResult] = futures.Future()
        self._waiting.append((future, body))
        self._in_place.submit(self._run_next)
        with suppress(RuntimeError):  # it takes no more
            self._executor.submit(self._run_next)
        return future

    def _run_next(self) -> None:
        """Run a body that nobody has begun, if one is left."""
        try:
            future, body = self._waiting.popleft()
        except IndexError:
            return
        if not future.set_running_or_notify_cancel():
            return
        try:
            result = execute(body)
        except BaseException as error:
            future.set_exception(error)
        else:
            future.set_result(result)

    def close(self) -> None:
        """End the thread in place of the body around the build."""
        self._in_place.shutdown(wait=False)


def _initializer_of(executor: Any) -> Callable[[], object] | None:
    """Return what `executor` does at the start of each of its threads; only its private attributes tell."""
    if hasattr(executor, '_create_worker_context'):  # since Python 3.14
        initialize: Callable[[], object] = executor._create_worker_context().initialize
        return initialize
    initializer = getattr(executor, '_initializer', None)
    return initializer and partial(initializer, *getattr(executor, '_initargs', ()))


def is_left_over_executor(executor: Any) -> bool:
    """Whether `executor` has its threads in the process that forked this one, so that it runs nothing here."""
    threads = getattr(executor, '_threads', None)  # of pools of threads; the other one of pools of processes
    known = [*(threads if isinstance(threads, set) else ()), getattr(executor, '_executor_manager_thread', None)]
    started = [thread for thread in known if isinstance(thread, threading.Thread)]
    return bool(started) and not any(thread.is_alive() for thread in started) and not _has_ended(executor)


def _has_ended(executor: Any) -> bool:
    flags = getattr(executor, '_flags', None)  # of loky
    states = [getattr(executor, name, None) for name in ('_broken', '_shutdown', '_shutdown_thread')]
    states += [getattr(flags, name, None) for name in ('broken', 'shutdown')]
    return any(state for state in states if not callable(state))


def _workers_of(executor: Any) -> int:
    return getattr(executor, '_max_workers', None) or os.cpu_count() or 1


def _terminated(executor: Any) -> bool:
    """End the processes of `executor`; return whether it has any."""
    if hasattr(executor, 'terminate_workers'):  # since Python 3.14
        executor.terminate_workers()
        return True
    processes = list((getattr(executor, '_processes', None) or {}).values())
    for process in processes:
        process.terminate()
    return bool(processes)
