"""The one thread of a process that renews all its leases, and the blocks during which it does."""

from __future__ import annotations

import contextlib
import logging
import os
import random
import threading
from collections.abc import Iterator

from gokart.errors import LockLostError
from gokart.locks.clock import now_seconds
from gokart.locks.lease import Lease

logger = logging.getLogger(__name__)

_RENEWALS = 3
_TRIES = 10
_LONGEST_PAUSE_SECONDS = 5.0
# Starting a thread for each of many short leases would cost more than the leases.
_IDLE_SECONDS = 1.0
_ENDING_SECONDS = 5.0

_dice = random.SystemRandom()  # a body's draws from `random` must not depend on it


class Keeper:
    """Renews leases at a third of their life, by one daemon thread that there is while there are leases.

    A renewal that fails is tried again until the lease ends. What one service does not answer is not asked of it for
    each lease in turn.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._due: dict[Lease, float] = {}
        self._thread: threading.Thread | None = None
        self._is_ending = False
        self._is_staying = False

    def keep(self, lease: Lease) -> None:
        """Renew `lease` from now on."""
        with self._changed:
            self._due[lease] = _next_renewal(lease)
            self._wake()

    def stay(self) -> None:
        """Let the thread be there until `rest`, so that no lease has to start it."""
        with self._changed:
            self._is_staying = True
            self._wake()

    def forget(self, lease: Lease) -> None:
        """Renew `lease` no more."""
        with self._changed:
            if self._due.pop(lease, None) is not None and not self._due:
                self._changed.notify_all()  # it would sleep on until the renewal was due

    def rest(self) -> None:
        """End the thread if there is nothing to renew, and wait for that."""
        with self._changed:
            self._is_staying = False
            thread = self._thread
            if thread is None or self._due or thread is threading.current_thread():
                return
            self._is_ending = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._thread is not thread or not self._is_ending, _ENDING_SECONDS)
            has_ended = self._thread is not thread
        if has_ended:
            thread.join(_ENDING_SECONDS)

    def _wake(self) -> None:
        self._is_ending = False
        if self._thread is not None:
            self._changed.notify_all()
            return
        thread = threading.Thread(target=self._run, name='gokart-locks', daemon=True)
        # A RuntimeError says that the interpreter is ending, and no lease will be needed for long.
        with contextlib.suppress(RuntimeError):
            thread.start()
            self._thread = thread

    def _run(self) -> None:
        while (lease := self._next()) is not None:
            self._renew(lease)

    def _next(self) -> Lease | None:
        with self._changed:
            while True:
                if self._due:
                    lease = min(self._due, key=self._due.__getitem__)
                    pause = self._due[lease] - now_seconds()
                    if pause <= 0:
                        return lease
                    self._changed.wait(pause)
                elif self._is_ending or not self._waits_for_work():
                    self._thread = None
                    self._changed.notify_all()
                    return None

    def _waits_for_work(self) -> bool:
        is_woken = self._changed.wait(None if self._is_staying else _IDLE_SECONDS)
        return is_woken or self._is_staying or bool(self._due)

    def _renew(self, lease: Lease) -> None:
        try:
            lease.renew()
        except LockLostError:
            self.forget(lease)
        except Exception as error:
            # Its words are left out: they may say more than the class does, but also what nobody may read.
            logger.info('%r could not be renewed (%s); trying again.', lease, type(error).__name__)
            self._postpone(lease)
        else:
            with self._changed:
                if lease in self._due:
                    self._due[lease] = _next_renewal(lease)

    def _postpone(self, failed: Lease) -> None:
        now = now_seconds()
        with self._changed:
            for lease, due in self._due.items():
                if lease.service is failed.service:
                    pause = _dice.uniform(0.5, 1.0) * min(lease.duration_seconds / _TRIES, _LONGEST_PAUSE_SECONDS)
                    # When it ends, that is to be told, too.
                    self._due[lease] = max(due, min(now + pause, lease.expires_at))


_keeper = Keeper()


@contextlib.contextmanager
def held(lease: Lease) -> Iterator[Lease]:
    """Renew `lease` while the block lasts, and release it at its end; a release that fails is logged, not raised."""
    keeper = _keeper
    keeper.keep(lease)
    try:
        yield lease
    finally:
        if lease.is_of_this_process:  # a forked child has neither this keeper nor the lease
            keeper.forget(lease)
            _release(lease)


def stay() -> None:
    """Start the thread of the keeper, so that no lease has to; `rest` ends it."""
    _keeper.stay()


def rest() -> None:
    """End the thread of the keeper if there is nothing to renew; it ends by itself a second after the last lease."""
    _keeper.rest()


def _release(lease: Lease) -> None:
    try:
        lease.release()
    except Exception as error:
        logger.warning('%r was not given back, and ends by itself: %s', lease, error)


def _next_renewal(lease: Lease) -> float:
    return lease.expires_at - lease.duration_seconds * (_RENEWALS - 1) / _RENEWALS


def _start_anew() -> None:
    global _keeper
    _keeper = Keeper()


if hasattr(os, 'register_at_fork'):
    # An idle thread is no reason for Python to warn of forks.
    os.register_at_fork(before=lambda: _keeper.rest(), after_in_child=_start_anew)
