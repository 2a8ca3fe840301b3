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
    │   ├── MissingVariableError (luigi's InterpolationMissingEnvvarError)  an option needs an environment variable
    │   └── LockSettingsError (AssertionError)     what is said of locks does not go together
    ├── ParameterValueError (ValueError)  a text stands for no value of the parameter
    ├── ParameterTypeError (TypeError)    a parameter was given a value of another type
    ├── TaskDefinitionError (ValueError)  requires() or output() returns what it cannot return
    │   └── CyclicRequirementError        a task requires itself, directly or through others
    ├── TaskInputError (AssertionError, KeyError)  load() or dump() was asked for a target that there is not
    ├── RecordNotFoundError (FileNotFoundError)    a log file that was asked for does not exist
    ├── MissingKeyError (KeyError, AssertionError)  nothing is kept in memory under the key
    ├── MissingOutputError                run() ended and an output does not exist
    ├── LostTaskError                     a process or an executor brought no result of a task
    ├── TaskTimeoutError (TimeoutError)   a task took longer than it may
    ├── UnportableTaskError (TypeError)   a task cannot be handed to another process
    ├── UnpicklableError                  an exception of another process that cannot be had here
    ├── RequiredColumnError (AssertionError)       a loaded frame lacks a required column
    ├── EmptyDumpError (AssertionError)   an empty frame was dumped where that must not be
    ├── PandasTypeError                   a column has another type than configured
    ├── FormatError
    │   ├── UnknownFormatError (AssertionError)    no file processor is known for the extension
    │   ├── UnsupportedObjectError (TypeError, ValueError, AssertionError)  the format cannot hold the object
    │   │   └── UnencodableTextError (UnicodeEncodeError)  its encoding has no form for a character
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

from gokart.errors.builds import CyclicRequirementError as CyclicRequirementError
from gokart.errors.builds import EmptyDumpError as EmptyDumpError
from gokart.errors.builds import GokartBuildError as GokartBuildError
from gokart.errors.builds import LostTaskError as LostTaskError
from gokart.errors.builds import MissingKeyError as MissingKeyError
from gokart.errors.builds import MissingOutputError as MissingOutputError
from gokart.errors.builds import PandasTypeError as PandasTypeError
from gokart.errors.builds import RecordNotFoundError as RecordNotFoundError
from gokart.errors.builds import RequiredColumnError as RequiredColumnError
from gokart.errors.builds import TaskDefinitionError as TaskDefinitionError
from gokart.errors.builds import TaskInputError as TaskInputError
from gokart.errors.builds import TaskTimeoutError as TaskTimeoutError
from gokart.errors.builds import UnpicklableError as UnpicklableError
from gokart.errors.builds import UnportableTaskError as UnportableTaskError
from gokart.errors.formats import BrokenFileError as BrokenFileError
from gokart.errors.formats import FormatError as FormatError
from gokart.errors.formats import LossyFormatWarning as LossyFormatWarning
from gokart.errors.formats import UnencodableTextError as UnencodableTextError
from gokart.errors.formats import UnknownFormatError as UnknownFormatError
from gokart.errors.formats import UnsupportedObjectError as UnsupportedObjectError
from gokart.errors.locking import HasLockedTaskException as HasLockedTaskException
from gokart.errors.locking import LockAccessError as LockAccessError
from gokart.errors.locking import LockLostError as LockLostError
from gokart.errors.locking import LockServiceError as LockServiceError
from gokart.errors.locking import LockTakenError as LockTakenError
from gokart.errors.locking import TaskLockException as TaskLockException
from gokart.errors.locking import UnreachableLockServiceError as UnreachableLockServiceError
from gokart.errors.posting import ChannelListNotLoadedError as ChannelListNotLoadedError
from gokart.errors.posting import ChannelNotFoundError as ChannelNotFoundError
from gokart.errors.posting import FileNotUploadedError as FileNotUploadedError
from gokart.errors.posting import SlackError as SlackError
from gokart.errors.root import GokartError as GokartError
from gokart.errors.settings import ConfigError as ConfigError
from gokart.errors.settings import ConfigFileNotFoundError as ConfigFileNotFoundError
from gokart.errors.settings import LockSettingsError as LockSettingsError
from gokart.errors.settings import MissingVariableError as MissingVariableError
from gokart.errors.settings import ParameterTypeError as ParameterTypeError
from gokart.errors.settings import ParameterValueError as ParameterValueError
from gokart.errors.storing import AccessDeniedError as AccessDeniedError
from gokart.errors.storing import BucketNotFoundError as BucketNotFoundError
from gokart.errors.storing import CredentialsError as CredentialsError
from gokart.errors.storing import InvalidDeleteError as InvalidDeleteError
from gokart.errors.storing import LabelsTooLargeError as LabelsTooLargeError
from gokart.errors.storing import ObjectChangedError as ObjectChangedError
from gokart.errors.storing import PreconditionError as PreconditionError
from gokart.errors.storing import StorageError as StorageError
from gokart.errors.storing import UnknownStorageError as UnknownStorageError
from gokart.errors.storing import UnreachableStorageError as UnreachableStorageError
