"""Blocks under a lock, and what may still be stored at the end of one whose lock was lost meanwhile."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar

from gokart.errors import LockLostError, LockTakenError
from gokart.locks.keeper import held
from gokart.locks.lease import Lease
from gokart.locks.waiting import Locks

logger = logging.getLogger(__name__)

_holdings: ContextVar[tuple[_Holding, ...]] = ContextVar('locks around the caller', default=())


class _Holding:
    """A lock that a block holds, under one lease after another if need be."""

    def __init__(self, locks: Locks, lease: Lease, leases: ExitStack, is_done: Callable[[], bool] | None) -> None:
        self._locks = locks
        self._lease = lease
        self._leases = leases
        self._is_done = is_done

    def require(self, was_replaced: Callable[[], bool]) -> None:
        """Make sure that nobody else did, or does, what this lock protects; raises `LockLostError`."""
        lost = self._lease
        if not (lost.is_of_this_process and lost.is_lost):
            return
        try:
            regained = self._locks.acquire(lost.key, lost.duration_seconds)
        except LockTakenError as error:
            raise self._refusal('somebody else holds it now') from error
        except OSError as error:
            # Nobody else can take it either; a result is not thrown away for that.
            logger.warning('%r cannot be taken again: %s', lost, error)
        else:
            self._lease = self._leases.enter_context(held(regained))
        if (self._is_done or was_replaced)():
            raise self._refusal('somebody else has stored the result meanwhile')
        logger.warning('%r was held by nobody else since: the result is stored.', lost)

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
    lease = locks.acquire(key, duration_seconds, wait_seconds)
    with ExitStack() as leases:
        leases.enter_context(held(lease))
        around = _holdings.get()
        _holdings.set((*around, _Holding(locks, lease, leases, is_done)))
        try:
            yield
        finally:
            _holdings.set(around)


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
