"""What passes messages of a task to the scheduler, on its way to another process."""

from __future__ import annotations

from typing import Any

from luigi.scheduler import Scheduler
from luigi.worker import TaskStatusReporter

from gokart import _luigi


def portable_reporter(reporter: TaskStatusReporter, messages: Any = None) -> TaskStatusReporter:
    """Return a copy of `reporter` for another process; `messages` is the queue of messages for the task, if any."""
    # A copy of the scheduler in another process would be of no use.
    scheduler = _luigi.scheduler_of(reporter)
    return _luigi.reporter_to(_Nobody() if isinstance(scheduler, Scheduler) else scheduler, reporter, messages)


class _Nobody:
    """Takes the messages for a scheduler that cannot be reached."""

    def __getattr__(self, name: str) -> Any:
        return lambda *args, **kwargs: None
