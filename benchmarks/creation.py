"""What it takes to make a task and its id, next to a plain `luigi.Task` with the same parameters."""

from __future__ import annotations

import gc
from collections.abc import Callable
from time import perf_counter
from typing import Any

import luigi
from child import answer
from luigi.task_register import Register

ROUNDS = 3


def seconds_each(make: Callable[[int], Any], count: int) -> float:
    """Return the seconds for one of `count` new tasks, of the round that the machine disturbed least."""
    best = float('inf')
    for _ in range(ROUNDS):
        Register.clear_instance_cache()
        gc.collect()
        start = perf_counter()
        for number in range(count):
            make(number)
        best = min(best, (perf_counter() - start) / count)
    return best


def class_of(base: type[luigi.Task], name: str, parameters: int) -> Any:
    members: dict[str, Any] = {f'p{number}': luigi.IntParameter(default=number) for number in range(parameters)}
    return type(base)(name, (base,), {'number': luigi.IntParameter(), **members})


def measure(side: str, count: int) -> dict[str, float]:
    """Measure the creation of tasks, and that of their ids where there are any."""
    base: Any = luigi.Task
    nested: Any = luigi.TaskParameter
    if side != 'luigi':
        import gokart

        base, nested = gokart.TaskOnKart, gokart.TaskInstanceParameter
    small, large = class_of(base, 'Small', 4), class_of(base, 'Large', 40)
    names = [f'p{number}' for number in range(40)]
    found = {
        '5 parameters': seconds_each(lambda number: small(number=number), count),
        '5 parameters, all given': seconds_each(
            lambda number: small(number=number, p0=number, p1=1, p2=2, p3=3), count
        ),
        '41 parameters': seconds_each(lambda number: large(number=number), count),
        '41 parameters, all given': seconds_each(
            lambda number: large(number=number, **dict.fromkeys(names, number)), count
        ),
        'one made before': seconds_each(lambda number: small(number=0), count),
    }
    if side != 'luigi':
        holder = type(base)('Holder', (base,), {'task': nested(), 'number': luigi.IntParameter()})
        found['5 parameters, and the id'] = seconds_each(lambda number: small(number=number).make_unique_id(), count)
        found['task in a task, and the id'] = seconds_each(
            lambda number: holder(task=small(number=number), number=number).make_unique_id(), count
        )
    luigi.configuration.get_config().set('Small', 'p0', '7')
    found['5 parameters, one of the configuration'] = seconds_each(lambda number: small(number=number), count)
    return found


if __name__ == '__main__':
    answer(measure)
