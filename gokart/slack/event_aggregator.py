"""What became of the tasks of a run, as text for people."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import luigi
from luigi.task_status import DONE, PENDING

from gokart import _luigi
from gokart.build import unique_id_of
from gokart.running.outcome import Outcome
from gokart.running.scheduling_worker import SchedulingWorker


@dataclass(frozen=True, slots=True)
class FailureEvent:
    """A task that failed, and why."""

    task: str
    exception: str


class EventAggregator:
    """Collects which tasks succeeded and which failed: from a worker that has ended, or from Luigi's events."""

    def __init__(self) -> None:
        self._success_events: list[str] = []
        self._failure_events: list[FailureEvent] = []
        self._missing_data: list[str] = []

    def record(self, worker: SchedulingWorker) -> None:
        """Collect what became of the tasks of `worker`, which has ended its work, whichever process ran them."""
        outcome = Outcome.of(worker)
        for task in _executed(worker):
            self._success(task)
        for task in outcome.troubled:
            failures = outcome.failures.get(task.task_id)
            self._failure(task, failures[-1].exception if failures else 'No exception is known.')
        self._missing_data += map(self._task_to_str, outcome.missing)

    def set_handlers(self) -> None:
        """Collect Luigi's events of this process from now on, until `remove_handlers`.

        Events of tasks that run in processes of their own stay there; `record` knows these tasks as well.
        """
        for event, handler in self._handlers():
            luigi.Task.event_handler(event)(handler)

    def remove_handlers(self) -> None:
        """Collect no more events."""
        for event, handler in self._handlers():
            with contextlib.suppress(KeyError):  # they were never set
                luigi.Task.remove_event_handler(event, handler)

    def get_summary(self) -> str:
        """Return the counts: ``Success: 2; Failure: 0``."""
        return f'Success: {len(self._success_events)}; Failure: {len(self._failure_events)}'

    def get_event_list(self) -> str:
        """Return a line for each task, failed ones first."""
        sections = [
            *_section('Failure Tasks', (f'Task: {e.task}; Exception: {e.exception}' for e in self._failure_events)),
            *_section('Missing Data', self._missing_data),
            *_section('Success Tasks', self._success_events),
        ]
        return '\n'.join(sections) or 'Tasks were not executed.'

    def _handlers(self) -> Iterable[tuple[str, Any]]:
        return (luigi.Event.SUCCESS, self._success), (luigi.Event.FAILURE, self._failure)

    def _success(self, task: Any) -> None:
        self._success_events.append(self._task_to_str(task))

    def _failure(self, task: Any, exception: Any) -> None:
        text = str(exception) or type(exception).__name__
        self._failure_events.append(FailureEvent(self._task_to_str(task), text))

    @staticmethod
    def _task_to_str(task: Any) -> str:
        return f'{type(task).__name__}:[{unique_id_of(task)}]'


def _section(title: str, lines: Iterable[str]) -> list[str]:
    lines = list(lines)
    return [f'---- {title} ----', *lines] if lines else []


def _executed(worker: SchedulingWorker) -> Iterable[luigi.Task]:
    """Return the tasks that were to be done when the worker found them, and are done."""
    pending: set[str] = set()
    done: dict[str, luigi.Task] = {}
    for task, status in _luigi.history(worker):
        if status == PENDING:
            pending.add(task.task_id)
        elif status == DONE and task.task_id in pending:
            done[task.task_id] = task
    return done.values()
