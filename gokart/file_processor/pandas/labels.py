"""Labels of columns and indexes in the metadata of feather and parquet files, whose columns are named by texts."""

from __future__ import annotations

from typing import Any

from gokart.errors import UnsupportedObjectError


def encode_label(label: Any, kind: str) -> Any:
    """Turn a label into what JSON can hold.

    Raises:
        UnsupportedObjectError: it cannot be restored from any.
    """
    import numpy
    import pandas

    if isinstance(label, numpy.generic):
        label = pandas.Timestamp(label) if isinstance(label, numpy.datetime64) else label.item()
    if label is None or type(label) in (str, bool, int) or (type(label) is float and label == label):
        return label
    if isinstance(label, tuple):
        return {'tuple': [encode_label(part, kind) for part in label]}
    if isinstance(label, pandas.Timestamp) and label is not pandas.NaT:
        return {'timestamp': label.isoformat(), 'zone': None if label.tz is None else str(label.tz)}
    raise UnsupportedObjectError(
        f'A {kind} file cannot hold the label {label!r} of type {type(label).__name__}: rename it to a text.'
    )


def decode_label(encoded: Any) -> Any:
    """Return the label that `encode_label` was given."""
    import pandas

    if not isinstance(encoded, dict):
        return encoded
    if 'tuple' in encoded:
        return tuple(decode_label(part) for part in encoded['tuple'])
    time = pandas.Timestamp(encoded['timestamp'])
    return time if encoded['zone'] is None else time.tz_convert(encoded['zone'])
