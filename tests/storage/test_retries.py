"""What is tried again when a request fails, and how often."""

from __future__ import annotations

import random
import time

import pytest
from support.ranges import FinalError, PassingError, classify

from gokart.errors import PreconditionError
from gokart.storage.retries import BrokenOffError, RetryPolicy


class Request:
    """Raises the given exceptions, one a call, and then answers."""

    def __init__(self, *failures):
        self._failures = list(failures)
        self.calls = 0

    def __call__(self):
        self.calls += 1
        if self._failures:
            raise self._failures.pop(0)
        return 'answer'


def policy(**limits):
    return RetryPolicy(classify, **{'longest_wait_seconds': 0.0, **limits})


def test_answer_is_returned():
    request = Request()
    assert policy().call(request) == 'answer'
    assert request.calls == 1


@pytest.mark.parametrize('failure', [PassingError(), BrokenOffError(), ConnectionRefusedError()])
def test_request_that_may_work_is_made_again(failure):
    request = Request(failure)
    assert policy().call(request) == 'answer'
    assert request.calls == 2


@pytest.mark.parametrize('failure', [FinalError('text'), PreconditionError('ours'), KeyboardInterrupt(), SystemExit(1)])
@pytest.mark.parametrize('before', [[], [PassingError()]])
def test_failure_that_stays_is_raised_at_once(failure, before):
    request = Request(*before, failure)
    with pytest.raises(type(failure)) as caught:
        policy().call(request)
    assert caught.value is failure
    assert request.calls == len(before) + 1


@pytest.mark.parametrize('retries', [0, 1, 3])
def test_last_failure_is_raised_when_all_retries_fail(retries):
    failures = [PassingError(number) for number in range(retries + 1)]
    request = Request(*failures)
    with pytest.raises(PassingError) as caught:
        policy(retries=retries).call(request)
    assert caught.value is failures[-1]
    assert request.calls == retries + 1


@pytest.mark.parametrize(('retries', 'retries_to_connect', 'calls'), [(7, 2, 3), (1, 2, 2), (7, 0, 1)])
def test_nobody_there_is_not_waited_for_as_long(retries, retries_to_connect, calls):
    request = Request(*[ConnectionRefusedError() for _ in range(10)])
    with pytest.raises(ConnectionRefusedError):
        policy(retries=retries, retries_to_connect=retries_to_connect).call(request)
    assert request.calls == calls


def test_server_that_answers_in_between_is_there():
    """Each failure to connect counts from the last answer on, be it an error."""
    failures = [PassingError(), PassingError(), ConnectionRefusedError(), ConnectionRefusedError(), PassingError()]
    assert policy(retries=5).call(Request(*failures)) == 'answer'


def test_nothing_is_classified_that_must_pass():
    """An interrupt is no business of a back end."""
    seen = []

    def note(error):
        seen.append(error)
        return classify(error)

    with pytest.raises(KeyboardInterrupt):
        RetryPolicy(note).call(Request(KeyboardInterrupt()))
    assert seen == []


def test_waits_grow_up_to_the_longest(monkeypatch):
    waits = []
    monkeypatch.setattr(time, 'sleep', waits.append)
    for _ in range(50):
        RetryPolicy(classify, retries=8, longest_wait_seconds=0.5).call(Request(*[PassingError() for _ in range(8)]))
    longest = [max(waits[number::8]) for number in range(8)]
    assert 0.05 < longest[0] <= 0.1 < longest[1] <= 0.2 < longest[2] <= 0.4 < max(longest[3:]) <= 0.5
    assert min(waits) < 0.02, 'full jitter: any wait may be short'


def test_random_numbers_of_the_task_are_left_alone():
    """`random` is seeded for each task: what it gives must not depend on failing requests."""
    random.seed(1)
    state = random.getstate()
    policy(longest_wait_seconds=0.001).call(Request(PassingError(), PassingError()))
    assert random.getstate() == state
