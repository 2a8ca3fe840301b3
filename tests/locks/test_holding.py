"""What may be stored at the end of a block whose lock was lost."""

from __future__ import annotations

import threading

import pytest
from support.keepers import keepers, wait_until

from gokart.errors import LockLostError, LockServiceError
from gokart.locks.contract import Grant, Holder
from gokart.locks.holding import holding, publishing
from gokart.locks.waiting import Locks


class Service:
    """A service whose locks a test takes away."""

    name = 'test://'
    longest_pause_seconds = 0.1

    def __init__(self) -> None:
        self.holder: Holder | None = None
        self.failure: Exception | None = None
        self.grant: Grant | None = Grant()
        self.given_back: list[str] = []
        self.taken = 0
        self.is_back = False

    def take(self, key: str, owner: str, duration_seconds: float) -> Grant | Holder:
        if self.failure is not None:
            raise self.failure
        self.taken += 1
        return self.holder or Grant()

    def extend(self, key: str, owner: str, grant: Grant, duration_seconds: float) -> Grant | None:
        grant = self.grant
        if self.is_back:
            self.grant = Grant()
        return grant

    def give_back(self, key: str, owner: str, grant: Grant) -> bool:
        self.given_back.append(owner)
        return self.failure is None

    def lose(self) -> None:
        """Tell the next renewal that the lock is somebody else's; it is asked for soon."""
        self.grant = None

    def lose_once(self) -> None:
        """Do so, and let the lock be free again at once."""
        self.is_back = True
        self.grant = None


@pytest.fixture
def service() -> Service:
    return Service()


def hold(service: Service, **options):
    return holding(Locks(service), 'key', 0.1, **options)


def wait_until_lost(caplog) -> None:
    wait_until(lambda: 'was lost' in caplog.text)


def stored(version='old', later='old') -> bool:
    """Store something, before which its version is `version`, and right before the end `later`."""
    answers = iter([version, later])
    with publishing(lambda: next(answers)):
        pass
    return True


def test_outside_of_blocks_nothing_is_asked():
    with publishing(lambda: pytest.fail('the version was asked for')):
        pass


def test_a_lock_that_is_held_asks_for_nothing_more(service):
    with hold(service):
        assert stored()
    assert service.taken == 1
    assert len(service.given_back) == 1


def test_a_lock_that_somebody_else_took_refuses(service, caplog):
    with hold(service):
        service.holder = Holder('somebody')
        service.lose()
        wait_until_lost(caplog)
        with pytest.raises(LockLostError, match="'key' at test:// was lost, and somebody else holds it now"):
            stored()


def test_a_lock_that_is_free_again_is_taken_again_and_released(service, caplog):
    with hold(service):
        service.lose_once()
        wait_until(lambda: service.taken == 2)  # at once, so that nobody else begins
        assert stored()
        assert stored()
    assert service.taken == 2
    assert len(service.given_back) == 2
    assert 'the result is stored' in caplog.text


def test_what_somebody_else_stored_meanwhile_is_not_replaced(service, caplog):
    with hold(service):
        service.lose()
        wait_until_lost(caplog)
        with pytest.raises(LockLostError, match='somebody else has stored the result meanwhile'):
            stored('old', 'new')


@pytest.mark.parametrize('is_done', [True, False])
def test_whoever_holds_it_may_know_better_what_is_done(service, caplog, is_done):
    with hold(service, is_done=lambda: is_done):
        service.lose()
        wait_until_lost(caplog)
        if is_done:
            with pytest.raises(LockLostError):
                stored()
        else:
            assert stored('old', 'new')


def test_a_service_that_does_not_answer_costs_no_result(service, caplog):
    with hold(service):
        service.failure = LockServiceError('down')
        service.lose()
        wait_until_lost(caplog)
        assert stored()
    assert 'cannot be taken again: down' in caplog.text


def test_each_block_around_is_asked(service, caplog):
    other = Service()
    with hold(service), holding(Locks(other), 'inner', 10):
        service.holder = Holder('somebody')
        service.lose()
        wait_until_lost(caplog)
        with pytest.raises(LockLostError, match="'key'"):
            stored()
    assert stored()


def test_other_threads_have_blocks_of_their_own(service, caplog):
    found = []
    with hold(service):
        service.holder = Holder('somebody')
        service.lose()
        wait_until_lost(caplog)
        thread = threading.Thread(target=lambda: found.append(stored()))
        thread.start()
        thread.join()
    assert found == [True]


def test_what_the_block_raises_comes_through_and_the_lock_is_released(service):
    with pytest.raises(ZeroDivisionError), hold(service):
        raise ZeroDivisionError
    assert len(service.given_back) == 1
    wait_until(lambda: not keepers())
