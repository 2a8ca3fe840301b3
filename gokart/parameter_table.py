"""The parameters of a task class: found once, and looked up for a new task only where something may give them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
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
    visibilities: Mapping[str, int]
    """What Luigi's scheduler is told of the parameters, without private ones."""
    family: str
    looked_up: frozenset[str]
    """Names of the parameters that are asked each time: their default is computed, or in a section of another name."""

    @classmethod
    def of(cls, task_class: type[luigi.Task]) -> ParameterTable:
        """Find the parameters of `task_class` as Luigi would: attributes of the class that are parameters."""
        found: dict[str, Any] = {}
        for base in task_class.__mro__:
            for name, value in vars(base).items():
                found.setdefault(name, value)
        parameters = [(name, value) for name, value in found.items() if isinstance(value, luigi.Parameter)]
        parameters.sort(key=lambda item: _luigi.declaration_order(item[1]))
        raw_defaults = {name: value for name, parameter in parameters for value in _luigi.constant_default(parameter)}
        settled = {name for name in raw_defaults if _normalizes_alike(found[name])}
        return cls(
            parameters=tuple(parameters),
            by_name=dict(parameters),
            defaults={name: _hashable(found[name].normalize(raw_defaults[name])) for name in settled},
            raw_defaults={name: value for name, value in raw_defaults.items() if name not in settled},
            private=tuple(name for name, parameter in parameters if _is_private(parameter)),
            keyed=frozenset(name for name, parameter in parameters if hasattr(parameter, 'cache_key')),
            visibilities={
                name: parameter.visibility.serialize()
                for name, parameter in parameters
                if parameter.visibility != ParameterVisibility.PRIVATE
            },
            family=task_class.get_task_family(),
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


def _normalizes_alike(parameter: luigi.Parameter[Any]) -> bool:
    return type(parameter).normalize.__module__.partition('.')[0] in ('luigi', __package__)
