"""Values of frames as JSON text, with all their digits."""

from __future__ import annotations

import datetime
import decimal
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from gokart.errors import UnsupportedObjectError
from gokart.file_processor.pandas.arrays import array_of, text_array
from gokart.file_processor.pandas.json.encoders import (
    encode_array,
    encode_milliseconds,
    encode_real,
    encode_reals,
    milliseconds,
    quote,
)

if TYPE_CHECKING:
    import pandas
    import pyarrow

_DOUBLE_BYTES = 8


def cells(column: pandas.Series[Any], subject: str = '') -> pyarrow.Array:
    """Turn the values of `column` into JSON; missing ones may be null or missing texts.

    Args:
        column: values.
        subject: what messages call them; by default the column of its name.

    Raises:
        UnsupportedObjectError: JSON cannot hold one of them.
    """
    quick = _all_at_once(column)
    return text_array(cells_of_few(column, subject)) if quick is None else quick


def cells_of_few(column: pandas.Series[Any], subject: str = '') -> list[str]:
    """Turn the values of `column` into JSON one by one, which is quicker up to some tens of them.

    Raises:
        UnsupportedObjectError: JSON cannot hold one of them.
    """
    try:
        return [_ENCODERS.get(type(value), _any)(value) for value in column.tolist()]
    except (TypeError, ValueError, RecursionError) as error:
        subject = subject or f'column {column.name!r}'
        raise UnsupportedObjectError(f'A json file cannot hold {subject}: {error}') from error


def _all_at_once(column: pandas.Series[Any]) -> pyarrow.Array | None:
    """Turn the values of `column` into JSON; None if they are not of one type that is known here."""
    import numpy
    import pandas

    dtype: Any = column.dtype
    if isinstance(dtype, pandas.CategoricalDtype):
        return _categories(column)
    if isinstance(dtype, pandas.DatetimeTZDtype):
        return encode_milliseconds(column.dt.tz_convert(None).to_numpy())
    if isinstance(dtype, numpy.dtype) and dtype.kind in 'mM':
        return encode_milliseconds(column.to_numpy())
    if isinstance(dtype, numpy.dtype) and dtype.kind == 'f' and dtype.itemsize <= _DOUBLE_BYTES:
        return encode_reals(column.to_numpy())
    array = array_of(column)
    return None if array is None else encode_array(array)


def _categories(column: pandas.Series[Any]) -> pyarrow.Array | None:
    """Turn each category into JSON once, if they are texts: numbers would be other ones beside missing values."""
    import pandas
    import pyarrow

    categories = column.cat.categories
    if pandas.api.types.infer_dtype(categories, skipna=False) != 'string':
        return None
    names = _all_at_once(categories.to_series())
    codes = column.cat.codes.to_numpy()
    return None if names is None else names.take(pyarrow.array(codes, mask=codes < 0))


def _list(values: Iterable[Any]) -> str:
    return f'[{",".join([_ENCODERS.get(type(value), _any)(value) for value in values])}]'


def _dict(items: Mapping[Any, Any]) -> str:
    texts = [
        f'{quote(name) if type(name) is str else _name(name)}:{_ENCODERS.get(type(item), _any)(item)}'
        for name, item in items.items()
    ]
    return f'{{{",".join(texts)}}}'


_ENCODERS: dict[type, Callable[[Any], str]] = {
    str: quote,
    int: int.__repr__,
    float: encode_real,
    bool: lambda value: 'true' if value else 'false',
    type(None): lambda _: 'null',
    list: _list,
    tuple: _list,
    dict: _dict,
}


def _any(value: Any) -> str:
    for kind in (str, int, float, list, tuple, dict):
        if isinstance(value, kind):
            return _ENCODERS[kind](value)
    return _special(value)


def _name(name: Any) -> str:
    if isinstance(name, (str, int)):
        return quote(str(name))
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
        return quote(value.isoformat())
    if isinstance(value, decimal.Decimal):
        return _decimal(value)
    if isinstance(value, numpy.generic):
        return _any(value.item())
    if isinstance(value, numpy.ndarray):
        return _any(value.tolist())
    raise TypeError(
        f'JSON has no form for {value!r} of type {type(value).__module__}.{type(value).__qualname__}; '
        'convert it to text or numbers.'
    )


def _decimal(value: decimal.Decimal) -> str:
    text = encode_real(float(value))
    if value.is_finite() and decimal.Decimal(text) != value:
        raise TypeError(f'{value!r} has more digits than a number in JSON keeps; convert it to float or str.')
    return text


def _one_milliseconds(value: pandas.Timestamp | pandas.Timedelta) -> str:
    return 'null' if value != value else milliseconds(int(value.asm8.astype('int64')), value.unit)
