"""Tasks that may start as soon as they get their resources, best first."""

from __future__ import annotations

import enum
import itertools
from collections.abc import Callable, Iterable
from heapq import heappop, heappush
from typing import NamedTuple, TypeAlias

from luigi.scheduler import Task

LaneKey: TypeAlias = frozenset[tuple[str, int]]


class Decision(enum.Enum):
    """What is to be done with a task of the queue."""

    TAKE = enum.auto()
    PASS = enum.auto()
    """It stays; the tasks behind it are looked at."""
    CLOSE = enum.auto()
    """It stays, and nothing behind it that needs the same resources can start either."""
    DROP = enum.auto()
    """It does not belong here any more."""


class _Place(NamedTuple):
    """Where a task stands; `number` is unique, so tasks are never compared."""

    negative_priority: float
    time: float
    number: int
    task: Task
    lane: LaneKey


class ReadyQueue:
    """Tasks by priority, then age.

    Those that need the same resources stand in one lane: where its first does not get them, the others need not be
    looked at. Places are given up by forgetting them; what is left of them in the heaps is dropped on the way.
    """

    def __init__(self) -> None:
        self._places: dict[str, _Place] = {}
        self._lanes: dict[LaneKey, list[_Place]] = {}
        self._heads: list[_Place] = []
        self._numbers = itertools.count()

    def put(self, task: Task) -> None:
        """Let `task` stand where its priority and its resources say."""
        lane = frozenset(task.resources.items())
        place = self._places.get(task.id)
        if place is None or place.negative_priority != -task.priority or place.lane != lane or place.task is not task:
            place = _Place(-task.priority, task.time, next(self._numbers), task, lane)
            self._places[task.id] = place
            self._stand(place)

    def discard(self, task_id: str) -> None:
        """Let the task stand here no longer."""
        self._places.pop(task_id, None)

    def __contains__(self, task_id: str) -> bool:
        return task_id in self._places

    def take(self, judge: Callable[[Task], Decision]) -> Task | None:
        """Remove and return the best task that `judge` takes; it is asked in the order of rank."""
        passed: list[_Place] = []
        closed: set[LaneKey] = set()
        taken = None
        while taken is None and self._heads:
            place = heappop(self._heads)
            if place.lane in closed or not self._is_head(place):
                continue
            decision = judge(place.task) if self._is_current(place) else Decision.DROP
            if decision is Decision.CLOSE:
                closed.add(place.lane)
                continue
            self._leave(place)
            if decision is Decision.PASS:
                passed.append(place)
            elif self._is_current(place):
                self.discard(place.task.id)
                taken = place.task if decision is Decision.TAKE else None
        self._reopen(passed, closed)
        return taken

    def _is_current(self, place: _Place) -> bool:
        return self._places.get(place.task.id) is place

    def _is_head(self, place: _Place) -> bool:
        lane = self._lanes.get(place.lane)
        return lane is not None and lane[0] is place

    def _stand(self, place: _Place) -> None:
        lane = self._lanes.setdefault(place.lane, [])
        heappush(lane, place)
        if lane[0] is place:
            heappush(self._heads, place)

    def _leave(self, head: _Place) -> None:
        lane = self._lanes[head.lane]
        heappop(lane)
        if lane:
            heappush(self._heads, lane[0])
        else:
            del self._lanes[head.lane]

    def _reopen(self, passed: Iterable[_Place], closed: Iterable[LaneKey]) -> None:
        for lane in closed:
            heappush(self._heads, self._lanes[lane][0])
        for place in passed:
            self._stand(place)
