"""The contract of what keeps locks as tests: what `gokart.locks.contract` says, one fact a method."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from gokart.errors import LockLostError, LockTakenError
from gokart.locks.keeper import held
from gokart.locks.lease import Lease
from gokart.locks.waiting import Locks

_LONG_SECONDS = 60.0
_SHORT_SECONDS = 0.5
_RIVALS = 24
_PATIENCE_SECONDS = 10.0


class LockContract:
    """Tests for pytest that everything which keeps locks passes.

    Derive a class from it whose name begins with ``Test``, and give it the fixture ``locks``: the `Locks` of a place
    where nothing is locked yet. With ``pytest.register_assert_rewrite('gokart.testing.locks')`` in ``conftest.py``
    failing assertions show more.
    """

    def test_a_held_lock_is_refused(self, locks: Locks) -> None:
        lease = locks.acquire('key', _LONG_SECONDS)
        with pytest.raises(LockTakenError, match='key') as caught:
            locks.acquire('key', _LONG_SECONDS)
        assert caught.value.owner == lease.owner
        assert caught.value.free_in_seconds is None or 0 < caught.value.free_in_seconds <= _LONG_SECONDS
        lease.require_held()

    def test_a_released_lock_is_free(self, locks: Locks) -> None:
        locks.acquire('key', _LONG_SECONDS).release()
        locks.acquire('key', _LONG_SECONDS).require_held()

    def test_releasing_twice_does_not_free_the_lock_of_the_next(self, locks: Locks) -> None:
        first = locks.acquire('key', _LONG_SECONDS)
        first.release()
        locks.acquire('key', _LONG_SECONDS)
        first.release()
        with pytest.raises(LockTakenError):
            locks.acquire('key', _LONG_SECONDS)

    def test_a_released_lease_is_not_renewed(self, locks: Locks) -> None:
        lease = locks.acquire('key', _LONG_SECONDS)
        lease.release()
        with pytest.raises(LockLostError, match='released'):
            lease.renew()
        locks.acquire('key', _LONG_SECONDS)

    @pytest.mark.parametrize('other', ['Key', 'ключ', 'k' * 400, 's3://bucket/a b?c#key'])
    def test_each_name_is_a_lock_of_its_own(self, locks: Locks, other: str) -> None:
        locks.acquire('key', _LONG_SECONDS)
        lease = locks.acquire(other, _LONG_SECONDS)
        with pytest.raises(LockTakenError):
            locks.acquire(other, _LONG_SECONDS)
        lease.release()

    def test_a_waiter_gets_the_lock_soon_after_its_release(self, locks: Locks) -> None:
        lease = locks.acquire('key', _LONG_SECONDS)
        timer = threading.Timer(0.1, lease.release)
        timer.start()
        started = time.monotonic()
        locks.acquire('key', _LONG_SECONDS, wait_seconds=None).release()
        assert 0.09 < time.monotonic() - started < 0.1 + locks.service.longest_pause_seconds + 1.0
        timer.join()

    def test_a_waiter_gives_up_in_time(self, locks: Locks) -> None:
        locks.acquire('key', _LONG_SECONDS)
        started = time.monotonic()
        with pytest.raises(LockTakenError):
            locks.acquire('key', _LONG_SECONDS, wait_seconds=0.2)
        assert 0.2 <= time.monotonic() - started < 1.2

    def test_an_abandoned_lock_goes_to_who_waits(self, locks: Locks) -> None:
        started = time.monotonic()
        late = locks.acquire('key', _SHORT_SECONDS)
        newer = locks.acquire('key', _LONG_SECONDS, wait_seconds=_PATIENCE_SECONDS)
        assert _SHORT_SECONDS - 0.01 <= time.monotonic() - started < _SHORT_SECONDS + 2.0
        assert late.is_lost
        with pytest.raises(LockLostError, match='key'):
            late.require_held()
        with pytest.raises(LockLostError):
            late.renew()
        late.release()
        newer.renew()
        assert _token_grew(late, newer)

    def test_a_renewed_lease_lasts(self, locks: Locks) -> None:
        lease = locks.acquire('key', _SHORT_SECONDS)
        for _ in range(4):
            time.sleep(_SHORT_SECONDS / 3)
            lease.renew()
        with pytest.raises(LockTakenError):
            locks.acquire('key', _SHORT_SECONDS)
        lease.release()
        locks.acquire('key', _LONG_SECONDS)

    def test_a_lease_lasts_as_long_as_its_block(self, locks: Locks) -> None:
        with held(locks.acquire('key', 3 * _SHORT_SECONDS)) as lease:
            with pytest.raises(LockTakenError):
                locks.acquire('key', _LONG_SECONDS, wait_seconds=3.5 * _SHORT_SECONDS)
            lease.require_held()
        locks.acquire('key', _LONG_SECONDS)

    def test_one_of_many_gets_the_lock(self, locks: Locks) -> None:
        assert len(_race(locks)) == 1

    def test_one_of_many_gets_an_abandoned_lock(self, locks: Locks) -> None:
        locks.acquire('key', _SHORT_SECONDS)
        with pytest.raises(LockTakenError):
            locks.acquire('key', _LONG_SECONDS)  # some services must have seen it
        time.sleep(_SHORT_SECONDS + 0.1)
        assert len(_race(locks)) == 1

    def test_those_who_wait_come_one_at_a_time(self, locks: Locks) -> None:
        inside: list[int] = []

        def enter(number: int) -> bool:
            with held(locks.acquire('key', _LONG_SECONDS, wait_seconds=None)):
                inside.append(number)
                time.sleep(0.01)
                was_alone = inside == [number]
                inside.remove(number)
            return was_alone

        with ThreadPoolExecutor(6) as pool:
            assert all(pool.map(enter, range(6)))


def _race(locks: Locks) -> list[Lease]:
    barrier = threading.Barrier(_RIVALS)

    def run(number: int) -> Lease | None:
        barrier.wait()
        try:
            return locks.acquire('key', _LONG_SECONDS)
        except LockTakenError:
            return None

    with ThreadPoolExecutor(_RIVALS) as pool:
        return [lease for lease in pool.map(run, range(_RIVALS)) if lease is not None]


def _token_grew(earlier: Lease, later: Lease) -> bool:
    if earlier.fencing_token is None or later.fencing_token is None:
        return earlier.fencing_token is later.fencing_token
    return later.fencing_token > earlier.fencing_token
