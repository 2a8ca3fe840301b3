"""Random graphs with random fates, played against a scheduler; equal seeds are equal graphs and fates."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any

from luigi.scheduler import Scheduler
from luigi.task_status import DISABLED, DONE, FAILED, PENDING, RUNNING

WORKER = 'worker'
SETTINGS = {
    'retry_delay': 5.033,
    'retry_count': 2,
    'disable_persist': 40,
    'disable_window': 60,
    'prune_on_get_work': True,
    'remove_delay': 10.0**9,
    'worker_disconnect_delay': 10.0**9,
    'stable_done_cooldown_secs': 0,
}
LIMITS = {'memory': 3, 'licence': 1}
NEEDS: list[dict[str, int]] = [{}, {}, {}, {'memory': 1}, {'memory': 2}, {'licence': 1}, {'memory': 1, 'licence': 1}]


class Clock:
    """Time that passes when told to, and a little with each look, so that no two tasks have one age."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        self.now += 1e-7
        return self.now


class Play:
    """One graph, and what a scheduler made of it. Tasks are numbers, and depend on lower ones only."""

    def __init__(self, scheduler: Scheduler, clock: Clock, seed: int) -> None:
        self.scheduler = scheduler
        self.clock = clock
        self.random = random.Random(seed)
        self.slots = self.random.randint(1, 4)
        self.decisions: list[Any] = []
        self._running: list[int] = []
        self._known: list[int] = []

    def run(self, steps: int = 120) -> tuple[list[Any], dict[str, tuple[str, float]]]:
        """Return each reply to a look for work, and how each task ended."""
        self.scheduler.update_resources(**LIMITS)
        self.scheduler.add_worker(WORKER, {'workers': self.slots})
        self._add_graph(self.random.randint(3, 25))
        for _ in range(steps):
            self.clock.now += self.random.choice([0.1, 1, 7])
            if len(self._running) < self.slots:
                self._ask()
            if self._running and (len(self._running) == self.slots or self.random.random() < 0.5):
                self._end(self._running.pop(self.random.randrange(len(self._running))))
            if self.random.random() < 0.15:
                self._meddle()
        tasks = self.scheduler._state.get_active_tasks()
        return self.decisions, {task.id: (task.status, task.priority) for task in tasks}

    def _add_graph(self, size: int) -> None:
        numbers = list(range(size))
        self.random.shuffle(numbers)
        for number in numbers:
            deps = [other for other in range(number) if self.random.random() < 0.25]
            status = self.random.choice([PENDING] * 8 + [DONE, DISABLED])
            self._add(number, deps=deps, status=status, runnable=self.random.random() < 0.95)

    def _add(self, number: int, deps: Iterable[int] | None = None, **options: Any) -> None:
        self.clock.now += self.random.choice([0.25, 0.5])
        if number not in self._known:
            self._known.append(number)
        options['deps'] = None if deps is None else [f't{other}' for other in deps]
        priority = self.random.choice([0, 0, 0, 5, -3, 10])
        self._tell(number, priority=priority, resources=self.random.choice(NEEDS), family='F', **options)

    def _tell(self, number: int, **options: Any) -> None:
        self.scheduler.add_task(worker=WORKER, task_id=f't{number}', **options)

    def _some_below(self, number: int, count: int) -> list[int]:
        below = [other for other in self._known if other < number]
        return self.random.sample(below, min(count, len(below)))

    def _ask(self) -> None:
        current = [f't{number}' for number in self._running]
        if current and self.random.random() < 0.02:
            current.pop()
        reply = self.scheduler.get_work(worker=WORKER, host='here', current_tasks=current)
        reply['running_tasks'] = sorted(task['task_id'] for task in reply['running_tasks'])
        self.decisions.append(reply)
        if reply['task_id'] and reply['task_id'] not in current:
            self._running.append(int(reply['task_id'][1:]))

    def _end(self, number: int) -> None:
        fate = self.random.random()
        if fate < 0.6:
            self._tell(number, status=DONE, runnable=None)
        elif fate < 0.85:
            self._tell(number, status=FAILED, expl='it failed', runnable=None)
        else:
            wanted = [min(self._known) - 1, *self._some_below(number, self.random.randint(0, 1))]
            self._add(wanted[0])
            self._tell(number, status=PENDING, new_deps=[f't{other}' for other in wanted], runnable=None)

    def _meddle(self) -> None:
        number = self.random.choice(self._known)
        action = self.random.randrange(9)
        if action == 0:
            self._add(number)
        elif action == 1:
            self._add(number, deps=self._some_below(number, 1))
        elif action == 2:
            self.scheduler.mark_as_done(f't{number}')
        elif action == 3:
            self.scheduler.forgive_failures(f't{number}')
        elif action == 4:
            self.scheduler.re_enable_task(f't{number}')
        elif action == 5:
            self._tell(number, status=DISABLED, runnable=None)
        elif action == 6:
            self.scheduler.update_resource('memory', self.random.randint(0, 4))
        elif action == 7:
            self._tell(number, status=RUNNING, runnable=None)
        else:
            top = max(self._known) + 1
            self._add(top, deps=self._some_below(top, 2))
