"""Tasks that take parameters from a `luigi.Config` where nothing nearer gives them."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import luigi

from gokart.config.lookup import OwnPlaces, explained_lookup
from gokart.errors import ParameterTypeError, ParameterValueError
from gokart.parameter.shown import shown_class

_INHERITED = '_inherited_configs'


@dataclass(frozen=True, slots=True)
class _InheritedConfig:
    config_class: type[luigi.Task]
    sources: Mapping[str, str]
    """Parameter of the config by parameter of the task."""


def inherits_config_params(
    config_class: type[luigi.Config], parameter_alias: Mapping[str, str] | None = None
) -> Callable[[type[luigi.Task]], Any]:  # Any, so that type checkers let calls leave out what the config gives
    """Let the parameters of a config fill those of the same name of the decorated task class and its subclasses.

    The config is read when a task is made. Given parameters, the command line and the section of the task's own family
    are nearer; the section ``[TaskOnKart]`` and defaults are farther. Of several configs the outermost decorator wins,
    and one of a subclass wins over those of its bases.

    Args:
        config_class: the config.
        parameter_alias: name in the task by name in the config, for parameters whose names differ.

    Raises:
        ParameterTypeError: `config_class` is no class of configs.
        ParameterValueError: the config has no parameter that `parameter_alias` names.
    """
    inherited = _inherited_config(config_class, parameter_alias or {})

    def decorate(task_class: type[luigi.Task]) -> type[luigi.Task]:
        _warn_of_unknown_aliases(task_class, inherited, parameter_alias or {})
        if not hasattr(task_class, _INHERITED):
            _consult_configs(task_class)
        setattr(task_class, _INHERITED, (inherited, *vars(task_class).get(_INHERITED, ())))
        return task_class

    return decorate


def inherited_values(
    task_class: type[luigi.Task], given: Container[str], params: Mapping[str, luigi.Parameter[Any]]
) -> dict[str, Any]:
    """Return the values that configs give parameters of `task_class`, where nothing nearer gives them.

    Args:
        task_class: class of the task that is made.
        given: names of the parameters that need no value.
        params: parameters of the class by name.
    """
    places = OwnPlaces(task_class.get_task_family())
    values: dict[str, Any] = {}
    for inherited in _inherited_configs(task_class):
        wanted = {
            name: source
            for name, source in inherited.sources.items()
            if name in params and name not in given and name not in values and places.find(params[name], name) is None
        }
        if wanted:
            config = _read(inherited.config_class)
            values.update({name: getattr(config, source) for name, source in wanted.items()})
    return values


def _inherited_configs(task_class: type[luigi.Task]) -> Iterator[_InheritedConfig]:
    for base in task_class.__mro__:
        yield from vars(base).get(_INHERITED, ())


def _read(config_class: type[luigi.Task]) -> luigi.Task:
    with explained_lookup(config_class, given=()):
        return config_class()


def _inherited_config(config_class: Any, parameter_alias: Mapping[str, str]) -> _InheritedConfig:
    if not (inspect.isclass(config_class) and issubclass(config_class, luigi.Task)):
        raise ParameterTypeError(
            f'inherits_config_params() takes a subclass of luigi.Config, but was given {config_class!r}.'
        )
    names = config_class.get_param_names(include_significant=True)
    unknown = sorted(parameter_alias.keys() - set(names))
    if unknown:
        raise ParameterValueError(
            f'parameter_alias names {unknown}, but {shown_class(config_class)} has only the parameters {names}. '
            'It maps names in the config to names in the task.'
        )
    sources = {name: name for name in names if name not in parameter_alias}
    return _InheritedConfig(config_class, {**sources, **{name: source for source, name in parameter_alias.items()}})


def _warn_of_unknown_aliases(
    task_class: type[luigi.Task], inherited: _InheritedConfig, parameter_alias: Mapping[str, str]
) -> None:
    unknown = sorted(set(parameter_alias.values()) - set(task_class.get_param_names(include_significant=True)))
    if unknown:
        warnings.warn(
            f'parameter_alias of {shown_class(inherited.config_class)} names {unknown}, '
            f'but {shown_class(task_class)} has no such parameter.',
            UserWarning,
            stacklevel=4,
        )


def _consult_configs(task_class: type[luigi.Task]) -> None:
    """Let `task_class` look at its configs whenever parameters of a task are looked up."""
    look_up = task_class.get_param_values.__func__  # type: ignore[attr-defined]

    def get_param_values(cls: Any, params: Any, args: Any, kwargs: Mapping[str, Any]) -> list[tuple[str, Any]]:
        by_position = [name for name, parameter in params if parameter.positional][: len(args)]
        values = inherited_values(cls, {*by_position, *kwargs}, dict(params))
        found: list[tuple[str, Any]] = look_up(cls, params, args, {**values, **kwargs})
        return found

    task_class.get_param_values = classmethod(get_param_values)  # type: ignore[assignment]
