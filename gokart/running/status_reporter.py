"""What passes messages of a task to the scheduler, on its way to another process."""

from __future__ import annotations

from typing import Any

from luigi.scheduler import Scheduler
from luigi.worker import TaskStatusReporter


def portable_reporter(reporter: TaskStatusReporter, messages: Any = None) -> TaskStatusReporter:
    """Return a copy of `reporter` for another process; `messages` is the queue of messages for the task, if any."""
    # A copy of the scheduler in another process would be of no use.
    scheduler = _Nobody() if isinstance(reporter._scheduler, Scheduler) else reporter._scheduler
    return TaskStatusReporter(scheduler, reporter._task_id, reporter._worker_id, messages)


class _Nobody:
    """Takes the messages for a scheduler that cannot be reached."""

    def __getattr__(self, name: str) -> Any:
        return lambda *args, **kwargs: None
