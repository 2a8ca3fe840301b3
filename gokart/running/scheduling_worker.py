"""The half of the worker that walks a graph of tasks and tells the scheduler what is to be done."""

from __future__ import annotations

import contextvars
import logging
import math
import sys
import time
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import luigi
from luigi.event import Event
from luigi.task_status import DONE, PENDING
from luigi.worker import TaskException, TracebackWrapper, Worker, check_complete_cached

from gokart.errors import LockTakenError, TaskDefinitionError, TaskLockException
from gokart.foresight import Foresight
from gokart.representation import label
from gokart.running.failures import Stage, TaskFailure
from gokart.running.output_owners import OutputOwners, check_namesake
from gokart.running.put_back import PutBack
from gokart.storage.snapshot import snapshot
from gokart.task import TaskOnKart

logger = logging.getLogger(__name__)

_LONGEST_SLEEP_SECONDS = 1.0


class SchedulingWorker(Worker):
    """Schedules tasks, and notes what went wrong with them.

    Attributes:
        failures: what went wrong with each task that is not done, by Luigi's id of the task.
        requirement_ids: Luigi's ids of the requirements of each task that was scheduled, by its id.
        done_ids: Luigi's ids of the tasks that are done.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.failures: dict[str, list[TaskFailure]] = defaultdict(list)
        self.requirement_ids: dict[str, set[str]] = defaultdict(set)
        self.done_ids: set[str] = set()
        self._owners = OutputOwners()
        self._put_back = PutBack()

    def add(self, task: luigi.Task, multiprocess: bool = False, processes: int = 0) -> Any:
        """Schedule `task` and all that it requires, breadth first; return whether that worked for all of them.

        Args:
            task: the task.
            multiprocess: whether to look in threads which tasks are complete (Luigi's ``parallel_scheduling``).
            processes: the number of these threads; 0 lets Python choose.
        """
        if self._first_task is None and hasattr(task, 'task_id'):
            self._first_task = task.task_id
        self.add_succeeded = True
        self._validate_task(task)
        seen = {task.task_id: task}
        frontier = [task]
        with snapshot() as taken, _looking(self._look, multiprocess, processes) as look_at_all:
            foresight = Foresight(taken)
            while frontier:
                foresight.look_ahead(frontier)
                found: list[luigi.Task] = []
                for item, verdict in zip(frontier, look_at_all(frontier), strict=True):
                    found += self._schedule(item, verdict, seen)
                frontier = found
        return self.add_succeeded

    def _get_work(self) -> Any:
        while True:
            for lock_id in self._put_back.take_due():
                self._tell_of_lock(lock_id, DONE)
            response = super()._get_work()
            seconds = self._put_back.seconds_to_next()
            if response.task_id or self._running_tasks or seconds == math.inf or self._stop_requesting_work:
                return response
            time.sleep(min(seconds, _LONGEST_SLEEP_SECONDS))

    def _keep_alive(self, get_work_response: Any) -> Any:
        stays = super()._keep_alive(get_work_response)
        config = self._config
        has_rules = config.count_uniques or config.count_last_scheduled or config.max_keep_alive_idle_duration
        if stays or has_rules or not config.keep_alive:
            return stays
        # What another worker runs for this one as well is not pending, and yet this one is not done.
        return bool(get_work_response.running_tasks)

    def _wait_for_lock(self, task: luigi.Task, error: Exception) -> bool:
        """Put `task` back for a while if `error` says that its lock is held, and it was not tried often enough yet."""
        if not isinstance(error, TaskLockException):
            return False
        put = self._put_back.put(task.task_id)
        if put is None:
            if isinstance(error, LockTakenError):  # nobody was told when the lock was met
                task.trigger_event(Event.FAILURE, task, error)
            return False
        lock_id, wait_seconds = put
        logger.info('%s is tried again in %.1f seconds: %s', label(task), wait_seconds, error)
        # To a scheduler, the lock is something that the task asked for while it ran, and that is not done yet: so it
        # hands out others, and keeps no resources for this one.
        self._tell_of_lock(lock_id, PENDING)
        self._scheduler.add_task(
            worker=self._id, task_id=task.task_id, status=PENDING, new_deps=[lock_id], assistant=self._assistant
        )
        return True

    def _tell_of_lock(self, lock_id: str, status: str) -> None:
        self._scheduler.add_task(
            worker=self._id, task_id=lock_id, status=status, runnable=False, family='Lock', assistant=self._assistant
        )

    def _look(self, task: luigi.Task) -> Any:
        try:
            complete = check_complete_cached(task, self._task_completion_cache)
            if complete not in (True, False):
                raise TaskDefinitionError(
                    f'{label(task)}: complete() returns {complete!r:.100}. It must return True or False.'
                )
            return complete
        except Exception as error:
            self._note_scheduling_error(task, error)
            return TracebackWrapper(traceback.format_exc())

    def _schedule(self, task: luigi.Task, verdict: Any, seen: dict[str, luigi.Task]) -> list[luigi.Task]:
        """Tell the scheduler of `task`; return its requirements that are not in `seen` yet, and add them there."""
        found = []
        try:
            if not verdict and isinstance(task, TaskOnKart):
                self._owners.claim(task)
            for requirement in self._add(task, verdict):
                self._validate_task(requirement)
                if requirement.task_id in seen:
                    check_namesake(seen[requirement.task_id], requirement)
                else:
                    seen[requirement.task_id] = requirement
                    found.append(requirement)
        except Exception as error:
            self.add_succeeded = False
            self._note_scheduling_error(task, error)
            if not isinstance(error, TaskException):
                self._log_unexpected_error(task)
                task.trigger_event(Event.BROKEN_TASK, task, error)
                self._email_unexpected_error(task, traceback.format_exc())
            raise
        return found

    def _log_dependency_error(self, task: luigi.Task, tb: str) -> None:
        error = sys.exc_info()[1]
        if error is not None:
            self._note_scheduling_error(task, error)
        super()._log_dependency_error(task, tb)

    def _note_scheduling_error(self, task: luigi.Task, error: BaseException) -> None:
        self.failures[task.task_id].append(TaskFailure.of(error, Stage.SCHEDULING))
        self._scheduled_tasks.setdefault(task.task_id, task)

    def _add_task(self, *args: Any, **kwargs: Any) -> None:
        task_id = kwargs['task_id']
        self.requirement_ids[task_id].update(kwargs.get('deps') or (), kwargs.get('new_deps') or ())
        if kwargs['status'] == DONE:
            self.failures.pop(task_id, None)
            self.done_ids.add(task_id)
        super()._add_task(*args, **kwargs)


@contextmanager
def _looking(
    look: Callable[[luigi.Task], Any], in_threads: bool, threads: int
) -> Iterator[Callable[[Sequence[luigi.Task]], Iterable[Any]]]:
    if not in_threads:
        yield lambda tasks: map(look, tasks)
        return
    with ThreadPoolExecutor(threads or None, 'gokart-look') as executor:

        def look_at_all(tasks: Sequence[luigi.Task]) -> Iterable[Any]:
            # The build's context goes along; a copy for each, as a context can be entered by one thread at a time.
            futures = [executor.submit(contextvars.copy_context().run, look, task) for task in tasks]
            return [future.result() for future in futures]

        yield look_at_all
