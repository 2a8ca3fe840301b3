"""The parameters of a task class: found once, and looked up for a new task only where something may give them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import luigi
from luigi.parameter import ParameterVisibility

from gokart import _luigi


@dataclass(frozen=True, slots=True)
class ParameterTable:
    """What the parameters of one class come to as long as nobody sets them by section or command line."""

    parameters: tuple[tuple[str, luigi.Parameter[Any]], ...]
    """Names and parameters in the order of their declaration."""
    by_name: Mapping[str, luigi.Parameter[Any]]
    defaults: Mapping[str, Any]
    """The values of the parameters whose default is a constant."""
    raw_defaults: Mapping[str, Any]
    """Constant defaults of parameters with a `normalize` of the user's, which may answer otherwise each time."""
    private: tuple[str, ...]
    """Names of the significant parameters that are private: no id and no message shows their values."""
    keyed: frozenset[str]
    """Names of the parameters that say themselves by what their values are told apart."""
    batchable: tuple[str, ...]
    """Names of the parameters whose values can be combined for a batch of tasks."""
    visibilities: Mapping[str, int]
    """What Luigi's scheduler is told of the parameters, without private ones."""
    shown: Mapping[tuple[bool, bool], tuple[str, ...]]
    """Which names ``to_str_params`` tells, by its ``only_significant`` and ``only_public``."""
    family: str
    looked_up: frozenset[str]
    """Names of the parameters that are asked each time: their default is computed, or in a section of another name."""
    default_texts: dict[str, tuple[Any, str]] = field(default_factory=dict)
    """Defaults with their texts, as most values are defaults; filled when they are first asked for."""

    @classmethod
    def of(cls, task_class: type[luigi.Task]) -> ParameterTable:
        """Find the parameters of `task_class` as Luigi would: attributes of the class that are parameters."""
        found: dict[str, Any] = {}
        for base in task_class.__mro__:
            for name, value in vars(base).items():
                found.setdefault(name, value)
        parameters = [(name, value) for name, value in found.items() if isinstance(value, luigi.Parameter)]
        parameters.sort(key=lambda item: _luigi.declaration_order(item[1]))
        return cls.of_parameters(task_class.get_task_family(), parameters)

    @classmethod
    def of_parameters(cls, family: str, parameters: Sequence[tuple[str, luigi.Parameter[Any]]]) -> ParameterTable:
        """Make the table of `parameters`, which are in order."""
        found = dict(parameters)
        raw_defaults = {name: value for name, parameter in parameters for value in _luigi.constant_default(parameter)}
        settled = {name for name in raw_defaults if _is_of_libraries(type(found[name]).normalize)}
        return cls(
            parameters=tuple(parameters),
            by_name=found,
            defaults={name: _hashable(found[name].normalize(raw_defaults[name])) for name in settled},
            raw_defaults={name: value for name, value in raw_defaults.items() if name not in settled},
            private=tuple(name for name, parameter in parameters if _is_private(parameter)),
            keyed=frozenset(name for name, parameter in parameters if hasattr(parameter, 'cache_key')),
            batchable=tuple(name for name, parameter in parameters if _luigi.is_batchable(parameter)),
            visibilities={
                name: parameter.visibility.serialize()
                for name, parameter in parameters
                if parameter.visibility != ParameterVisibility.PRIVATE
            },
            shown={
                (only_significant, only_public): tuple(
                    name
                    for name, parameter in parameters
                    if (parameter.significant or not only_significant) and _is_shown(parameter, only_public)
                )
                for only_significant in (False, True)
                for only_public in (False, True)
            },
            family=family,
            looked_up=frozenset(name for name, parameter in parameters if _luigi.has_moving_default(parameter)),
        )

    def values(
        self, args: Sequence[Any], kwargs: Mapping[str, Any], options: Iterable[str]
    ) -> list[tuple[str, Any]] | None:
        """Return all parameter values in order; None where Luigi has to look further (or to complain).

        Args:
            args: the positional arguments that are left.
            kwargs: the others.
            options: names of the options of the class's section.
        """
        if args or not kwargs.keys() <= self.by_name.keys():
            return None
        values = dict(self.defaults)
        for name, value in {**self.raw_defaults, **kwargs}.items():
            values[name] = _hashable(self.by_name[name].normalize(value))
        elsewhere = self._set_elsewhere(options)
        if elsewhere:
            try:
                values.update(self._look_up(elsewhere - kwargs.keys()))
            except Exception:  # Luigi meets it again, and says what is wrong
                return None
        if len(values) < len(self.parameters):
            return None
        return [(name, values[name]) for name, _ in self.parameters]

    def text(self, name: str, value: Any) -> str:
        """Return what the parameter `name` makes of `value`."""
        known = self.default_texts.get(name)
        if known is not None and known[0] is value:
            return known[1]
        parameter = self.by_name[name]
        text: str = parameter.serialize(value)
        if name in self.defaults and value is self.defaults[name] and _is_of_libraries(type(parameter).serialize):
            self.default_texts[name] = value, text
        return text

    def _set_elsewhere(self, options: Iterable[str]) -> frozenset[str]:
        """Return the names of the parameters that section or command line give, or that are asked each time."""
        given = _luigi.command_line_names(self.family, self.by_name)
        if not (options or given):
            return self.looked_up
        return self.looked_up.union(given, self.by_name.keys() & {option.replace('-', '_') for option in options})

    def _look_up(self, names: Iterable[str]) -> dict[str, Any]:
        found = {name: self.by_name[name] for name in names}
        return {
            name: _hashable(parameter.task_value(self.family, name))
            for name, parameter in found.items()
            if parameter.has_task_value(self.family, name)
        }


def _hashable(value: Any) -> Any:
    """Return lists and sets as tuples, as Luigi does, so that instances can be cached."""
    return tuple(value) if isinstance(value, (list, set)) else value


def _is_private(parameter: luigi.Parameter[Any]) -> bool:
    return parameter.significant and parameter.visibility == ParameterVisibility.PRIVATE


def _is_shown(parameter: luigi.Parameter[Any], only_public: bool) -> bool:
    visibility = parameter.visibility
    return visibility == ParameterVisibility.PUBLIC or (not only_public and visibility != ParameterVisibility.PRIVATE)


def _is_of_libraries(method: Any) -> bool:
    """Whether a method is none of the user's, and so answers alike each time."""
    return str(method.__module__).partition('.')[0] in ('luigi', __package__)
