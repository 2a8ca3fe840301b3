"""Which variable it is that keeps a class from going to other processes with its definition."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from types import FunctionType
from typing import Any

from gokart.running.engines.portable import dumps


def unportable_variable(task_class: type) -> tuple[str, str] | None:
    """Return the name of a variable that cannot be pickled, and that of the method that uses it; None if none is seen.

    Looks at the globals and the variables around of the methods that go along with their definition.
    """
    for function in _functions_that_go_along(task_class):
        for name, value in _variables_of(function).items():
            if not _is_portable(value):
                return name, f'{task_class.__name__}.{function.__name__}'
    return None


def _functions_that_go_along(task_class: type) -> Iterator[FunctionType]:
    for owner in task_class.__mro__:
        if owner.__module__ == '__main__' or '<locals>' in owner.__qualname__:
            for value in vars(owner).values():
                function = value.fget if isinstance(value, property) else getattr(value, '__func__', value)
                if isinstance(function, FunctionType):
                    yield function


def _variables_of(function: FunctionType) -> dict[str, Any]:
    try:
        found = inspect.getclosurevars(function)
    except ValueError:  # a variable around has no value yet
        return {}
    return {**found.globals, **found.nonlocals}


def _is_portable(value: Any) -> bool:
    try:
        dumps(value)
    except Exception:
        return False
    return True
