"""Values of frames as JSON text, with all their digits."""

from __future__ import annotations

import datetime
import decimal
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gokart.errors import UnsupportedObjectError

if TYPE_CHECKING:
    import pandas

_text = json.JSONEncoder().encode

_PER_MILLISECOND = {'ms': 1, 'us': 1_000, 'ns': 1_000_000}


def cells(column: pandas.Series[Any]) -> list[str]:
    """Turn the values of `column` into JSON.

    Raises:
        UnsupportedObjectError: JSON cannot hold one of them.
    """
    import numpy
    import pandas

    dtype: Any = column.dtype
    try:
        if isinstance(dtype, pandas.DatetimeTZDtype) or (isinstance(dtype, numpy.dtype) and dtype.kind in 'mM'):
            return _all_milliseconds(column)
        if isinstance(dtype, numpy.dtype) and dtype.kind in 'biuf':
            return _all_numbers(column)
        return [_any(value) for value in column.tolist()]
    except (TypeError, ValueError, RecursionError) as error:
        raise UnsupportedObjectError(f'A json file cannot hold column {column.name!r}: {error}') from error


def _all_numbers(column: pandas.Series[Any]) -> list[str]:
    import numpy

    encode: Callable[[Any], str] = {'b': _bool, 'f': _real}.get(column.dtype.kind, str)
    if encode is _real and numpy.isfinite(column.to_numpy()).all():
        encode = float.__repr__
    return list(map(encode, column.tolist()))


def _bool(value: bool) -> str:
    return 'true' if value else 'false'


def _real(value: float) -> str:
    if value - value == 0:
        return float.__repr__(value)
    return 'null' if value != value else '1e999' if value > 0 else '-1e999'


def _any(value: Any) -> str:
    # in the order of how often they are met
    if isinstance(value, str):
        return _text(value)
    if value is None:
        return 'null'
    if isinstance(value, bool):
        return _bool(value)
    if isinstance(value, int):
        return int.__repr__(value)
    if isinstance(value, float):
        return _real(value)
    if isinstance(value, (list, tuple)):
        return f'[{",".join(map(_any, value))}]'
    if isinstance(value, dict):
        return f'{{{",".join(f"{_name(name)}:{_any(item)}" for name, item in value.items())}}}'
    return _special(value)


def _name(name: Any) -> str:
    if isinstance(name, (str, int)):
        return _text(str(name))
    raise TypeError(f'JSON has no {type(name).__name__} as name in a dict ({name!r}).')


def _special(value: Any) -> str:
    import numpy
    import pandas

    if value is pandas.NaT or value is pandas.NA:
        return 'null'
    if isinstance(value, (datetime.date, numpy.datetime64)):
        return _one_milliseconds(pandas.Timestamp(value))
    if isinstance(value, (datetime.timedelta, numpy.timedelta64)):
        return _one_milliseconds(pandas.Timedelta(value))
    if isinstance(value, datetime.time):
        return _text(value.isoformat())
    if isinstance(value, decimal.Decimal):
        return _decimal(value)
    if isinstance(value, numpy.generic):
        return _any(value.item())
    if isinstance(value, numpy.ndarray):
        return _any(value.tolist())
    raise TypeError(f'JSON has no form for {value!r} of type {type(value).__module__}.{type(value).__qualname__}.')


def _decimal(value: decimal.Decimal) -> str:
    text = _real(float(value))
    if value.is_finite() and decimal.Decimal(text) != value:
        raise TypeError(f'{value!r} has more digits than a number in JSON keeps; convert it to float or str.')
    return text


def _all_milliseconds(column: pandas.Series[Any]) -> list[str]:
    import numpy
    import pandas

    if isinstance(column.dtype, pandas.DatetimeTZDtype):
        column = column.dt.tz_convert(None)
    values = column.to_numpy()
    unit = numpy.datetime_data(values.dtype)[0]
    missing = column.isna().tolist()
    counts = values.astype('int64').tolist()
    return ['null' if gone else _milliseconds(count, unit) for count, gone in zip(counts, missing, strict=True)]


def _one_milliseconds(value: pandas.Timestamp | pandas.Timedelta) -> str:
    return 'null' if value != value else _milliseconds(int(value.asm8.astype('int64')), value.unit)


def _milliseconds(count: int, unit: str) -> str:
    if unit == 's':
        return str(count * 1000)
    whole, rest = divmod(count, _PER_MILLISECOND[unit])
    return repr(count / _PER_MILLISECOND[unit]) if rest else str(whole)
