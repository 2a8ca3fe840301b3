"""One thread of a process renews all leases, while there are any."""

from __future__ import annotations

import multiprocessing
import time

import pytest
from support.keepers import keepers, wait_until

from gokart.errors import LockLostError, LockServiceError
from gokart.locks import keeper
from gokart.locks.contract import Grant, Holder
from gokart.locks.keeper import held, rest, stay
from gokart.locks.waiting import Locks


class Service:
    """A service whose answers a test decides."""

    name = 'test://'
    longest_pause_seconds = 0.1

    def __init__(self) -> None:
        self.renewed: list[str] = []
        self.failure: Exception | None = None
        self.grant: Grant | None = Grant()

    def take(self, key: str, owner: str, duration_seconds: float) -> Grant | Holder:
        return Grant()

    def extend(self, key: str, owner: str, grant: Grant, duration_seconds: float) -> Grant | None:
        self.renewed.append(key)
        if self.failure is not None:
            raise self.failure
        return self.grant

    def give_back(self, key: str, owner: str, grant: Grant) -> bool:
        if self.failure is not None:
            raise self.failure
        return True


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def place(service) -> Locks:
    return Locks(service)


def test_there_is_no_thread_before_the_first_lease(place):
    place.acquire('key', 10)
    assert keepers() == []


def test_the_thread_ends_by_itself_after_the_last_lease(place):
    with held(place.acquire('key', 600)):
        assert len(keepers()) == 1
    wait_until(lambda: not keepers(), 20.0)


def test_a_thread_that_is_to_stay_is_there_for_each_lease_and_ends_with_the_work(place, monkeypatch):
    monkeypatch.setattr(keeper, '_IDLE_SECONDS', 0.01)
    stay()
    (thread,) = keepers()
    for _ in range(3):
        with held(place.acquire('key', 10)):
            assert keepers() == [thread]
        time.sleep(0.05)
    rest()
    assert keepers() == []


def test_a_thread_that_was_to_stay_ends_before_a_fork_and_comes_back(place):
    stay()
    child = multiprocessing.get_context('fork').Process(target=print)
    child.start()
    assert keepers() == []
    child.join()
    with held(place.acquire('key', 10)):
        assert len(keepers()) == 1


def test_rest_ends_an_idle_thread_at_once(place):
    with held(place.acquire('key', 10)):
        rest()
        assert len(keepers()) == 1
    rest()
    assert keepers() == []


def test_renewals_come_at_a_third_of_the_life(place, service):
    started = time.monotonic()
    with held(place.acquire('key', 0.45)):
        time.sleep(0.8)
    assert 2 <= len(service.renewed) <= (time.monotonic() - started) / 0.15 + 1


def test_five_hundred_leases_have_one_thread(locks, redis_server):
    leases = [locks.acquire(f'key-{number}', 1.2) for number in range(500)]
    contexts = [held(lease) for lease in leases]
    for context in contexts:
        context.__enter__()
    assert len(keepers()) == 1
    time.sleep(1.3)
    assert not any(lease.is_lost for lease in leases)
    for context in contexts:
        context.__exit__(None, None, None)
    assert redis_server.client().keys() == []


def test_a_failing_renewal_is_tried_again_until_the_end(place, service):
    service.failure = LockServiceError('down')
    lost = []
    with held(place.acquire('key', 0.6, on_lost=lost.append)) as lease:
        wait_until(lambda: lost)
        assert lost == [lease]
    assert 3 < len(service.renewed) < 20


def test_what_a_service_does_not_answer_is_not_asked_for_each_lease(place, service):
    service.failure = LockServiceError('down')
    with held(place.acquire('a', 0.6)) as a, held(place.acquire('b', 0.6)) as b, held(place.acquire('c', 0.6)) as c:
        wait_until(lambda: a.is_lost and b.is_lost and c.is_lost)
    assert len(service.renewed) <= 16


def test_a_service_that_comes_back_keeps_the_lease(place, service):
    service.failure = LockServiceError('down')
    with held(place.acquire('key', 0.6)) as lease:
        time.sleep(0.3)
        service.failure = None
        time.sleep(0.5)
        assert not lease.is_lost


def test_a_listener_that_fails_hurts_nobody(place, service, caplog):
    def fail(lease):
        raise ZeroDivisionError

    service.grant = None
    with held(place.acquire('a', 0.3, on_lost=fail)) as first:
        wait_until(lambda: first.is_lost)
        service.grant = Grant()
        with held(place.acquire('b', 0.3)) as second:
            time.sleep(0.5)
            assert not second.is_lost
    assert 'ZeroDivisionError' in caplog.text


def test_a_release_that_fails_is_logged_and_not_raised(place, service, caplog):
    with held(place.acquire('key', 10)):
        service.failure = LockServiceError('down')
    assert 'ends by itself' in caplog.text


def test_the_exception_of_the_block_comes_through(place, service):
    service.failure = LockServiceError('down')
    with pytest.raises(ZeroDivisionError), held(place.acquire('key', 10)):
        raise ZeroDivisionError


def test_a_lease_needs_no_thread_to_find_out_that_it_is_lost(place, service):
    lease = place.acquire('key', 0.05)
    time.sleep(0.06)
    with pytest.raises(LockLostError):
        lease.require_held()
