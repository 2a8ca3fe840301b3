"""Blocks under a lock, and what may still be stored at the end of one whose lock was lost meanwhile."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar

from gokart.errors import LockLostError, LockTakenError
from gokart.locks.clock import now_seconds
from gokart.locks.keeper import held
from gokart.locks.lease import Lease
from gokart.locks.waiting import Locks

logger = logging.getLogger(__name__)

_holdings: ContextVar[tuple[_Holding, ...]] = ContextVar('locks around the caller', default=())


class _Holding:
    """A lock that a block holds, under one lease after another if need be.

    A lock that is lost is taken again at once, so that nobody else begins what this block is about to finish; what may
    have happened in between is looked at when there is something to publish.
    """

    def __init__(self, locks: Locks, is_done: Callable[[], bool] | None) -> None:
        self._locks = locks
        self._is_done = is_done
        self._leases = ExitStack()
        self._changing = threading.RLock()
        self._is_over = False
        self._was_free = False
        self._failure: LockTakenError | OSError | None = None
        self._tried_at = 0.0

    def begin(self, key: str, duration_seconds: float, wait_seconds: float | None) -> None:
        """Take the lock; raises what `Locks.acquire` does."""
        lease = self._locks.acquire(key, duration_seconds, wait_seconds, self._regain)
        self._lease = self._leases.enter_context(held(lease))

    def end(self) -> None:
        """Release the lock."""
        if not self._lease.is_of_this_process:  # what threads of the parent held at the fork stays held here
            return
        with self._changing:
            self._is_over = True
        self._leases.close()

    def require(self, was_replaced: Callable[[], bool]) -> None:
        """Make sure that nobody else did, or does, what this lock protects; raises `LockLostError`."""
        if not self._lease.is_of_this_process:
            return
        started = now_seconds()
        with self._changing:
            lease = self._lease
            # Whoever finds out that it is lost has it taken again.
            if lease.is_lost and self._lease is lease and self._tried_at < started:
                self._regain(lease)
            if not self._was_free:
                return
            if isinstance(self._failure, LockTakenError):
                raise self._refusal('somebody else holds it now') from self._failure
            if self._failure is not None:
                # Nobody else can take it either; a result is not thrown away for that.
                logger.warning('%r cannot be taken again: %s', lease, self._failure)
            if (self._is_done or was_replaced)():
                raise self._refusal('somebody else has stored the result meanwhile')
            logger.warning('%r was held by nobody else since: the result is stored.', lease)
            self._was_free = self._failure is not None

    def _regain(self, lost: Lease) -> None:
        with self._changing:
            if self._is_over:
                return
            self._was_free = True
            self._tried_at = now_seconds()
            try:
                regained = self._locks.acquire(lost.key, lost.duration_seconds, on_lost=self._regain)
            except (LockTakenError, OSError) as error:
                self._failure = error
            else:
                self._failure = None
                self._lease = self._leases.enter_context(held(regained))

    def _refusal(self, why: str) -> LockLostError:
        return LockLostError(
            f'The lock {self._lease.key!r} at {self._lease.service.name} was lost, and {why}, so this result is not '
            'stored. Nothing needs to be done; if it happens often, let locks live longer (redis_timeout).'
        )


@contextmanager
def holding(
    locks: Locks,
    key: str,
    duration_seconds: float,
    wait_seconds: float | None = 0.0,
    is_done: Callable[[], bool] | None = None,
) -> Iterator[None]:
    """Hold the lock `key` for the length of the block; what `Locks.acquire` raises is raised.

    Args:
        locks: the place of the lock.
        key: its name.
        duration_seconds: how long it lasts if this process dies.
        wait_seconds: how long to wait if somebody else holds it: 0 not at all, None for ever.
        is_done: tells, if the lock was lost, whether somebody else has done what the block does; by default it is
            asked whether what is to be stored was replaced since `publishing` began.
    """
    lock = _Holding(locks, is_done)
    lock.begin(key, duration_seconds, wait_seconds)
    around = _holdings.get()
    try:
        _holdings.set((*around, lock))
        yield
    finally:
        _holdings.set(around)
        lock.end()


@contextmanager
def publishing(version: Callable[[], object]) -> Iterator[None]:
    """Make sure at the end of the block, where its result is to be published, that the locks around it still hold.

    A lock that was lost is taken again. If somebody else has it, or has stored the result, the result is refused.

    Args:
        version: tells the state of what is stored so far.

    Raises:
        LockLostError: the result must not be published.
    """
    around = _holdings.get()
    if not around:
        yield
        return
    before = version()
    yield
    for lock in around:
        lock.require(lambda: version() != before)
