"""The labels of an axis, columns or index, all at once: as names of a JSON object or as values."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from gokart.errors import UnsupportedObjectError
from gokart.file_processor._streams import warn_of_loss
from gokart.file_processor.pandas.arrays import array_of, is_text, text_array, text_type
from gokart.file_processor.pandas.json.cells import cells
from gokart.file_processor.pandas.json.encoders import encode_array, joined, quote
from gokart.file_processor.pandas.json.escapes import encode_names, survive

if TYPE_CHECKING:
    import pandas
    import pyarrow


def names_of_columns(frame: pandas.DataFrame) -> list[str]:
    """Return the labels of the columns as names of a JSON object.

    Raises:
        UnsupportedObjectError: two have the same name.
    """
    return _names(frame.columns, 'columns')


def names_of_rows(frame: pandas.DataFrame) -> pyarrow.Array:
    """Return the labels of the rows as names of a JSON object.

    Raises:
        UnsupportedObjectError: two have the same name.
    """
    import numpy
    import pandas
    import pyarrow

    axis = frame.index
    if isinstance(axis.dtype, numpy.dtype) and axis.dtype.kind in 'iu':
        labels = pyarrow.array(axis.to_numpy())
        if isinstance(axis, pandas.RangeIndex) or len(labels.unique()) == len(labels):
            return joined('"', labels.cast(text_type()), '"')
    if _are_plain_texts(axis):
        labels = array_of(_series(axis))
        if labels is not None and is_text(labels) and len(labels.unique()) == len(labels):
            return encode_array(labels)
    return text_array(_names(axis, 'index'))


def _are_plain_texts(axis: pandas.Index[Any]) -> bool:
    """Whether all labels are texts, and the first one reads as no number: then none of them is escaped."""
    labels = axis.tolist()
    return (
        bool(labels) and all(type(label) is str for label in labels) and encode_names(labels[:1]) == [quote(labels[0])]
    )


def cells_of_labels(axis: pandas.Index[Any], what: str) -> list[str]:
    """Return the labels of an axis, called `what`, as values.

    Raises:
        UnsupportedObjectError: JSON cannot hold one of them.
    """
    return [text or 'null' for text in cells(_series(axis), f'the labels of the {what}').to_pylist()]


def _series(axis: pandas.Index[Any]) -> pandas.Series[Any]:
    import pandas

    # `to_series` may choose another type, which cannot hold all texts.
    series: pandas.Series[Any] = pandas.Series(axis.to_flat_index(), dtype=axis.dtype)
    return series


def _names(axis: pandas.Index[Any], what: str) -> list[str]:
    labels = list(axis)
    if axis.dtype.kind in 'mM':
        labels = [json.loads(cell) for cell in cells_of_labels(axis, what)]
    if axis.dtype.kind in 'mM' or not survive(labels):
        kind = 'numbers' if axis.dtype.kind in 'mM' else 'text'
        warn_of_loss(
            f'The labels of the {what} ({type(axis).__name__}) load as {kind}: names in a json file are text, and read '
            'as int or float where all labels of an axis are. A feather or pickle file keeps them.'
        )
    names = encode_names(labels)
    if len(set(names)) < len(names):
        raise UnsupportedObjectError(f'A json file cannot hold {what} with several labels of one text: {labels[:10]}.')
    return names
