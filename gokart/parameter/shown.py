"""How parameters and their values read in errors; a value that is not public is not shown."""

from __future__ import annotations

import reprlib
from typing import Any

import luigi
from luigi.parameter import ParameterVisibility

from gokart import _luigi
from gokart.errors import ParameterValueError

_abbreviation = reprlib.Repr()
_abbreviation.maxstring = _abbreviation.maxother = 200


def is_public(parameter: luigi.Parameter[Any]) -> bool:
    """Whether messages may show values of the parameter."""
    return parameter.visibility == ParameterVisibility.PUBLIC


def shown_value(parameter: luigi.Parameter[Any], value: Any) -> str:
    """Return the representation of `value`, at most about 200 characters; stars if the parameter is not public."""
    return _abbreviation.repr(value) if is_public(parameter) else '***'


def shown_parameter(parameter: luigi.Parameter[Any], name: str | None = None) -> str:
    """Name the parameter, as far as known: ``parameter 'task' (TaskInstanceParameter)``."""
    kind = type(parameter).__name__
    name = name or _luigi.attribute_name(parameter)
    return kind if name is None else f"parameter '{name}' ({kind})"


def shown_class(cls: type) -> str:
    """Name a class with its module."""
    return cls.__qualname__ if cls.__module__ == 'builtins' else f'{cls.__module__}.{cls.__qualname__}'


def shown_cause(parameter: luigi.Parameter[Any], cause: BaseException) -> str:
    """Say what went wrong; of a parameter that is not public only the kind of error, as its text may hold the value."""
    kind = type(cause).__name__
    if not is_public(parameter):
        return kind
    return str(cause) if isinstance(cause, ParameterValueError) else f'{kind}: {cause}'


def chainable(parameter: luigi.Parameter[Any], cause: Exception) -> Exception | None:
    """Return what an error about a value of the parameter may be raised from."""
    return cause if is_public(parameter) else None


def unparsable(parameter: luigi.Parameter[Any], text: Any, cause: Exception, expected: str) -> ParameterValueError:
    """Make the error of a text that does not parse; raise it from `chainable`.

    Args:
        parameter: what was to parse.
        text: what was given.
        cause: what went wrong.
        expected: a sentence that says how a text that parses looks.
    """
    return ParameterValueError(
        f'The {shown_parameter(parameter)} cannot be made of {shown_value(parameter, text)}: '
        f'{shown_cause(parameter, cause)}. {expected}'
    )
