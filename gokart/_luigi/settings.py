"""Luigi's private names for configuration, command line and logging."""

from __future__ import annotations

import os
from collections.abc import Container, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import luigi
from luigi import configuration
from luigi.cmdline_parser import CmdlineParser
from luigi.configuration import LuigiConfigParser
from luigi.setup_logging import InterfaceLogging
from luigi.task_register import Register


def command_line_names(family: str, names: Iterable[str]) -> list[str]:
    """Return those of the parameters `names` that the command line that is being run gives to tasks of `family`."""
    parser = CmdlineParser.get_instance()
    if parser is None:
        return []
    arguments = vars(parser.known_args)
    return [name for name in names if arguments.get(f'{family}_{name}')]


def has_unknown_option(task_class: type[luigi.Task], options: Iterable[str], names: Container[str]) -> bool:
    """Whether one of `options`, of the section of `task_class`, is none of `names` and not warned of by Luigi yet."""
    unknown = [name for option in options if (name := option.replace('-', '_')) not in names]
    if not unknown:
        return False
    warned: Container[str] = getattr(task_class, '_unconsumed_params', ())
    ignored: Container[str] = getattr(task_class, 'ignore_unconsumed', ())
    family = task_class.get_task_family()
    return any(name not in ignored and f'{family}_{name}' not in warned for name in unknown)


def has_section(name: str) -> bool:
    """Whether the configuration that is in use has the section `name`."""
    return name in _sections()


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
    config: Any = configuration.get_config()
    own: Mapping[str, Any] | None = _sections(config).get(section)
    if own is None:
        return {}
    defaults = config.defaults() if hasattr(config, 'defaults') else {}
    return {**defaults, **own} if defaults else own


def _sections(config: Any = None) -> Mapping[str, Any]:
    if config is None:  # what a test suite put in its place may be an empty dict
        config = configuration.get_config()
    if isinstance(config, LuigiConfigParser):
        sections: Mapping[str, Any] = vars(config)['_sections']
    else:
        # That of a TOML file has `data`. Test suites put plain dicts in its place.
        sections = getattr(config, 'data', config)
    return sections


def configured_options() -> list[dict[str, Any]]:
    """Return the options of all sections as they are written, and those of ``[DEFAULT]``."""
    sections = {section: dict(options) for section, options in _sections().items()}
    return [sections, dict(configuration.get_config().defaults() or {})]


def workers_are_configured() -> bool:
    """Whether the command line or the configuration says how many tasks may run at a time."""
    return bool(command_line_names('core', ['workers'])) or 'workers' in all_options('core')


def remember_config_path(path: str) -> None:
    """Let Luigi read the file again, as the last one, when it reloads its configuration."""
    paths: list[str] = configuration.get_config()._config_paths
    if path in paths:
        paths.remove(path)
    paths.append(path)


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
    """Make `config` the configuration, also where the environment asks for another kind of file."""
    kind = next((kind for kind, parser in configuration.core.PARSERS.items() if parser is type(config)), None)
    if kind is not None and type(configuration.get_config()) is not type(config):
        os.environ['LUIGI_CONFIG_PARSER'] = kind
    type(config)._instance = config


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
