"""How the sections of the configuration that reach a cloud are read: an option that cannot be used is named."""

from __future__ import annotations

import math
from typing import Any, TypeVar

import luigi

from gokart.errors import ConfigError

C = TypeVar('C', bound=luigi.Config)

_LEAST = {'connect_timeout_seconds': 0.001, 'read_timeout_seconds': 0.001, 'retries': 0, 'pool_size': 1}


def read_section(section: type[C]) -> C:
    """Return the section as it is now.

    Raises:
        ConfigError: an option that all clouds have, or the type of any, is not what it must be.
    """
    try:
        config = section()
    except ConfigError:
        raise
    except ValueError as error:  # Luigi's names the option, its cause says what is wrong
        raise ConfigError(
            f'The section [{section.__name__}] of the configuration: {error}: {error.__cause__}.'
        ) from error
    for name, least in _LEAST.items():
        value = getattr(config, name)
        require_option(config, name, least <= value < math.inf, f'at least {least}, and finite')
    return config


def require_option(config: luigi.Config, name: str, holds: bool, rule: str) -> None:
    """Check that the option `name` `holds` what `rule` says.

    Raises:
        ConfigError: it does not.
    """
    if not holds:
        value: Any = getattr(config, name)
        raise ConfigError(f'Section [{type(config).__name__}], option {name} is {value!r}, but must be {rule}.')
