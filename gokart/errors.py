"""The tree of exceptions; each class also is the builtin exception that users of earlier versions catch.

::

    GokartError
    ├── GokartBuildError                  a build ended without its result
    ├── HasLockedTaskException            a build gave up on a task that another process holds
    ├── TaskLockException                 another process holds the lock of this task
    ├── ConfigError (ValueError)          the configuration cannot be used
    ├── TaskDefinitionError (ValueError)  requires() or output() returns what it cannot return
    │   └── CyclicRequirementError        a task requires itself, directly or through others
    ├── TaskInputError (AssertionError, KeyError)  load() or dump() was asked for a target that there is not
    ├── RecordNotFoundError (FileNotFoundError)    a log file that was asked for does not exist
    ├── MissingOutputError                run() ended and an output does not exist
    ├── RequiredColumnError (AssertionError)       a loaded frame lacks a required column
    ├── EmptyDumpError (AssertionError)   an empty frame was dumped where that must not be
    ├── PandasTypeError                   a column has another type than configured
    ├── FormatError
    │   ├── UnknownFormatError (AssertionError)    no file processor is known for the extension
    │   ├── UnsupportedObjectError (TypeError, AssertionError)  the format cannot hold the object
    │   └── BrokenFileError (ValueError)  a stored file cannot be read
    └── StorageError (OSError)
        ├── UnknownStorageError           no storage is known for the scheme of the path
        └── PreconditionError (FileExistsError)    the condition of a write does not hold
"""

from __future__ import annotations

from collections.abc import Mapping


class GokartError(Exception):
    """Root of all exceptions that gokart raises itself."""


class GokartBuildError(GokartError):
    """A build ended without its result.

    Attributes:
        raised_exceptions: the exceptions of each failed task, by its unique id.
    """

    def __init__(self, message: str = '', raised_exceptions: Mapping[str, list[Exception]] | None = None) -> None:
        super().__init__(message)
        self.raised_exceptions: dict[str, list[Exception]] = dict(raised_exceptions or {})


class HasLockedTaskException(GokartError):  # noqa: N818 (the name of the contract)
    """A build gave up on a task that another process holds."""


class TaskLockException(GokartError):  # noqa: N818 (the name of the contract)
    """Another process holds the lock of this task."""


class ConfigError(GokartError, ValueError):
    """The configuration cannot be used."""


class TaskDefinitionError(GokartError, ValueError):
    """``requires()`` or ``output()`` returns what it cannot return."""


class CyclicRequirementError(TaskDefinitionError):
    """A task requires itself, directly or through others."""


class TaskInputError(GokartError, AssertionError, KeyError):
    """``load()`` or ``dump()`` was asked for a target that there is not."""

    __str__ = Exception.__str__  # KeyError would show the repr of the message


class RecordNotFoundError(GokartError, FileNotFoundError):
    """A log file that was asked for does not exist."""


class MissingOutputError(GokartError):
    """``run()`` ended and an output does not exist."""


class RequiredColumnError(GokartError, AssertionError):
    """A loaded frame lacks a required column."""


class EmptyDumpError(GokartError, AssertionError):
    """An empty frame was dumped by a task with ``fail_on_empty_dump``."""


class PandasTypeError(GokartError):
    """A column has another type than its `PandasTypeConfig` says."""


class FormatError(GokartError):
    """An object and a file format do not go together."""


class UnknownFormatError(FormatError, AssertionError):
    """No file processor is known for the extension."""


class UnsupportedObjectError(FormatError, TypeError, AssertionError):
    """The format cannot hold the object."""


class BrokenFileError(FormatError, ValueError):
    """A stored file cannot be read."""


class StorageError(GokartError, OSError):
    """A storage could not do what was asked."""


class UnknownStorageError(StorageError):
    """No storage is known for the scheme of the path."""


class PreconditionError(StorageError, FileExistsError):
    """The condition of a write does not hold: somebody else wrote the object first."""
