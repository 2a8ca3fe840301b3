"""One lock that this process holds for a time."""

from __future__ import annotations

import enum
import logging
import os
import threading
from collections.abc import Callable
from typing import TypeAlias

from gokart.errors import LockLostError
from gokart.locks.clock import now_seconds
from gokart.locks.contract import Grant, LockService

logger = logging.getLogger(__name__)


class _State(enum.Enum):
    HELD = enum.auto()
    RELEASED = enum.auto()
    LOST = enum.auto()


class Lease:
    """A lock that is held until it is released, or until its duration has passed since it was renewed last.

    A forked child holds nothing of its parent: there, the lease is lost, and releasing it does nothing. Threads may
    share it.

    Args:
        service: what keeps the lock.
        key: name of the lock.
        owner: name of the lease; nobody else has it.
        grant: what `service` gave for it.
        duration_seconds: how long it lasts, from the start of each request that takes or renews it.
        started: when the lock was asked for, by `now_seconds`.
        on_lost: called with the lease, once, by whichever thread finds out that it was lost.
    """

    def __init__(
        self,
        service: LockService,
        key: str,
        owner: str,
        grant: Grant,
        duration_seconds: float,
        started: float,
        on_lost: LostListener | None = None,
    ) -> None:
        self.service = service
        self.key = key
        self.owner = owner
        self.duration_seconds = duration_seconds
        self.expires_at = started + duration_seconds
        self._grant = grant
        self._on_lost = on_lost
        self._state = _State.HELD
        self._is_given_back = False
        self._asking = threading.Lock()  # a renewal changes what a release must show
        self._marking = threading.Lock()
        self._process = os.getpid()

    def __repr__(self) -> str:
        return f'<Lease of {self.key!r} at {self.service.name}, {self._state.name.lower()}>'

    @property
    def fencing_token(self) -> int | None:
        """A number that is greater than that of any holder before; None where the service has none."""
        return self._grant.fencing_token

    @property
    def is_of_this_process(self) -> bool:
        """Whether this process took the lock, and not one that it was forked from."""
        return self._process == os.getpid()

    @property
    def is_lost(self) -> bool:
        """Whether the lock ended before it was released, as far as is known here: no request is made."""
        if not self.is_of_this_process:
            return True
        if self._state is _State.HELD and now_seconds() >= self.expires_at:
            self._lose(f'it was not renewed within its {self.duration_seconds:g} seconds')
        return self._state is _State.LOST

    def require_held(self) -> None:
        """Make sure that the lock is still held; whoever writes what it protects does so right before.

        Raises:
            LockLostError: it was lost, or released.
        """
        if self.is_lost or self._state is not _State.HELD:
            raise self._lost_error()

    def renew(self) -> None:
        """Let the lock last for its whole duration again.

        Raises:
            LockLostError: it was lost, or released.
            OSError: the service cannot be asked; the lock lasts as long as it did.
        """
        self.require_held()
        with self._asking:
            self.require_held()
            started = now_seconds()
            grant = self.service.extend(self.key, self.owner, self._grant, self.duration_seconds)
            if grant is None:
                self._lose('somebody else took it, or removed it')
                raise self._lost_error()
            self._grant = grant
            self.expires_at = started + self.duration_seconds

    def release(self) -> None:
        """Give the lock back; nothing happens if that was done before.

        Raises:
            OSError: the service cannot be asked; the lock ends by itself.
        """
        if not self.is_of_this_process:
            return
        with self._asking:
            if self._is_given_back:
                return
            self._is_given_back = True
            was_held = not self.is_lost
            try:
                is_ours = self.service.give_back(self.key, self.owner, self._grant)
            except BaseException:
                self._end(_State.RELEASED)
                raise
            if is_ours:
                self._end(_State.RELEASED)
            elif was_held:
                self._lose('somebody else took it, or removed it')

    def _lost_error(self) -> LockLostError:
        what = 'is held by the process that this one was forked from' if not self.is_of_this_process else 'was lost'
        if self._state is _State.RELEASED:
            what = 'was released'
        return LockLostError(
            f'The lock {self.key!r} at {self.service.name} {what}: somebody else may hold it by now, so what it '
            'protects must not be written. Run the task again; if this happens often, let locks live longer.'
        )

    def _end(self, state: _State) -> bool:
        with self._marking:
            if self._state is not _State.HELD:
                return False
            self._state = state
            return True

    def _lose(self, why: str) -> None:
        if not self._end(_State.LOST):
            return
        logger.warning('The lock %r at %s was lost: %s.', self.key, self.service.name, why)
        if self._on_lost is not None:
            try:
                self._on_lost(self)
            except Exception:
                logger.exception('What was to be told of the lost lock %r failed.', self.key)


LostListener: TypeAlias = Callable[[Lease], object]
"""Called with a lease that was lost."""
