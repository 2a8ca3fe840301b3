"""Parameters that a build gives to tasks anywhere in its graph, as options of a command line would."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import luigi
from luigi.task_register import Register, TaskClassException

from gokart.errors import ParameterTypeError, ParameterValueError
from gokart.walk import bottom_up

InjectedParameters: TypeAlias = 'Mapping[str | type[luigi.Task], Mapping[str, Any]]'


@dataclass(frozen=True, slots=True)
class Injection:
    """What one build injects."""

    values: Mapping[str, Mapping[str, Any]]
    """Family → name of a parameter → value."""
    instances: dict[Any, Any] = field(default_factory=dict)
    """The tasks of this build: instances made without its parameters remember other ids and requirements."""

    def __reduce__(self) -> Any:
        return Injection, (self.values,)


_of_build: ContextVar[Injection | None] = ContextVar('injection_of_build', default=None)


def current_injection() -> Injection | None:
    """Return what the running build injects; None if it injects nothing, and outside of builds."""
    return _of_build.get()


@contextmanager
def injecting(injection: Injection | None) -> Iterator[None]:
    """Give parameters to the tasks that are made while the block lasts, in a process of the build, too."""
    token = _of_build.set(injection)
    try:
        yield
    finally:
        _of_build.reset(token)


def injection_of(params: InjectedParameters) -> Injection | None:
    """Check `params`, given by family or class; None if there are none.

    Raises:
        ParameterTypeError: `params` is no dict of dicts.
        ParameterValueError: there is no such task class, or it has no such parameter.
    """
    values: dict[str, dict[str, Any]] = {}
    _check_mapping('params', params)
    for key, given in params.items():
        _check_mapping(f'params[{key!r}]', given)
        task_class = key if isinstance(key, type) else _class_of(key)
        known = _parameters_of(task_class, key)
        unknown = sorted(given.keys() - known)
        if unknown:
            raise ParameterValueError(
                f'params of build(): {task_class.get_task_family()} has no parameter {", ".join(map(repr, unknown))}. '
                f'It has {", ".join(sorted(known))}.'
            )
        values.setdefault(task_class.get_task_family(), {}).update(given)
    return Injection(values) if values else None


def remade(task: Any) -> Any:
    """Make `task`, and the tasks that are its parameters, again with what the running build injects into them."""
    injection = current_injection()
    if injection is None:
        return task
    again: dict[int, Any] = {}
    for node in bottom_up(task, _task_values):
        if _takes_injection(type(node)):
            given = {name: _replaced(value, again) for name, value in node.param_kwargs.items()}
            again[id(node)] = type(node)(**{**given, **injection.values.get(node.get_task_family(), {})})
    return again.get(id(task), task)


def _check_mapping(name: str, value: Any) -> None:
    if not isinstance(value, Mapping):
        raise ParameterTypeError(
            f'{name} of build() must be a dict, such as {{"namespace.Name": {{"size": 3}}}}, but is of type '
            f'{type(value).__name__}.'
        )


def _class_of(family: str) -> type[luigi.Task]:
    try:
        found: type[luigi.Task] = Register.get_task_cls(family)
    except TaskClassException as error:
        raise ParameterValueError(
            f'params of build(): there is no task class {family!r}. Write the name with its namespace, as in '
            f'"namespace.Name", and import the module of the class before. Luigi says: {error}'
        ) from error
    return found


def _parameters_of(task_class: type[luigi.Task], key: Any) -> set[str]:
    if not _takes_injection(task_class):
        raise ParameterValueError(
            f'params of build(): {key!r} is no TaskOnKart. Give the parameters of plain Luigi tasks and of '
            'configurations in their sections of the configuration.'
        )
    return {name for name, _ in task_class.get_params()}


def _takes_injection(task_class: type) -> bool:
    return hasattr(task_class, 'parameter_table')


def _task_values(task: Any) -> list[Any]:
    values = getattr(task, 'param_kwargs', {}).values()
    return [item for value in values for item in _items(value) if isinstance(item, luigi.Task)]


def _items(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


def _replaced(value: Any, again: Mapping[int, Any]) -> Any:
    if type(value) is tuple:
        return tuple(again.get(id(item), item) for item in value)
    return again.get(id(value), value)
