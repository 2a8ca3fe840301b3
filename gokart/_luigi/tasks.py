"""Luigi's private names for tasks, their parameters, their register and the cache of instances."""

from __future__ import annotations

import weakref
from collections.abc import MutableMapping
from typing import Any, Final, TypeAlias

import luigi
from luigi.parameter import _no_value, _NoValueType, _ParameterKwargs
from luigi.task_register import Register

# Methods by which a parameter finds its value; where a class overrides one, its default is not a constant.
_RESOLVING_METHODS = ('has_task_value', 'task_value', '_get_value', '_value_iterator', '_get_value_from_config')

KEPT_REQUIREMENTS: Final = '_gokart_kept_requirements'
"""The attribute by which a task keeps its requirements alive."""

# What is put on an instance that means nothing in another process.
_PROCESS_BOUND_ATTRIBUTES = (
    KEPT_REQUIREMENTS,
    '_Task__hash',
    'set_tracking_url',
    'set_status_message',
    'set_progress_percentage',
    'decrease_running_resources',
    'scheduler_messages',
)


NoValue: TypeAlias = _NoValueType
NO_VALUE: Final = _no_value
"""What Luigi takes for "no default"."""
ParameterKwargs: TypeAlias = _ParameterKwargs
"""The keyword arguments that every parameter takes."""


class _Instances:
    """The instances that somebody holds, as long as Luigi's cache is the one of `luigis`."""

    def __init__(self, luigis: object) -> None:
        self.luigis = luigis
        self.by_key: MutableMapping[Any, Any] = weakref.WeakValueDictionary()


_instances = _Instances(None)


def instance_cache() -> MutableMapping[Any, Any] | None:
    """Return a cache of task instances that is emptied when Luigi's is; None if that was disabled.

    Luigi's keeps each task for ever, and so the memory of a process that builds again and again grows. This one keeps
    those that somebody holds.
    """
    global _instances
    luigis = Register._Register__instance_cache  # type: ignore[attr-defined]
    if luigis is None:
        return None
    if _instances.luigis is not luigis:
        _instances = _Instances(luigis)
    return _instances.by_key


def forget_earlier_definitions(task_class: Any, metaclass: type[Register]) -> None:
    """Drop classes made by `metaclass` that have the family of `task_class` from the register."""
    register: list[Any] = Register._reg
    register[:] = [other for other in register if other is task_class or not _is_namesake(other, task_class, metaclass)]


def _is_namesake(other: Any, task_class: Any, metaclass: type[Register]) -> bool:
    same_name = other.__name__ == task_class.__name__ and isinstance(other, metaclass)
    return same_name and bool(other.task_family == task_class.task_family)


def declaration_order(parameter: luigi.Parameter[Any]) -> int:
    """Return the number by which Luigi orders the parameters of a task."""
    return parameter._counter


def has_moving_default(parameter: luigi.Parameter[Any]) -> bool:
    """Whether the default is computed at each look, or may stand in a section of another name."""
    return parameter._config_path is not None or _overrides_resolution(parameter)


def constant_default(parameter: luigi.Parameter[Any]) -> tuple[Any, ...]:
    """Return the default in a tuple of one, or an empty tuple if there is none or it is computed at each look."""
    if _overrides_resolution(parameter) or parameter._default is _no_value:
        return ()
    return (parameter._default,)


def _overrides_resolution(parameter: luigi.Parameter[Any]) -> bool:
    cls = type(parameter)
    return any(getattr(cls, name) is not getattr(luigi.Parameter, name) for name in _RESOLVING_METHODS)


def is_batchable(parameter: luigi.Parameter[Any]) -> bool:
    """Whether the parameter's values can be combined for a batch of tasks."""
    return bool(parameter._is_batchable())


def portable_state(task: luigi.Task) -> dict[str, Any]:
    """Return the attributes of `task` that another process can use."""
    return {name: value for name, value in vars(task).items() if name not in _PROCESS_BOUND_ATTRIBUTES}


def restore_state(task: luigi.Task, state: dict[str, Any]) -> None:
    """Give `task` the attributes that `portable_state` returned, perhaps in another process."""
    vars(task).update(state)
    # A hash of a string differs between processes, so it is made anew.
    vars(task)['_Task__hash'] = hash(state['task_id'])
    task.set_tracking_url = None
    task.set_status_message = None
    task.set_progress_percentage = None


def attribute_name(parameter: luigi.Parameter[Any]) -> str | None:
    """Return the name under which a class declares the parameter; None if no class does."""
    name: str | None = getattr(parameter, '_attribute_name', None)
    return name


def task_classes() -> list[type[luigi.Task]]:
    """Return all classes of tasks that Luigi knows by family, in the order of their definition."""
    return [cls for cls in Register._reg if cls._visible_in_registry]


def set_default(parameter: luigi.Parameter[Any], default: Any) -> None:
    """Replace the default of a parameter; `NO_VALUE` takes it away."""
    parameter._default = default


def valued_option(name: str, family: str | None) -> dict[str, Any]:
    """Return what ``argparse`` needs for an option whose value is written out, of the root task or of `family`."""
    options: dict[str, Any] = luigi.Parameter._parser_kwargs(name, family)
    return options
