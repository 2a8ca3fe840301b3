"""Several processes build one graph while holders of locks are killed: each body ends once, and nothing is left."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import luigi
import pytest
from support.keepers import wait_until

import gokart

JOURNAL = Path('journal')
PROCESSES = 3
KILLS = 3
TASKS = 12


def note(event: str, number: int) -> None:
    with JOURNAL.open('a') as file:
        file.write(json.dumps([event, number, os.getpid()]) + '\n')


def noted() -> list[tuple[str, int, int]]:
    lines = JOURNAL.read_text().splitlines() if JOURNAL.exists() else []
    return [tuple(json.loads(line)) for line in lines]


class Node(gokart.TaskOnKart):
    """Sums what is below it; some ask for that only while they run."""

    number = luigi.IntParameter()

    def below(self):
        return [self.clone(number=number) for number in sorted({self.number // 2, self.number // 3} - {0, self.number})]

    def requires(self):
        return self.below() if self.number % 3 else []

    def run(self):
        if self.number % 3 == 0:
            yield self.below()
        note('start', self.number)
        time.sleep(0.15)
        self.dump(self.number + sum(node.output().load() for node in self.below()))
        note('end', self.number)


class Whole(gokart.TaskOnKart):
    def requires(self):
        return [self.clone(Node, number=number) for number in range(1, TASKS + 1)]

    def run(self):
        self.dump(sum(self.load()))


def expected(number: int) -> int:
    return number + sum(expected(below) for below in {number // 2, number // 3} - {0, number})


@pytest.fixture(params=['redis', 'workspace'])
def locked(request) -> dict[str, Any]:
    """The parameters that lock a task, for a short time."""
    if request.param == 'redis':
        return {'lock': request.getfixturevalue('redis_url'), 'redis_timeout': 2}
    return {'lock': 'workspace', 'redis_timeout': 2}


def build(task: luigi.Task) -> None:
    patience = {'task_lock_exception_max_tries': 200, 'task_lock_exception_max_wait_seconds': 0.2}
    assert gokart.build(task, **patience) == sum(map(expected, range(1, TASKS + 1)))


def start(task: luigi.Task) -> multiprocessing.Process:
    process = multiprocessing.get_context('fork').Process(target=build, args=(task,))
    process.start()
    return process


def holder(builders: list[multiprocessing.Process]) -> multiprocessing.Process | None:
    """Return a process whose body is running, as far as is known."""
    last = {process_id: event for event, _, process_id in noted()}
    return next((builder for builder in builders if last.get(builder.pid) == 'start'), None)


def test_a_body_runs_again_only_if_its_process_was_killed(locked):
    task = Whole(**locked)
    builders = [start(task) for _ in range(PROCESSES)]
    killed = set()
    try:
        for _ in range(KILLS):
            wait_until(lambda: holder(builders), 20)
            victim = holder(builders)
            os.kill(victim.pid, signal.SIGKILL)
            victim.join()
            killed.add(victim.pid)
            builders[builders.index(victim)] = start(task)
        for builder in builders:
            builder.join(30)
        assert [builder.exitcode for builder in builders] == [0] * PROCESSES
    finally:
        for builder in builders:
            builder.kill()
    starts = defaultdict(list)
    for event, number, process_id in noted():
        if event == 'start':
            starts[number].append(process_id)
    assert sorted(starts) == list(range(1, TASKS + 1))
    assert {process_id for found in starts.values() for process_id in found[:-1]} <= killed


def test_no_lock_is_left_once_all_is_done(locked, redis_server):
    task = Whole(**locked)
    builders = [start(task) for _ in range(2)]
    for builder in builders:
        builder.join(30)
    assert [builder.exitcode for builder in builders] == [0, 0]
    assert redis_server.client().keys() == []
    assert list(Path().rglob('*.lock')) == []
    assert len([event for event, _, _ in noted() if event == 'end']) == TASKS
