"""A look for work costs the same however many tasks there are; where the indexes end, Luigi's own way begins."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest
from luigi.task_status import DONE, FAILED, PENDING

from gokart.scheduling.scheduler import LocalScheduler

WORKER = 'worker'


def new_scheduler(**settings: Any) -> LocalScheduler:
    settings = {'prune_on_get_work': True, 'stable_done_cooldown_secs': 0, 'retry_delay': 10**6, **settings}
    scheduler = LocalScheduler(resources={'licence': 1}, **settings)
    scheduler.add_worker(WORKER, {'workers': 1})
    return scheduler


def wide(size: int) -> dict[int, list[int]]:
    return {0: list(range(1, size)), **{number: [] for number in range(1, size)}}


def chain(size: int) -> dict[int, list[int]]:
    return {number: [number + 1] if number + 1 < size else [] for number in range(size)}


def layers(size: int) -> dict[int, list[int]]:
    """Each task depends on the whole layer below it."""
    return {
        number: [n for n in range((number // 5 + 1) * 5, (number // 5 + 2) * 5) if n < size] for number in range(size)
    }


def play(graph: dict[int, list[int]], *, scheduler: LocalScheduler, end: str = DONE, **options: Any) -> int:
    """Add a graph and run it to its end; return how many tasks ran."""
    for number, deps in graph.items():
        scheduler.add_task(worker=WORKER, task_id=str(number), deps=[str(other) for other in deps], **options)
    count = 0
    while (task_id := scheduler.get_work(worker=WORKER, current_tasks=[])['task_id']) is not None:
        scheduler.add_task(worker=WORKER, task_id=task_id, status=end, new_deps=[], runnable=None, expl='')
        count += 1
    return count


def lines_run(call: Callable[[], object]) -> int:
    """Return how many lines of Python ran."""
    count = 0

    def trace(frame: Any, event: str, argument: Any) -> Any:
        nonlocal count
        count += event == 'line'
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        call()
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize('graph', [wide, chain, layers])
@pytest.mark.parametrize(
    'options',
    [
        {},
        {'resources': {'licence': 1}},
        {'end': FAILED},
        {'end': FAILED, 'retry_policy_dict': {'retry_count': 1}},
    ],
    ids=['plain', 'one resource for all', 'failing', 'disabled by failing'],
)
def test_work_for_a_task_is_the_same_in_a_graph_eight_times_as_large(graph, options):
    small, large = (
        lines_run(lambda size=size: play(graph(size), scheduler=new_scheduler(), **options)) / size
        for size in (50, 400)
    )
    assert large < 1.2 * small


def test_work_for_tasks_that_wait_for_a_resource_is_the_same_however_many_wait():
    def ask_in_vain(size: int) -> int:
        scheduler = new_scheduler()
        scheduler.add_worker(WORKER, {'workers': 2})
        for number in range(size):
            scheduler.add_task(worker=WORKER, task_id=str(number), resources={'licence': 1})
        running = [scheduler.get_work(worker=WORKER, current_tasks=[])['task_id']]
        return lines_run(lambda: scheduler.get_work(worker=WORKER, current_tasks=running))

    assert ask_in_vain(400) == ask_in_vain(50)


def test_all_tasks_run():
    assert play(layers(103), scheduler=new_scheduler()) == 103


def test_priority_of_a_task_that_is_ready_can_rise():
    scheduler = new_scheduler()
    for name in ('first', 'second'):
        scheduler.add_task(worker=WORKER, task_id=name)
    scheduler.add_task(worker=WORKER, task_id='second', priority=1)
    assert scheduler.get_work(worker=WORKER)['task_id'] == 'second'


def test_task_that_is_not_done_any_more_is_waited_for_again():
    scheduler = new_scheduler()
    scheduler.add_task(worker=WORKER, task_id='below', status=DONE)
    scheduler.add_task(worker=WORKER, task_id='above', deps=['below'], priority=5)
    scheduler.add_task(worker=WORKER, task_id='below', status=PENDING)
    assert scheduler.get_work(worker=WORKER)['task_id'] == 'below'


def test_worker_that_worked_for_long_without_a_word_keeps_its_tasks(monkeypatch):
    scheduler = new_scheduler(worker_disconnect_delay=60)
    scheduler.add_task(worker=WORKER, task_id='task')
    later = scheduler._state.get_worker(WORKER).last_active + 1000
    monkeypatch.setattr('time.time', lambda: later)
    assert scheduler.get_work(worker=WORKER)['task_id'] == 'task'


def test_second_worker_gets_what_only_it_can_run():
    scheduler = new_scheduler()
    scheduler.add_task(worker=WORKER, task_id='mine')
    scheduler.add_task(worker='other', task_id='theirs', priority=9)
    assert scheduler.get_work(worker=WORKER)['task_id'] == 'mine'
    assert scheduler.get_work(worker='other')['task_id'] == 'theirs'


def test_tasks_of_a_worker_that_has_gone_fail(monkeypatch):
    scheduler = new_scheduler(worker_disconnect_delay=60)
    scheduler.add_task(worker='other', task_id='task')
    scheduler.get_work(worker='other')
    later = scheduler._state.get_worker('other').last_active + 61
    monkeypatch.setattr('time.time', lambda: later)
    scheduler.add_task(worker=WORKER, task_id='mine')
    scheduler.get_work(worker=WORKER)
    assert scheduler.task_list(FAILED, '').keys() == {'task'}


def test_batches_are_made_as_luigi_makes_them():
    scheduler = new_scheduler()
    scheduler.add_task_batcher(worker=WORKER, task_family='Sum', batched_args=['number'])
    for number in '12':
        scheduler.add_task(worker=WORKER, task_id=number, family='Sum', params={'number': number}, batchable=True)
    assert sorted(scheduler.get_work(worker=WORKER)['batch_task_ids']) == ['1', '2']


def test_paused_scheduler_gives_no_work():
    scheduler = new_scheduler()
    scheduler.add_task(worker=WORKER, task_id='task')
    scheduler.pause()
    assert scheduler.get_work(worker=WORKER)['task_id'] is None
    scheduler.unpause()
    assert scheduler.get_work(worker=WORKER)['task_id'] == 'task'


def test_worker_that_was_disabled_gets_no_work():
    scheduler = new_scheduler()
    scheduler.add_task(worker=WORKER, task_id='task')
    scheduler.disable_worker(WORKER)
    assert scheduler.get_work(worker=WORKER)['task_id'] is None


def test_state_that_was_stored_is_gone_on_with(tmp_path):
    path = str(tmp_path / 'state.pickle')
    first = new_scheduler(state_path=path)
    first.add_task(worker=WORKER, task_id='below')
    first.add_task(worker=WORKER, task_id='above', deps=['below'])
    first.dump()
    second = new_scheduler(state_path=path)
    second.load()
    assert play({}, scheduler=second) == 2
