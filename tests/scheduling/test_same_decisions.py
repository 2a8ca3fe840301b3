"""Our scheduler decides as Luigi's does, on random graphs with random fates."""

from __future__ import annotations

import time

import luigi.scheduler
import pytest
from support.scheduled_graphs import SETTINGS, Clock, Play

from gokart.scheduling.scheduler import LocalScheduler

GRAPHS_PER_TEST = 20

VARIANTS = {
    'plain': {},
    'at once': {'retry_delay': 0.0},
    'never again': {'retry_delay': -1.0},
    'no pruning': {'prune_on_get_work': False},
    'disabled by the first failure': {'retry_count': 1},
    'cooldown': {'stable_done_cooldown_secs': 10},
}


@pytest.mark.parametrize('variant', VARIANTS)
@pytest.mark.parametrize('first_seed', [0, 1000])
def test_decisions_are_those_of_luigi(monkeypatch, variant, first_seed):
    settings = {**SETTINGS, **VARIANTS[variant]}
    for seed in range(first_seed, first_seed + GRAPHS_PER_TEST):
        played = []
        for scheduler_class in (luigi.scheduler.Scheduler, LocalScheduler):
            clock = Clock()
            monkeypatch.setattr(time, 'time', clock)
            played.append(Play(scheduler_class(**settings), clock, seed).run())
        (expected, expected_end), (decisions, end) = played
        assert decisions == expected, f'seed {seed}'
        assert end == expected_end, f'seed {seed}'


def test_random_graphs_reach_what_there_is_to_decide(monkeypatch):
    """Otherwise equal decisions would mean little."""
    seen = set()
    for seed in range(GRAPHS_PER_TEST):
        clock = Clock()
        monkeypatch.setattr(time, 'time', clock)
        decisions, end = Play(LocalScheduler(**{**SETTINGS, 'retry_delay': 1000}), clock, seed).run()
        seen |= {status for status, _ in end.values()} | {reply['task_id'] is None for reply in decisions}
        seen |= {min(3, len(reply['running_tasks'])) for reply in decisions}
    assert seen >= {'PENDING', 'DONE', 'FAILED', 'DISABLED', True, False, 2, 3}
