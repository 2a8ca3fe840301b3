"""The one module that touches Luigi's private names, so that a change of Luigi's is mended in one place."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import luigi
from luigi import configuration
from luigi.cmdline_parser import CmdlineParser
from luigi.parameter import _no_value
from luigi.task_register import Register

# Methods by which a parameter finds its value; where a class overrides one, its default is not a constant.
_RESOLVING_METHODS = ('has_task_value', 'task_value', '_get_value', '_value_iterator', '_get_value_from_config')

# What the worker and `luigi.Task.__init__` put on an instance that means nothing in another process.
_PROCESS_BOUND_ATTRIBUTES = (
    '_Task__hash',
    'set_tracking_url',
    'set_status_message',
    'set_progress_percentage',
    'decrease_running_resources',
    'scheduler_messages',
)


def instance_cache() -> dict[Any, Any] | None:
    """Return Luigi's cache of task instances; None if it was disabled."""
    cache: dict[Any, Any] | None = Register._Register__instance_cache  # type: ignore[attr-defined]
    return cache


def declaration_order(parameter: luigi.Parameter[Any]) -> int:
    """Return the number by which Luigi orders the parameters of a task."""
    return parameter._counter


def has_config_path(parameter: luigi.Parameter[Any]) -> bool:
    """Whether the parameter reads another section of the configuration than its task's."""
    return parameter._config_path is not None


def constant_default(parameter: luigi.Parameter[Any]) -> tuple[Any, ...]:
    """Return the default in a tuple of one, or an empty tuple if there is none or it is computed at each look."""
    cls = type(parameter)
    if any(getattr(cls, name) is not getattr(luigi.Parameter, name) for name in _RESOLVING_METHODS):
        return ()
    return () if parameter._default is _no_value else (parameter._default,)


def is_batchable(parameter: luigi.Parameter[Any]) -> bool:
    """Whether the parameter's values can be combined for a batch of tasks."""
    return bool(parameter._is_batchable())


def command_line_sets(family: str, names: Iterable[str]) -> bool:
    """Whether the command line that is being run gives one of the parameters `names` to tasks of `family`."""
    parser = CmdlineParser.get_instance()
    if parser is None:
        return False
    arguments = vars(parser.known_args)
    return any(arguments.get(f'{family}_{name}') for name in names)


def has_section(name: str) -> bool:
    """Whether the configuration that is in use has the section `name`."""
    config = configuration.get_config()
    # Luigi's parser of toml keeps its sections in `data`.
    return bool(config.has_section(name)) or name in getattr(config, 'data', ())


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
