"""Columns of one type as JSON text, made by arrow from all values at once: the same text that one by one would give."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from gokart.file_processor.pandas.arrays import compute, content_of, is_text, text_array, text_type

if TYPE_CHECKING:
    import numpy
    import pyarrow

quote: Callable[[str], str] = json.encoder.encode_basestring_ascii
"""Turns a text into JSON, in ASCII."""

_FROM = 1e10
"""From here on arrow writes numbers with an exponent."""
_LEAST_WITH_EXPONENT = 1e16
"""From here on Python writes numbers with an exponent, as arrow does."""

_NEEDS_ESCAPE = r'[^ !#-\[\]-~]'
_PER_MILLISECOND = {'ms': 1, 'us': 1_000, 'ns': 1_000_000}
_MOST_SECONDS = 2**63 // 1_000


def encode_array(array: pyarrow.Array) -> pyarrow.Array | None:
    """Turn the values of `array` into JSON, missing ones into missing ones.

    None if they are of a type that this cannot do.
    """
    from pyarrow import types

    kind = array.type
    if types.is_floating(kind) and not types.is_float16(kind):
        return encode_reals(array.to_numpy(zero_copy_only=False))
    if types.is_integer(kind) or types.is_boolean(kind):
        return _as_text(array)
    if is_text(array):
        return _encode_texts(array.cast(text_type()))
    return None


def encode_real(value: float) -> str:
    """Turn a float into JSON: a number of all digits, one that overflows for an infinity, and null for NaN."""
    if value - value == 0:
        return float.__repr__(value)
    return 'null' if value != value else '1e999' if value > 0 else '-1e999'


def encode_reals(values: numpy.ndarray[Any, Any]) -> pyarrow.Array:
    """Turn floats into what `encode_real` does, NaN into null."""
    import numpy
    import pyarrow

    values = values.astype('f8', copy=False)
    size = numpy.abs(values)
    whole = (size < _LEAST_WITH_EXPONENT) & (numpy.trunc(size) == size)
    missing = numpy.isnan(values)
    if (whole | missing).all() and not (numpy.signbit(values) & (values == 0)).any():
        return joined(_as_text(pyarrow.array(values, mask=missing).cast('int64')), '.0')
    texts = _as_text(pyarrow.array(values, mask=missing))
    whole &= size < _FROM
    if whole.any():  # arrow writes 1.0 as 1
        texts = joined(texts, compute().if_else(pyarrow.array(whole), '.0', '').cast(text_type()))
    # Python and arrow write the same digits, but not always the same exponents.
    other = ((size >= 1e-9) & (size < 1e-4)) | ((size >= _FROM) & (size < _LEAST_WITH_EXPONENT)) | numpy.isinf(size)
    return _replaced(texts, other, map(encode_real, values[other].tolist()))


def encode_milliseconds(values: numpy.ndarray[Any, Any]) -> pyarrow.Array:
    """Turn dates or durations into what `milliseconds` does with each of their counts, and NaT into a missing text."""
    import numpy
    import pyarrow

    unit = numpy.datetime_data(values.dtype)[0]
    missing = numpy.isnat(values)
    counts = values.astype('i8')
    if unit == 's':
        whole, other = counts * 1_000, ~missing & (numpy.abs(counts) > _MOST_SECONDS)
    else:
        whole = counts // _PER_MILLISECOND[unit]
        other = ~missing & (whole * _PER_MILLISECOND[unit] != counts)
    texts = _as_text(pyarrow.array(whole, mask=missing))
    return _replaced(texts, other, (milliseconds(count, unit) for count in counts[other].tolist()))


def milliseconds(count: int, unit: str) -> str:
    """Turn a count of `unit` into milliseconds, with a fraction if it needs one."""
    if unit == 's':
        return str(count * 1000)
    whole, rest = divmod(count, _PER_MILLISECOND[unit])
    return repr(count / _PER_MILLISECOND[unit]) if rest else str(whole)


def joined(*parts: pyarrow.Array | str, missing: str | None = None) -> pyarrow.Array:
    """Join texts element by element; one alone stands for each element.

    Args:
        missing: stands for missing texts; None: a missing text with anything is a missing text.
    """
    import pyarrow

    said = [part for part in parts if not isinstance(part, str) or part]
    texts = [pyarrow.scalar(part, text_type()) if isinstance(part, str) else part for part in said]
    options: dict[str, str] = {} if missing is None else {'null_handling': 'replace', 'null_replacement': missing}
    return compute().binary_join_element_wise(*texts, pyarrow.scalar('', text_type()), **options)


def _as_text(array: pyarrow.Array) -> pyarrow.Array:
    return array.cast(text_type())


def _encode_texts(texts: pyarrow.Array) -> pyarrow.Array:
    quoted = joined('"', texts, '"')
    if _is_plain(content_of(texts)):
        return quoted
    escaped = compute().match_substring_regex(texts, _NEEDS_ESCAPE).fill_null(False)
    others = texts.filter(escaped).to_pylist()
    return _replaced(quoted, escaped.to_numpy(zero_copy_only=False), map(quote, others))


def _is_plain(content: memoryview) -> bool:
    """Whether no byte matches `_NEEDS_ESCAPE`."""
    import numpy

    codes = numpy.frombuffer(content, 'u1')
    return not codes.size or bool(
        codes.min() >= ord(' ') and codes.max() <= ord('~') and not ((codes == ord('"')) | (codes == ord('\\'))).any()
    )


def _replaced(texts: pyarrow.Array, places: numpy.ndarray[Any, Any], others: Iterable[str]) -> pyarrow.Array:
    """Put `others` at the `places`."""
    import pyarrow

    return compute().replace_with_mask(texts, pyarrow.array(places), text_array(others)) if places.any() else texts
