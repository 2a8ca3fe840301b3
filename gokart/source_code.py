"""The source code of a task: what ``serialized_task_definition_check`` adds to the unique id."""

from __future__ import annotations

import inspect
from typing import Any

from gokart.errors import TaskDefinitionError


def source_codes(owner: Any) -> set[str]:
    """Return the source text of each function that is an attribute of `owner`, a class or an instance of one.

    Raises:
        TaskDefinitionError: the source of a function is not to be had.
    """
    cls = owner if isinstance(owner, type) else type(owner)
    # Not the attributes of the instance: that would evaluate its properties.
    functions = dict(inspect.getmembers(cls, _has_source))
    if cls is not owner:
        functions.update({name: value for name, value in vars(owner).items() if _has_source(value)})
    return {_source(cls, name, function) for name, function in functions.items()}


def _has_source(value: object) -> bool:
    return inspect.isfunction(value) or inspect.ismethod(value)


def _source(cls: type, name: str, function: Any) -> str:
    try:
        return inspect.getsource(function)
    except (OSError, TypeError) as error:
        raise TaskDefinitionError(
            f'{cls.__qualname__} has serialized_task_definition_check=True, but the source code of {name}() is not '
            f'to be had ({error}). Define the task in a file or a notebook cell, or switch the check off.'
        ) from error
