"""The section of all tasks, ``[TaskOnKart]``: which of its options a new task takes."""

from __future__ import annotations

import difflib
import warnings
import weakref
from collections.abc import Mapping
from typing import Any

import luigi
from luigi.parameter import UnconsumedParameterWarning

from gokart import _luigi
from gokart.config.lookup import OwnPlaces, Place, value_at


class UnknownOptionWarning(UnconsumedParameterWarning):
    """The section of all tasks has an option that no task class has a parameter for."""


_looked_at: weakref.WeakKeyDictionary[type, set[str]] = weakref.WeakKeyDictionary()


def apply_section(
    task_class: type[luigi.Task],
    kwargs: dict[str, Any],
    section: str,
    params: Mapping[str, luigi.Parameter[Any]],
    family: str,
) -> None:
    """Add to `kwargs` what the options of `section` give, for parameters that nothing nearer gives.

    Nearer are `kwargs` themselves, the command line and the section of the task's own family. An option that no class
    has a parameter for warns once for each class.

    Args:
        task_class: class of the task that is made.
        kwargs: the parameters that are given; changed in place.
        section: name of the section.
        params: parameters of the class by name.
        family: family of the class.

    Raises:
        MissingVariableError: an option needs an environment variable that is not set.
        ConfigError: an option does not parse.
    """
    options = _luigi.all_options(section)
    if not options:
        return
    places = OwnPlaces(family)
    for option, raw in options.items():
        name = option.replace('-', '_')
        if name != option and name in options:
            continue  # Luigi prefers underscores, too
        parameter = params.get(name)
        if parameter is None:
            _warn_if_unknown(task_class, section, option)
        elif name not in kwargs and _is_farther(places.find(parameter, name), section):
            kwargs[name] = value_at(Place(section, option, raw), parameter, name)


def _is_farther(nearest: Place | None, section: str) -> bool:
    return nearest is None or nearest.section == section


def _warn_if_unknown(task_class: type[luigi.Task], section: str, option: str) -> None:
    name = option.replace('-', '_')
    looked_at = _looked_at.setdefault(task_class, set())
    if name in looked_at:
        return
    looked_at.add(name)
    root = next((base for base in task_class.__mro__ if base.__name__ == section), None)
    if root is None or option not in _luigi.own_options(section):
        return  # a section of the user's own, or an option of [DEFAULT], which is for everybody
    classes = [cls for cls in _luigi.task_classes() if issubclass(cls, root)]
    if any(isinstance(getattr(cls, name, None), luigi.Parameter) for cls in classes):
        return
    known = {known_name for cls in classes for known_name, _ in cls.get_params()}
    similar = difflib.get_close_matches(name, sorted(known), n=1)
    hint = f"Did you mean '{similar[0]}'?" if similar else f'Known are {sorted(known)}.'
    warnings.warn(
        f"The section [{section}] of the configuration has the option '{name}', but no task class that is loaded has a "
        f'parameter of that name. {hint}',
        UnknownOptionWarning,
        stacklevel=2,
    )
