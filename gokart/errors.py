"""The tree of exceptions; each class also is the builtin exception that users of earlier versions catch.

::

    GokartError
    ├── GokartBuildError                  a build ended without its result
    ├── HasLockedTaskException            a build gave up on a task that another process holds
    ├── TaskLockException                 another process holds the lock of this task
    │   ├── LockTakenError                a lock was wanted that somebody else holds
    │   └── LockLostError                 a lock ended, or went to somebody else, before it was released
    ├── LockServiceError (OSError)        what keeps the locks could not do what was asked
    │   ├── LockAccessError (PermissionError)      it refuses the user or the password
    │   └── UnreachableLockServiceError (ConnectionError)  nothing answers at its address, or not in time
    ├── ConfigError (ValueError)          the configuration cannot be used
    │   ├── ConfigFileNotFoundError (FileNotFoundError, AssertionError)  a configuration file does not exist
    │   └── MissingVariableError (luigi's InterpolationMissingEnvvarError)  an option needs an environment variable
    ├── ParameterValueError (ValueError)  a text stands for no value of the parameter
    ├── ParameterTypeError (TypeError)    a parameter was given a value of another type
    ├── TaskDefinitionError (ValueError)  requires() or output() returns what it cannot return
    │   └── CyclicRequirementError        a task requires itself, directly or through others
    ├── TaskInputError (AssertionError, KeyError)  load() or dump() was asked for a target that there is not
    ├── RecordNotFoundError (FileNotFoundError)    a log file that was asked for does not exist
    ├── MissingKeyError (KeyError, AssertionError)  nothing is kept in memory under the key
    ├── MissingOutputError                run() ended and an output does not exist
    ├── LostTaskError                     the process of a task ended without a result
    ├── TaskTimeoutError (TimeoutError)   a task took longer than it may
    ├── UnpicklableError                  an exception of another process that cannot be had here
    ├── UnportableTaskError (TypeError)   a task cannot be handed to another process
    ├── RequiredColumnError (AssertionError)       a loaded frame lacks a required column
    ├── EmptyDumpError (AssertionError)   an empty frame was dumped where that must not be
    ├── PandasTypeError                   a column has another type than configured
    ├── FormatError
    │   ├── UnknownFormatError (AssertionError)    no file processor is known for the extension
    │   ├── UnsupportedObjectError (TypeError, ValueError, AssertionError)  the format cannot hold the object
    │   └── BrokenFileError (ValueError)  a stored file cannot be read
    ├── SlackError (RuntimeError)
    │   ├── ChannelListNotLoadedError     Slack did not list its channels
    │   ├── ChannelNotFoundError          there is no channel of the name
    │   └── FileNotUploadedError          a message or a file was not posted
    └── StorageError (OSError)
        ├── UnknownStorageError           no storage is known for the scheme of the path
        ├── LabelsTooLargeError           the labels of an object take more than its storage keeps
        ├── InvalidDeleteError (luigi's FileSystemException)    more would be removed than was asked for
        ├── PreconditionError (FileExistsError)    the condition of a write does not hold
        ├── ObjectChangedError            an object was replaced or removed while it was read
        ├── BucketNotFoundError           the bucket of a path does not exist
        ├── CredentialsError (PermissionError)     credentials are missing, wrong or expired
        ├── AccessDeniedError (PermissionError)    the credentials do not allow the action
        └── UnreachableStorageError (ConnectionError)  nothing answers at the address of the storage

    UserWarning
    └── LossyFormatWarning                a file keeps less than the object that was dumped to it
"""

from __future__ import annotations

from collections.abc import Mapping

from luigi.configuration.cfg_parser import InterpolationMissingEnvvarError
from luigi.target import FileSystemException


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


