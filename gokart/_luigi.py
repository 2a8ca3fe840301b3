"""The one module that touches Luigi's private names, so that a change of Luigi's is mended in one place."""

from __future__ import annotations

import os
from collections.abc import Container, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, TypeAlias

import luigi
from luigi import configuration, execution_summary, lock
from luigi.cmdline_parser import CmdlineParser
from luigi.configuration import LuigiConfigParser
from luigi.parameter import _no_value, _NoValueType, _ParameterKwargs
from luigi.setup_logging import InterfaceLogging
from luigi.task_register import Register
from luigi.worker import Worker, _get_retry_policy_dict, _is_external

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


NoValue: TypeAlias = _NoValueType
NO_VALUE: Final = _no_value
"""What Luigi takes for "no default"."""
ParameterKwargs: TypeAlias = _ParameterKwargs
"""The keyword arguments that every parameter takes."""


def instance_cache() -> dict[Any, Any] | None:
    """Return Luigi's cache of task instances; None if it was disabled."""
    cache: dict[Any, Any] | None = Register._Register__instance_cache  # type: ignore[attr-defined]
    return cache


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


def command_line_names(family: str, names: Iterable[str]) -> list[str]:
    """Return those of the parameters `names` that the command line that is being run gives to tasks of `family`."""
    parser = CmdlineParser.get_instance()
    if parser is None:
        return []
    arguments = vars(parser.known_args)
    return [name for name in names if arguments.get(f'{family}_{name}')]


def has_unknown_option(task_class: type[luigi.Task], names: Container[str]) -> bool:
    """Whether the section of `task_class` has an option of another name, of which Luigi has not warned yet."""
    family = task_class.get_task_family()
    options = all_options(family)
    unknown = [name for option in options if (name := option.replace('-', '_')) not in names]
    if not unknown:
        return False
    warned: Container[str] = getattr(task_class, '_unconsumed_params', ())
    ignored: Container[str] = getattr(task_class, 'ignore_unconsumed', ())
    return any(name not in ignored and f'{family}_{name}' not in warned for name in unknown)


def has_section(name: str) -> bool:
    """Whether the configuration that is in use has the section `name`."""
    return name in _sections()


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


def command_line_text(parameter: luigi.Parameter[Any], family: str, name: str) -> Any:
    """Return what the command line that is being run gives the parameter for tasks of `family`; None if nothing."""
    parser = CmdlineParser.get_instance()
    if parser is None:
        return None
    return getattr(parser.known_args, parameter._parser_global_dest(name, family), None) or None


def config_path(parameter: luigi.Parameter[Any]) -> tuple[str, str] | None:
    """Return section and option that the parameter reads besides its task's section."""
    path = parameter._config_path
    return None if path is None else (path['section'], path['name'])


def own_options(section: str) -> Mapping[str, Any]:
    """Return the options of a section as they are written, without those of ``[DEFAULT]``."""
    options: Mapping[str, Any] = _sections().get(section, {})
    return options


def all_options(section: str) -> Mapping[str, Any]:
    """Return the options of a section as they are written, with those of ``[DEFAULT]``; none if there is no section."""
    own: Mapping[str, Any] | None = _sections().get(section)
    if own is None:
        return {}
    defaults = configuration.get_config().defaults()
    return {**defaults, **own} if defaults else own


def _sections() -> Mapping[str, Any]:
    config = configuration.get_config()
    sections: Mapping[str, Any] = vars(config)['_sections'] if isinstance(config, LuigiConfigParser) else config.data
    return sections


def remember_config_path(path: str) -> None:
    """Let Luigi read the file again, as the last one, when it reloads its configuration."""
    paths: list[str] = configuration.get_config()._config_paths
    if path in paths:
        paths.remove(path)
    paths.append(path)


def is_external(task: luigi.Task) -> bool:
    """Whether the task has no body: somebody else makes its output."""
    return bool(_is_external(task))


def retry_policy(task: luigi.Task) -> dict[str, Any]:
    """Return how the scheduler treats failures of the task."""
    policy: dict[str, Any] = _get_retry_policy_dict(task)
    return policy


def history(worker: Worker) -> Iterable[tuple[luigi.Task, str]]:
    """Return each task whose status the worker told the scheduler, with that status, oldest first."""
    return [(task, status) for task, status, _ in worker._add_task_history]


def tasks_run_elsewhere(worker: Worker) -> set[luigi.Task]:
    """Return the tasks of the worker that other workers were running when it asked for work."""
    tasks: set[luigi.Task] = execution_summary._get_run_by_other_worker(worker)
    return tasks


def logging_is_configured() -> bool:
    """Whether Luigi has set up its logging, which it does once a process."""
    return InterfaceLogging._configured


def logging_is_left_to_user() -> bool:
    """Whether the configuration tells Luigi how, or not at all, to set up logging."""
    config = configuration.get_config()
    parser = CmdlineParser.get_instance()
    from_file = config.get('core', 'logging_conf_file', '') or getattr(
        parser and parser.known_args, 'core_logging_conf_file', None
    )
    return bool(from_file or config.getboolean('core', 'no_configure_logging', False) or has_section('logging'))


def set_logging_configured(configured: bool) -> None:
    """Let Luigi take its logging for set up, or not."""
    InterfaceLogging._configured = configured


def use_command_line(parser: CmdlineParser | None) -> None:
    """Take parameters from `parser`, in a process that was started for one task."""
    CmdlineParser._instance = parser


def use_configuration(config: Any) -> None:
    """Make `config` the configuration, in a process that was started for one task."""
    type(config)._instance = config


def set_default(parameter: luigi.Parameter[Any], default: Any) -> None:
    """Replace the default of a parameter; `NO_VALUE` takes it away."""
    parameter._default = default


def valued_option(name: str, family: str | None) -> dict[str, Any]:
    """Return what ``argparse`` needs for an option whose value is written out, of the root task or of `family`."""
    options: dict[str, Any] = luigi.Parameter._parser_kwargs(name, family)
    return options


def release_process_lock(directory: str) -> None:
    """Give back the lock that Luigi takes for each run of a command and keeps until the process ends."""
    process_id, _, path = lock.get_info(directory)
    processes = lock._read_pids_file(path)
    if process_id in processes:
        lock._write_pids_file(path, processes - {process_id})


@contextmanager
def isolated() -> Iterator[LuigiConfigParser]:
    """Use an empty configuration while the block lasts, and put back configuration, command line, register and caches.

    Yields:
        The configuration.
    """
    configuration_before = LuigiConfigParser._instance, LuigiConfigParser._config_paths
    command_line_before, register_before = CmdlineParser._instance, list(Register._reg)
    parser_before = os.environ.pop('LUIGI_CONFIG_PARSER', None)  # the name of the kind of file that Luigi reads
    empty: Any = LuigiConfigParser()
    LuigiConfigParser._instance, LuigiConfigParser._config_paths = empty, []
    CmdlineParser._instance = None
    Register.clear_instance_cache()
    try:
        yield empty
    finally:
        LuigiConfigParser._instance, LuigiConfigParser._config_paths = configuration_before
        CmdlineParser._instance = command_line_before
        Register._reg[:] = register_before
        Register.clear_instance_cache()
        if parser_before is not None:
            os.environ['LUIGI_CONFIG_PARSER'] = parser_before
