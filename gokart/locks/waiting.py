"""A place of locks: takes one, or waits for it, with pauses that grow."""

from __future__ import annotations

import contextlib
import math
import os
import platform
import random
import time
import uuid
from collections.abc import Callable, Iterator

from gokart.errors import ConfigError, LockTakenError
from gokart.locks.clock import now_seconds
from gokart.locks.contract import Holder, LockService, WakingLockService
from gokart.locks.lease import Lease, LostListener

# Processes that wait for one lock may have been seeded alike; their pauses must differ all the same.
_dice = random.SystemRandom()

_PAUSES_TO_LONGEST = 5
_AFTER_THE_END_SECONDS = 0.01
_PROBE_SECONDS = 10.0


class Locks:
    """The locks that one service keeps, by name.

    Args:
        service: what keeps them.

    Attributes:
        has_answered: whether the service has answered in this process, or before it was forked.
    """

    def __init__(self, service: LockService) -> None:
        self.service = service
        self.has_answered = False

    def __repr__(self) -> str:
        return f'<Locks at {self.service.name}>'

    def acquire(
        self,
        key: str,
        duration_seconds: float,
        wait_seconds: float | None = 0.0,
        on_lost: LostListener | None = None,
    ) -> Lease:
        """Take the lock `key`; `gokart.locks.keeper.held` renews the lease and releases it.

        Args:
            key: name of the lock.
            duration_seconds: how long the lease lasts unless it is renewed.
            wait_seconds: how long to wait if somebody else holds it: 0 not at all, None for ever.
            on_lost: called with the lease, once, if it ends before it is released.

        Raises:
            LockTakenError: somebody else holds it, and did so for `wait_seconds`.
            ConfigError: an argument makes no sense.
            OSError: the service could not be asked.
        """
        _check(key, duration_seconds, wait_seconds)
        owner = f'{platform.node()}/{os.getpid()}/{uuid.uuid4().hex}'
        deadline = math.inf if wait_seconds is None else now_seconds() + wait_seconds
        found = self._take(key, owner, duration_seconds, on_lost)
        if isinstance(found, Lease):
            return found
        pauses = _pauses(self.service.longest_pause_seconds)
        with self._sleeping(key) as sleep:
            while (left := deadline - now_seconds()) > 0:
                sleep(min(next(pauses), left, _end_of(found)))
                found = self._take(key, owner, duration_seconds, on_lost)
                if isinstance(found, Lease):
                    return found
        raise self._refusal(key, found, wait_seconds)

    def reach(self) -> None:
        """Make sure that the service answers, unless it is known to have done so; raises what `acquire` does."""
        if not self.has_answered:
            self.acquire(f'reach-{uuid.uuid4().hex}', _PROBE_SECONDS).release()

    def _take(self, key: str, owner: str, duration_seconds: float, on_lost: LostListener | None) -> Lease | Holder:
        started = now_seconds()
        found = self.service.take(key, owner, duration_seconds)
        self.has_answered = True
        if isinstance(found, Holder):
            return found
        return Lease(self.service, key, owner, found, duration_seconds, started, on_lost)

    def _sleeping(self, key: str) -> contextlib.AbstractContextManager[Callable[[float], None]]:
        if isinstance(self.service, WakingLockService):
            return self.service.watch(key)
        return contextlib.nullcontext(time.sleep)

    def _refusal(self, key: str, holder: Holder, waited_seconds: float | None) -> LockTakenError:
        who = f'by {holder.owner}' if holder.owner else 'by somebody else'
        left = holder.free_in_seconds
        until = '' if left is None else f', for {max(left, 0.0):.1f} more seconds at most unless it is renewed'
        waited = f', and was so for {waited_seconds:g} seconds' if waited_seconds else ''
        return LockTakenError(
            f'The lock {key!r} at {self.service.name} is held {who}{until}{waited}. Wait until it is free, or longer.',
            holder.owner,
            left,
        )


def _pauses(longest_seconds: float) -> Iterator[float]:
    pause = longest_seconds / 2**_PAUSES_TO_LONGEST
    while True:
        yield _dice.uniform(0.5, 1.0) * pause
        pause = min(2 * pause, longest_seconds)


def _end_of(holder: Holder) -> float:
    left = holder.free_in_seconds
    return math.inf if left is None else max(left, 0.0) + _AFTER_THE_END_SECONDS


def _check(key: str, duration_seconds: float, wait_seconds: float | None) -> None:
    if not key:
        raise ConfigError('A lock needs a name, and got an empty one.')
    if not 0.001 <= duration_seconds < math.inf:
        raise ConfigError(f'The lock {key!r} must last for some seconds, not for {duration_seconds!r}.')
    if wait_seconds is not None and not wait_seconds >= 0:
        raise ConfigError(f'Nobody can wait {wait_seconds!r} seconds for the lock {key!r}: give 0 or more, or None.')