class LockTakenError(TaskLockException):
    """A lock was wanted that somebody else holds.

    Attributes:
        owner: what the holder is called; empty if that is not known.
        free_in_seconds: when its lease ends, unless it is renewed; None if that is not known.
    """

    def __init__(self, message: str = '', owner: str = '', free_in_seconds: float | None = None) -> None:
        super().__init__(message)
        self.owner = owner
        self.free_in_seconds = free_in_seconds


class LockLostError(TaskLockException):
    """A lock ended, or went to somebody else, before it was released: what it was to protect must not be written."""


class LockServiceError(GokartError, OSError):
    """What keeps the locks could not do what was asked."""


class LockAccessError(LockServiceError, PermissionError):
    """What keeps the locks refuses the user or the password."""


class UnreachableLockServiceError(LockServiceError, ConnectionError):
    """Nothing answers at the address of the locks, or not in time."""


class ConfigError(GokartError, ValueError):
    """The configuration cannot be used."""


class ConfigFileNotFoundError(ConfigError, FileNotFoundError, AssertionError):
    """A configuration file that was named does not exist."""


class MissingVariableError(ConfigError, InterpolationMissingEnvvarError):
    """An option refers to an environment variable that is not set.

    Attributes:
        section: section of the configuration.
        option: name of the option.
        variable: name of the environment variable.
    """

    def __init__(self, section: str, option: str, variable: str) -> None:
        message = (
            f'Section [{section}], option {option} refers to the environment variable {variable}, which is not set. '
            f'Set {variable}, or write the value itself into the configuration.'
        )
        Exception.__init__(self, message)  # Luigi's would show the whole option
        self.section = section
        self.option = option
        self.variable = variable
        self.message = message
        self.args = (section, option, variable)


class ParameterValueError(GokartError, ValueError):
    """A text stands for no value of the parameter."""


class ParameterTypeError(GokartError, TypeError):
    """A parameter was given a value of another type."""


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
    """The process that ran a task ended without a result: it was killed, or it called `os._exit`."""


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


class FormatError(GokartError):
    """An object and a file format do not go together."""


class UnknownFormatError(FormatError, AssertionError):
    """No file processor is known for the extension."""


class UnsupportedObjectError(FormatError, TypeError, ValueError, AssertionError):
    """The format cannot hold the object."""


class BrokenFileError(FormatError, ValueError):
    """A stored file cannot be read."""


class LossyFormatWarning(UserWarning):
    """A file keeps less than the object that was dumped to it."""


class SlackError(GokartError, RuntimeError):
    """Slack did not do what it was asked.

    Attributes:
        code: Slack's word for the reason, such as ``missing_scope``; empty if it gave none.
    """

    def __init__(self, message: str = '', code: str = '') -> None:
        super().__init__(message)
        self.code = code


class ChannelListNotLoadedError(SlackError):
    """Slack did not list its channels."""


class ChannelNotFoundError(SlackError):
    """There is no channel of the name, or the token may not see it."""


class FileNotUploadedError(SlackError):
    """A message or a file was not posted."""


class StorageError(GokartError, OSError):
    """A storage could not do what was asked."""


class UnknownStorageError(StorageError):
    """No storage is known for the scheme of the path."""


class LabelsTooLargeError(StorageError):
    """The labels of an object take more than its storage keeps."""


class InvalidDeleteError(StorageError, FileSystemException):
    """More would be removed than was asked for: a whole bucket, or a directory without ``recursive``."""


class PreconditionError(StorageError, FileExistsError):
    """The condition of a write does not hold: somebody else wrote the object first."""


class ObjectChangedError(StorageError):
    """An object was replaced or removed while it was read: the rest of its bytes is gone."""


class BucketNotFoundError(StorageError):
    """The bucket of a path does not exist."""


class CredentialsError(StorageError, PermissionError):
    """The credentials for a storage are missing, wrong or expired."""


class AccessDeniedError(StorageError, PermissionError):
    """The credentials are known, and do not allow the action."""


class UnreachableStorageError(StorageError, ConnectionError):
    """Nothing answers at the address of the storage, or not in time."""
