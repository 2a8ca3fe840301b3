"""What a storage could not do."""

from __future__ import annotations

from luigi.target import FileSystemException

from gokart.errors.root import GokartError


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
