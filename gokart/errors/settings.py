"""Configuration and parameters that cannot be used."""

from __future__ import annotations

from luigi.configuration.cfg_parser import InterpolationMissingEnvvarError

from gokart.errors.root import GokartError


class ConfigError(GokartError, ValueError):
    """The configuration cannot be used."""


class ConfigFileNotFoundError(ConfigError, FileNotFoundError, AssertionError):
    """A configuration file that was named does not exist."""


class MissingVariableError(ConfigError, InterpolationMissingEnvvarError):
    """An option refers to an environment variable that is not set.

    Attributes:
        section: section of the configuration.
        option: name of the option.
        variable: name of the environment variable.
    """

    def __init__(self, section: str, option: str, variable: str) -> None:
        message = (
            f'Section [{section}], option {option} refers to the environment variable {variable}, which is not set. '
            f'Set {variable}, or write the value itself into the configuration.'
        )
        Exception.__init__(self, message)  # Luigi's would show the whole option
        self.section = section
        self.option = option
        self.variable = variable
        self.message = message
        self.args = (section, option, variable)


class LockSettingsError(ConfigError, AssertionError):
    """What is said of locks, in parameters or a configuration, does not go together."""


class ParameterValueError(GokartError, ValueError):
    """A text stands for no value of the parameter."""


class ParameterTypeError(GokartError, TypeError):
    """A parameter was given a value of another type."""
