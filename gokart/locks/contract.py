"""The contract of what keeps locks: four verbs, each atomic, none of which waits for a lock.

`gokart.locks.waiting.Locks` makes leases of it, with waiting, and `gokart.locks.keeper` renews them.
`gokart.testing.locks` states the contract as tests that every such service passes, ours and yours.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Grant:
    """What a service gives to the holder of a lock.

    Attributes:
        version: what the service wants to see again when the lock is renewed or released; empty if nothing.
        fencing_token: a number that is greater than that of any holder before; None where the service has none.
    """

    version: str = ''
    fencing_token: int | None = None


@dataclass(frozen=True, slots=True)
class Holder:
    """What is known of somebody else who holds a lock.

    Attributes:
        owner: the name of the lease, as its holder chose it; empty if it is not known.
        free_in_seconds: when the lease ends at the latest, unless it is renewed; None if that is not known.
    """

    owner: str = ''
    free_in_seconds: float | None = None


class LockService(Protocol):
    """Keeps locks by name; threads share it, and a forked child may use it.

    A lock belongs to one owner, whose name nobody else has, until it is given back or its duration has passed since it
    was taken or extended last. The service may let that take longer, never shorter. Failures are of the family of
    `OSError`: `LockServiceError` or `StorageError`.
    """

    @property
    def name(self) -> str:
        """What messages call it; nothing secret."""
        ...

    @property
    def longest_pause_seconds(self) -> float:
        """How long whoever waits for a lock sleeps at most before trying again."""
        ...

    def take(self, key: str, owner: str, duration_seconds: float) -> Grant | Holder:
        """Give the lock to `owner` if it is free, or `owner`'s already; else tell who holds it."""
        ...

    def extend(self, key: str, owner: str, grant: Grant, duration_seconds: float) -> Grant | None:
        """Let the lock last for `duration_seconds` from now on; None if it is not `owner`'s any more."""
        ...

    def give_back(self, key: str, owner: str, grant: Grant) -> bool:
        """Free the lock; False if it is not `owner`'s any more, and then nothing happens."""
        ...


@runtime_checkable
class SweptLockService(LockService, Protocol):
    """A service where the locks of dead holders stay until somebody removes them; found by `isinstance`."""

    def sweep(self) -> None:
        """Remove locks that have ended; there may be more than one call removes."""
        ...


@runtime_checkable
class WakingLockService(LockService, Protocol):
    """A service that tells those who wait when a lock is given back; found by `isinstance`."""

    def watch(self, key: str) -> AbstractContextManager[Callable[[float], None]]:
        """Give a function that sleeps for so many seconds at most, and less if the lock may have become free.

        A lock that is given back once the block is entered wakes the next sleep, too. It may wake for nothing.
        """
        ...
