"""Where the configuration gives a parameter its value, and errors that name the place."""

from __future__ import annotations

import configparser
import re
from collections.abc import Container, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import luigi
from luigi import configuration
from luigi.configuration import LuigiConfigParser
from luigi.configuration.cfg_parser import InterpolationMissingEnvvarError

from gokart import _luigi
from gokart.config.toml_tables import option_text
from gokart.errors import ConfigError, MissingVariableError
from gokart.parameter.shown import chainable, shown_cause, shown_parameter, shown_value


@dataclass(frozen=True, slots=True)
class Place:
    """One spot where a parameter is given a value: an option of a section, or of the command line."""

    section: str | None
    """None: the command line."""
    option: str
    raw: Any
    """The text before ``${NAME}`` and ``%(name)s`` are filled in."""

    def __str__(self) -> str:
        return f'option {self.option}' if self.section is None else f'section [{self.section}], option {self.option}'


class OwnPlaces:
    """What gives tasks of one family parameters of their own: the command line, their section, a ``config_path``."""

    __slots__ = ('_family', '_options')

    def __init__(self, family: str) -> None:
        self._family = family
        self._options = _luigi.own_options(family)

    def find(self, parameter: luigi.Parameter[Any], name: str) -> Place | None:
        """Find the nearest place that gives the parameter `name`; None if there is none."""
        text = _luigi.command_line_text(parameter, self._family, name)
        if text is not None:
            return Place(None, f'--{self._family}-{name}'.replace('_', '-'), text)
        option = find_option(self._options, name) if self._options else None
        if option is not None:
            return Place(self._family, option, self._options[option])
        path = _luigi.config_path(parameter)
        return None if path is None else _place_in(*path)


def _place_in(section: str, name: str) -> Place | None:
    options = _luigi.own_options(section)
    option = find_option(options, name)
    return None if option is None else Place(section, option, options[option])


def find_option(options: Mapping[str, Any], name: str) -> str | None:
    """Return how `name` is spelled in `options`: with underscores, else with dashes, else None."""
    return next((option for option in (name, name.replace('_', '-')) if option in options), None)


def value_at(place: Place, parameter: luigi.Parameter[Any], name: str) -> Any:
    """Parse the value that stands at `place`.

    Raises:
        MissingVariableError: it needs an environment variable that is not set.
        ConfigError: it does not parse.
    """
    raw = place.raw if isinstance(place.raw, str) else option_text(place.raw)
    text = _text_at(place, raw)
    try:
        return parameter.normalize(parameter.parse(text))
    except Exception as error:
        message = f'The {place} = {shown_value(parameter, raw)} is no value of the {shown_parameter(parameter, name)}: '
        if text != raw:  # what an environment variable holds is not shown
            raise ConfigError(f'{message}{type(error).__name__}.') from None
        raise ConfigError(f'{message}{shown_cause(parameter, error)}.') from chainable(parameter, error)


def _text_at(place: Place, raw: str) -> str:
    if place.section is None or not ('%' in raw or '${' in raw):
        return raw
    config = configuration.get_config()
    # Luigi's parser of TOML fills nothing in.
    return filled_in(config, place.section, place.option) if isinstance(config, LuigiConfigParser) else raw


def filled_in(config: configparser.ConfigParser, section: str, option: str) -> str:
    """Return the option with ``${NAME}`` and ``%(name)s`` filled in.

    Raises:
        MissingVariableError: an environment variable is not set.
        ConfigError: it refers to an option that there is not, or to itself.
    """
    # None of these errors is chained: they show the whole option, which may hold a secret.
    try:
        # Not the method of Luigi's parser, which looks for other spellings of the option.
        return configparser.ConfigParser.get(config, section, option)
    except InterpolationMissingEnvvarError as error:
        raise MissingVariableError(section, option, _missing_variable(error)) from None
    except configparser.InterpolationError as error:
        raise ConfigError(f'The section [{section}], option {option} cannot be filled in: {_reason(error)}.') from None


@contextmanager
def explained_lookup(task_class: type[luigi.Task], given: Container[str]) -> Iterator[None]:
    """Say which option is wrong where Luigi, in the ``with`` block, cannot look up the parameters of a task.

    Args:
        task_class: class of the task.
        given: names of the parameters that need no look-up.

    Raises:
        MissingVariableError: an option needs an environment variable that is not set.
        ConfigError: an option does not parse.
    """
    try:
        yield
    except ValueError:
        wrong_option = _wrong_option(task_class, given)
        if wrong_option is None:
            raise
        # Luigi's error, which shows values, stays out of it.
        raise wrong_option from wrong_option.__cause__


def _wrong_option(task_class: type[luigi.Task], given: Container[str]) -> ConfigError | None:
    places = OwnPlaces(task_class.get_task_family())
    for name, parameter in task_class.get_params():
        place = None if name in given else places.find(parameter, name)
        if place is not None:
            try:
                value_at(place, parameter, name)
            except ConfigError as error:
                return error
    return None


def _missing_variable(error: InterpolationMissingEnvvarError) -> str:
    match = re.search(r'environment variable (.*?)\. Section \[', str(error), re.DOTALL)
    return match[1] if match else '?'


def _reason(error: configparser.InterpolationError) -> str:
    if isinstance(error, configparser.InterpolationMissingOptionError):
        return f'neither the section nor [DEFAULT] has the option {error.reference}, which it refers to'
    if isinstance(error, configparser.InterpolationDepthError):
        return 'it refers to itself'
    return 'a percent sign that stands for itself is written %%'
