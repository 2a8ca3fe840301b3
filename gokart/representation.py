"""How a task reads in messages: ``Namespace.Class[id](a=1, task=Namespace.Sub(id))``."""

from __future__ import annotations

from typing import Any

import luigi

from gokart.identity import has_identity
from gokart.parameter.shown import is_public


def represent(task: Any, only_public: bool) -> str:
    """Name `task` by family, unique id and significant parameters.

    Args:
        task: the task.
        only_public: whether to leave parameters out that are private or hidden.
    """
    return f'{task.get_task_family()}[{_id_or_mark(task)}]({_significant(task, only_public)})'


def label(task: luigi.Task) -> str:
    """Name any task for messages, also a plain one of Luigi's: without private and hidden values."""
    return str(task) if has_identity(task) else f'{task.get_task_family()}({_significant(task, only_public=True)})'


def _significant(task: Any, only_public: bool) -> str:
    return ', '.join(
        f'{name}={_represent_value(parameter, task.param_kwargs[name])}'
        for name, parameter in task.get_params()
        if parameter.significant and (is_public(parameter) or not only_public)
    )


def _represent_value(parameter: luigi.Parameter[Any], value: Any) -> str:
    if has_identity(value):
        return f'{type(value).task_family}({_id_or_mark(value)})'
    if isinstance(value, (list, tuple)) and value and all(map(has_identity, value)):
        return f'[{", ".join(_represent_value(parameter, item) for item in value)}]'
    return str(parameter.serialize(value))


def _id_or_mark(task: Any) -> str:
    # A task is named in the message of the very error that keeps its id from being computed.
    try:
        return str(task.make_unique_id())
    except Exception:
        return '?'
