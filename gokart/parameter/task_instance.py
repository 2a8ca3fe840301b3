"""Tasks as parameters of tasks."""

from __future__ import annotations

import json
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic

import luigi
from typing_extensions import TypeVar, Unpack

from gokart import _luigi
from gokart.errors import ParameterTypeError, ParameterValueError
from gokart.identity import has_identity
from gokart.parameter.shown import chainable, shown_class, shown_parameter, shown_value, unparsable
from gokart.parameter.task_text import EXAMPLE, parse_task, serialize_task

TaskT = TypeVar('TaskT', bound=luigi.Task, default=Any)


class TaskInstanceParameter(luigi.Parameter[TaskT], Generic[TaskT]):
    """A parameter whose value is a task, so that a task can be used on other inputs.

    Args:
        expected_type: class that the task must be an instance of. Default: any `TaskOnKart`.
        default: the task when none is given.
    """

    def __init__(
        self,
        expected_type: type[TaskT] | None = None,
        default: TaskT | _luigi.NoValue = _luigi.NO_VALUE,
        **kwargs: Unpack[_luigi.ParameterKwargs],
    ) -> None:
        self.expected_type = _checked_type('expected_type', expected_type)
        super().__init__(default, **kwargs)

    def parse(self, x: str) -> TaskT:
        """Make the task of its text.

        Raises:
            ParameterValueError: the text stands for no task that is known.
        """
        try:
            task: TaskT = _parse_as(self.expected_type, x)
        except ParameterValueError as error:
            expected = f'Write what serialize() of the parameter gives for a task, or plainly {EXAMPLE}.'
            raise unparsable(self, x, error, expected) from chainable(self, error)
        return task

    def serialize(self, x: TaskT) -> str:
        """Return the text of the task: its family and its significant parameters."""
        return serialize_task(x)

    def texts_within(self, x: str) -> list[str]:
        """Return the texts of tasks that `parse` is going to parse: `x` itself."""
        return [x]

    def cache_key(self, value: Any) -> Hashable:
        """Tell tasks that hold `value` apart by the very object: equal tasks may differ in insignificant parameters."""
        return SameObject(value)

    def _warn_on_wrong_param_type(self, param_name: str, param_value: Any) -> None:
        _check_task(self, self.expected_type, param_name, param_value)


# For type checkers the value is a list, as ever: projects return it where they promise a list of tasks.
class ListTaskInstanceParameter(luigi.Parameter['list[TaskT]'], Generic[TaskT]):
    """A parameter whose value is a tuple of tasks.

    Args:
        expected_elements_type: class that each task must be an instance of. Default: any `TaskOnKart`.
        default: the tasks when none are given.
    """

    def __init__(
        self,
        expected_elements_type: type[TaskT] | None = None,
        default: Sequence[TaskT] | _luigi.NoValue = _luigi.NO_VALUE,
        **kwargs: Unpack[_luigi.ParameterKwargs],
    ) -> None:
        self.expected_elements_type = _checked_type('expected_elements_type', expected_elements_type)
        super().__init__(default, **kwargs)  # type: ignore[arg-type]  # normalize makes it a tuple

    if TYPE_CHECKING:

        def __set__(self, instance: Any, value: Collection[TaskT]) -> None: ...

    def parse(self, x: str) -> list[TaskT]:  # a list, as ever; normalize makes it a tuple
        """Make the tasks of the JSON list of their texts.

        Raises:
            ParameterValueError: the text is no such list, or an element stands for no task that is known.
        """
        try:
            return [_parse_as(self.expected_elements_type, text) for text in _elements(x)]
        except ParameterValueError as error:
            expected = f'Write a JSON list of texts of tasks, or plainly [{EXAMPLE}].'
            raise unparsable(self, x, error, expected) from chainable(self, error)

    def serialize(self, x: Iterable[TaskT]) -> str:
        """Return the JSON list of the texts of the tasks."""
        return json.dumps([serialize_task(task) for task in x])

    def normalize(self, x: Any) -> Any:
        """Make a tuple of the tasks; those of a set are put into the order of their texts, the same in each process."""
        if isinstance(x, (set, frozenset)):
            return tuple(sorted(x, key=serialize_task))
        if isinstance(x, (str, bytes, Mapping, Iterator)) or not isinstance(x, Iterable):
            return x  # refused when the task is made; an iterator, since values are looked at more than once
        return tuple(x)

    def texts_within(self, x: str) -> list[str]:
        """Return the texts of tasks that `parse` is going to parse; none if `x` is no list."""
        try:
            return _elements(x)
        except ParameterValueError:
            return []

    def cache_key(self, value: Any) -> Hashable:
        """Tell tasks that hold `value` apart by the very elements."""
        return tuple(map(SameObject, value)) if isinstance(value, tuple) else SameObject(value)

    def _warn_on_wrong_param_type(self, param_name: str, param_value: Any) -> None:
        if not isinstance(param_value, tuple):
            raise ParameterTypeError(
                f'The {shown_parameter(self, param_name)} takes a list of tasks, but was given '
                f'{_found(self, param_value)}.'
            )
        for position, value in enumerate(param_value):
            _check_task(self, self.expected_elements_type, f'{param_name}[{position}]', value)


class SameObject:
    """A key that equals that of the same object only, and keeps the object alive."""

    __slots__ = ('value',)

    def __init__(self, value: object) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SameObject) and self.value is other.value

    def __hash__(self) -> int:
        return id(self.value)


def _parse_as(expected: type[TaskT] | None, text: str) -> TaskT:
    task: Any = parse_task(text)
    if expected is not None and not _is_of(task, expected):
        raise ParameterValueError(f'it stands for a task of {shown_class(type(task))}, not of {shown_class(expected)}')
    return task  # type: ignore[no-any-return]


def _elements(text: str) -> list[str]:
    try:
        elements = json.loads(text)
    except (ValueError, TypeError) as error:
        raise ParameterValueError(f'it is no JSON ({error})') from error
    if not isinstance(elements, list):
        raise ParameterValueError('it is no JSON list')
    return [element if isinstance(element, str) else json.dumps(element) for element in elements]


def _checked_type(argument: str, value: Any) -> Any:
    if value is not None and not isinstance(value, type):
        raise ParameterTypeError(
            f'{argument} must be a class of tasks, but an object of {shown_class(type(value))} was given.'
        )
    return value


def _check_task(parameter: luigi.Parameter[Any], expected: type | None, name: str, value: Any) -> None:
    if has_identity(value) and isinstance(value, luigi.Task) if expected is None else _is_of(value, expected):
        return
    wanted = 'gokart.TaskOnKart' if expected is None else shown_class(expected)
    raise ParameterTypeError(
        f'The {shown_parameter(parameter, name)} takes an instance of {wanted}, '
        f'but was given {_found(parameter, value)}.'
    )


def _is_of(value: Any, expected: type) -> bool:
    """Whether `value` is of the class, or of another definition of it, as after a cell of a notebook ran once more."""
    name = expected.__module__, expected.__qualname__
    return isinstance(value, expected) or name in [(base.__module__, base.__qualname__) for base in type(value).__mro__]


def _found(parameter: luigi.Parameter[Any], value: Any) -> str:
    if isinstance(value, type):
        return f'the class {shown_class(value)} itself; call it to make a task'
    if isinstance(value, luigi.Task):
        return f'a task of {shown_class(type(value))}'
    if isinstance(value, str):
        return f'the string {shown_value(parameter, value)}; a text becomes a task by parse() of the parameter'
    return f'an object of {shown_class(type(value))}'
