"""What keeps a task from its lock."""

from __future__ import annotations

from gokart.errors.root import GokartError


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
