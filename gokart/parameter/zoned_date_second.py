"""Points in time with their zone, to the second."""

from __future__ import annotations

import datetime
import re
import warnings
from typing import Any

import luigi
from typing_extensions import Unpack

from gokart import _luigi
from gokart.errors import ParameterTypeError
from gokart.parameter.shown import chainable, shown_class, shown_parameter, unparsable

# ISO 8601, extended or basic; Python 3.10 reads only a part of it itself.
_ISO_8601 = re.compile(
    r'(\d{4})-?(\d\d)-?(\d\d)'
    r'(?:[Tt ](\d\d):?(\d\d)(?::?(\d\d)(?:[.,]\d+)?)?)?'
    r'(?P<zone>[Zz]|(?P<sign>[+-])(?P<hours>\d\d)(?::?(?P<minutes>\d\d)(?::?(?P<seconds>\d\d))?)?)?'
)

_NO_ZONE = (
    'has no time zone, so it means another moment on another machine. Add the zone, or use luigi.DateSecondParameter.'
)


class ZonedDateSecondParameter(luigi.Parameter[datetime.datetime]):
    """A parameter whose value is an aware datetime to the second, written like ``2020-02-29T12:30:01+09:00``.

    ``Z`` stands for UTC. A time without zone is accepted with a UserWarning.

    Args:
        default: the value when none is given.
    """

    def __init__(
        self, default: datetime.datetime | _luigi.NoValue = _luigi.NO_VALUE, **kwargs: Unpack[_luigi.ParameterKwargs]
    ) -> None:
        super().__init__(default, **kwargs)

    def parse(self, x: str) -> datetime.datetime:
        """Parse a time in ISO 8601; fractions of a second are dropped.

        Raises:
            ParameterValueError: `x` is no such time.
        """
        try:
            value = _parse_iso_8601(x)
        except (ValueError, TypeError) as error:
            raise unparsable(self, x, error, 'Write it like 2020-02-29T12:30:01+09:00.') from chainable(self, error)
        if value.tzinfo is None:
            warnings.warn(f'The {shown_parameter(self)}: the time {x} {_NO_ZONE}', UserWarning, stacklevel=2)
        return value

    def serialize(self, x: datetime.datetime) -> str:
        """Return the time in ISO 8601."""
        return self._checked(x).isoformat()

    def normalize(self, x: datetime.datetime) -> datetime.datetime:
        """Drop what is below a second.

        Raises:
            ParameterTypeError: `x` is no datetime.
        """
        return self._checked(x).replace(microsecond=0)

    def cache_key(self, value: Any) -> Any:
        """Tell instances of tasks apart by the text of the time: one moment in two zones gives two ids."""
        return self.serialize(value)

    def _checked(self, x: Any) -> datetime.datetime:
        if not isinstance(x, datetime.datetime):
            raise ParameterTypeError(
                f'The {shown_parameter(self)} takes a datetime.datetime, '
                f'but was given an object of {shown_class(type(x))}.'
            )
        return x

    def _warn_on_wrong_param_type(self, param_name: str, param_value: Any) -> None:
        if isinstance(param_value, datetime.datetime) and param_value.tzinfo is None:
            warnings.warn(f"The parameter '{param_name}': the time {param_value} {_NO_ZONE}", UserWarning, stacklevel=2)


def _parse_iso_8601(text: str) -> datetime.datetime:
    match = _ISO_8601.fullmatch(str.strip(text))
    if match is None:
        raise ValueError('it is no date and time in ISO 8601')
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    return datetime.datetime(year, month, day, hour, minute, second, tzinfo=_zone(match))


def _zone(match: re.Match[str]) -> datetime.timezone | None:
    if match['zone'] is None:
        return None
    hours, minutes, seconds = (int(match[part] or 0) for part in ('hours', 'minutes', 'seconds'))
    offset = datetime.timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return datetime.timezone(-offset if match['sign'] == '-' else offset)
