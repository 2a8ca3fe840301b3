"""What keeps a build, or one of its tasks, from its end."""

from __future__ import annotations

from collections.abc import Mapping

from gokart.errors.root import GokartError


class GokartBuildError(GokartError):
    """A build ended without its result.

    Attributes:
        raised_exceptions: the exceptions of each failed task, by its unique id.
    """

    def __init__(self, message: str = '', raised_exceptions: Mapping[str, list[Exception]] | None = None) -> None:
        super().__init__(message)
        self.raised_exceptions: dict[str, list[Exception]] = dict(raised_exceptions or {})


class TaskDefinitionError(GokartError, ValueError):
    """``requires()`` or ``output()`` returns what it cannot return."""


class CyclicRequirementError(TaskDefinitionError):
    """A task requires itself, directly or through others."""


class TaskInputError(GokartError, AssertionError, KeyError):
    """``load()`` or ``dump()`` was asked for a target that there is not."""

    __str__ = Exception.__str__  # KeyError would show the repr of the message


class RecordNotFoundError(GokartError, FileNotFoundError):
    """A log file that was asked for does not exist."""


class MissingKeyError(GokartError, KeyError, AssertionError):
    """Nothing is kept in memory under the key."""

    __str__ = Exception.__str__  # KeyError shows the repr


class MissingOutputError(GokartError):
    """``run()`` ended and an output does not exist."""


class LostTaskError(GokartError):
    """What was to run a task brought no result: its process was killed or ended, or an executor could not run it."""


class TaskTimeoutError(GokartError, TimeoutError):
    """A task took longer than its ``worker_timeout`` or the worker's ``timeout``."""


class UnportableTaskError(GokartError, TypeError):
    """A task cannot be handed to another process."""


class UnpicklableError(GokartError):
    """Stands in for an exception of another process that cannot be pickled, or not unpickled here.

    Attributes:
        description: type and message of the exception.
        traceback_text: its traceback as Python prints it.
    """

    def __init__(self, description: str, traceback_text: str = '') -> None:
        super().__init__(description, traceback_text)
        self.description = description
        self.traceback_text = traceback_text

    def __str__(self) -> str:
        return self.description


class RequiredColumnError(GokartError, AssertionError):
    """A loaded frame lacks a required column."""


class EmptyDumpError(GokartError, AssertionError):
    """An empty frame was dumped by a task with ``fail_on_empty_dump``."""


class PandasTypeError(GokartError):
    """A column has another type than its `PandasTypeConfig` says."""
