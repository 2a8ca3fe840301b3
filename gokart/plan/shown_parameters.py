"""The parameters of a task as trees and tables show them."""

from __future__ import annotations

from typing import Any

import luigi

from gokart.parameter import TaskInstanceParameter
from gokart.parameter.shown import is_public
from gokart.task import TaskOnKart

_MASK = '***'


def shown_parameters(task: Any) -> dict[str, Any]:
    """Return the significant parameters of any task as strings, with stars for values that are not public."""
    texts: dict[str, Any] = task.get_info(only_significant=True) if isinstance(task, TaskOnKart) else _texts(task)
    secret = {name for name, parameter in task.get_params() if _is_secret(parameter, task.param_kwargs[name])}
    return {name: _MASK if name in secret else text for name, text in texts.items()}


def _texts(task: luigi.Task) -> dict[str, str]:
    return {
        name: parameter.serialize(task.param_kwargs[name])
        for name, parameter in task.get_params()
        if parameter.significant
    }


def _is_secret(parameter: luigi.Parameter[Any], value: Any) -> bool:
    # A TaskInstanceParameter shows class and id of its task, all others the parameters of the tasks in their value.
    return not is_public(parameter) or (not isinstance(parameter, TaskInstanceParameter) and _tell_secrets(value))


def _tell_secrets(value: Any) -> bool:
    tasks = [item for item in (value if isinstance(value, tuple) else (value,)) if isinstance(item, luigi.Task)]
    return any(
        not is_public(parameter) or _tell_secrets(task.param_kwargs[name])
        for task in tasks
        for name, parameter in task.get_params()
        if parameter.significant
    )
