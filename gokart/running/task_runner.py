"""One attempt to run a task: Luigi's, under the lock of the run, with looks at completeness and outputs."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Collection, Generator, Iterator
from contextlib import ExitStack, nullcontext
from typing import Any, cast

import luigi
from luigi.task import DynamicRequirements
from luigi.task_status import FAILED
from luigi.worker import ContextManagedTaskProcess, DequeQueue, TaskStatusReporter

from gokart._nested import flatten
from gokart.attempt import settle
from gokart.errors import LockTakenError, MissingOutputError, TaskDefinitionError
from gokart.foresight import foreseen, may_be_remote
from gokart.remote_targets import remote_path
from gokart.representation import label
from gokart.running.end_signal import ending_gently
from gokart.running.failures import TaskFailure
from gokart.running.task_results import TaskResult
from gokart.storage.changes import written
from gokart.storage.snapshot import Snapshot, snapshot
from gokart.target_contract import target_path
from gokart.task import TaskOnKart
from gokart.task_locks import is_run_locked, run_locked

logger = logging.getLogger(__name__)


class TaskRunner(ContextManagedTaskProcess):
    """Runs a task in this process and hands in the result, exceptions as they are.

    Args:
        task: the task.
        worker_id: the id of the worker.
        status_reporter: passes messages of the task to the scheduler.
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
        skip_if_complete: bool,
        context: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(context, task, worker_id, DequeQueue(), status_reporter, **options)
        self._skip_if_complete = skip_if_complete
        self._failure: TaskFailure | None = None
        self._was_complete = True

    def hand_in(self, result: TaskResult) -> None:
        """Take the result of `run`; for subclasses."""

    def run(self) -> None:
        """Run the task and hand in its result."""
        try:
            with ExitStack() as lock:
                self._run_under(lock)
        except Exception as error:  # the user's `on_failure` or `task_process_context` raised
            self._failure = self._failure or TaskFailure.of(error)
            self.result_queue.clear()
            self.result_queue.put((self.task.task_id, FAILED, traceback.format_exc(), [], []))
        finally:
            settle(self.task)
            if self.result_queue:
                _, status, explanation, missing, requirements = self.result_queue.get()
                if status is not None:  # a body that was told to end has no result
                    was_complete = self._was_complete
                    self.hand_in(
                        TaskResult(status, explanation, missing, requirements or [], self._failure, was_complete)
                    )

    def _run_under(self, lock: ExitStack) -> None:
        """Run the task with its lock on `lock`, or hand in why that cannot be had."""
        try:
            if isinstance(self.task, TaskOnKart):
                if is_run_locked(self.task):
                    lock.enter_context(ending_gently())
                lock.enter_context(run_locked(self.task))
        except LockTakenError as error:  # nothing has happened to the task, so nobody is told
            self._refuse(TaskFailure.of(error), str(error))
        except Exception as error:
            self._refuse(TaskFailure.of(error), self._handle_run_exception(error))
        else:
            with foreseen(self._looked_at()) as self._foreseen:
                super().run()

    def _refuse(self, failure: TaskFailure, explanation: Any) -> None:
        self._failure = failure
        self.result_queue.put((self.task.task_id, FAILED, explanation, [], []))

    def _handle_run_exception(self, ex: BaseException) -> Any:
        self._failure = TaskFailure.of(ex)
        return super()._handle_run_exception(ex)

    def _run_get_new_deps(self) -> Any:
        if self._is_complete_by_now():
            logger.warning('%s is skipped because the task is already completed.', self.task)
            self.task._gokart_skipped = True
            return None
        self._foreseen.end()  # what the body finds, and does, is its own
        with written() as paths:
            requirements = self._run_until_requirements(self.task.run())
            if not requirements:
                self._check_outputs(paths)
            elif isinstance(self.task, TaskOnKart) and is_run_locked(self.task):
                # If somebody else has finished it by the time this one goes on, that is to be seen.
                self._was_complete = self.task.complete()
        return requirements

    def _looked_at(self) -> Iterator[luigi.Task]:
        """Yield the tasks whose ``complete()`` is asked before the body.

        The requirements are among them even if this worker saw them succeed a moment ago: a body in between, or
        somebody else, may have removed what they stored, and then Luigi runs them again. They are asked for together
        with the task itself, so that it takes no more time.
        """
        if self.check_unfulfilled_deps and may_be_remote(self.task):
            yield from self.task.deps()
        if self._skip_if_complete:
            yield self.task

    def _is_complete_by_now(self) -> bool:
        return self._skip_if_complete and bool(self.check_complete(self.task))

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
            with foreseen(wanted.flat_requirements):
                is_complete = wanted.complete(self.check_complete)
            if not is_complete:
                body.close()
                return cast('list[luigi.Task]', list(wanted.flat_requirements))
            answer = wanted.paths

    def _check_outputs(self, written_paths: Collection[str]) -> None:
        """Check that the outputs exist; what this process published itself since the body began needs no look."""
        if not isinstance(self.task, TaskOnKart):
            return
        unknown = [output for output in flatten(self.task.output()) if remote_path(output) not in written_paths]
        remote = [path for path in map(remote_path, unknown) if path is not None]
        with snapshot() if remote else nullcontext(Snapshot()) as taken:
            taken.ask(remote)
            missing = [target_path(output) for output in unknown if not output.exists()]
        # A task with a complete() of its own may do without its outputs.
        if missing and not self.task.complete():
            raise MissingOutputError(
                f'{label(self.task)}: run() ended, but these outputs do not exist: {", ".join(missing)}. '
                'Call self.dump(...) for each output in run().'
            )
