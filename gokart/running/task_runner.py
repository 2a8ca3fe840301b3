"""One attempt to run a task: Luigi's, with a look at completeness before the body and at the outputs after it."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Generator
from typing import Any, cast

import luigi
from luigi.task import DynamicRequirements
from luigi.task_status import FAILED
from luigi.worker import ContextManagedTaskProcess, DequeQueue, TaskStatusReporter

from gokart._nested import flatten
from gokart.errors import MissingOutputError, TaskDefinitionError
from gokart.representation import label
from gokart.running.failures import TaskFailure
from gokart.running.task_results import TaskResult
from gokart.target_contract import target_path
from gokart.task import TaskOnKart

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

    def hand_in(self, result: TaskResult) -> None:
        """Take the result of `run`; for subclasses."""

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
                self.hand_in(TaskResult(status, explanation, missing, requirements or [], self._failure))

    def _handle_run_exception(self, ex: BaseException) -> Any:
        self._failure = TaskFailure.of(ex)
        return super()._handle_run_exception(ex)

    def _run_get_new_deps(self) -> Any:
        if self._is_complete_by_now():
            logger.warning('%s is skipped because the task is already completed.', self.task)
            self.task._gokart_skipped = True
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
