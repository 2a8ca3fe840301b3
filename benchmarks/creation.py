"""How long it takes to make a task, next to a plain `luigi.Task` with the same parameters."""

from __future__ import annotations

import luigi
from luigi.task_register import Register
from measuring import best_seconds, main

import gokart

COUNT = 1000


class Plain(luigi.Task):
    number: int = luigi.IntParameter()
    word: str = luigi.Parameter(default='word')
    flag: bool = luigi.BoolParameter(default=False)
    items: tuple = luigi.ListParameter(default=[1, 2])


class OnKart(gokart.TaskOnKart):
    number: int = luigi.IntParameter()
    word: str = luigi.Parameter(default='word')
    flag: bool = luigi.BoolParameter(default=False)
    items: tuple = luigi.ListParameter(default=[1, 2])


def make(task_class: type[luigi.Task]) -> None:
    Register.clear_instance_cache()
    for number in range(COUNT):
        task_class(number=number)


def make_with_id() -> None:
    Register.clear_instance_cache()
    for number in range(COUNT):
        OnKart(number=number).make_unique_id()


def make_again() -> None:
    for _ in range(COUNT):
        OnKart(number=0)


def measure() -> dict[str, float]:
    return {
        'luigi.Task': best_seconds(lambda: make(Plain)) / COUNT,
        'TaskOnKart': best_seconds(lambda: make(OnKart)) / COUNT,
        'TaskOnKart and its id': best_seconds(make_with_id) / COUNT,
        'TaskOnKart, cached': best_seconds(make_again) / COUNT,
    }


if __name__ == '__main__':
    main(__doc__, measure, 'µs a task', 1e6)
