"""What all formats of pandas frames ask of the object that is dumped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gokart.errors import UnsupportedObjectError
from gokart.file_processor._streams import warn_of_loss, wrong_type

if TYPE_CHECKING:
    import pandas


def require_frame(obj: Any, kind: str) -> pandas.DataFrame:
    """Return `obj`, which must be a DataFrame with unique column labels."""
    import pandas

    if not isinstance(obj, pandas.DataFrame):
        raise wrong_type(kind, 'a pandas.DataFrame', obj)
    require_unique(obj.columns, 'column', kind)
    return obj


def frame_of(obj: Any, kind: str) -> pandas.DataFrame:
    """Return `obj`, a DataFrame, or the one-column DataFrame of a Series; a Series without a name gives column 0."""
    import pandas

    if isinstance(obj, pandas.Series):
        return obj.to_frame()
    if not isinstance(obj, pandas.DataFrame):
        raise wrong_type(kind, 'a pandas.DataFrame or pandas.Series', obj)
    return obj


def require_unique(labels: pandas.Index[Any], axis: str, kind: str) -> None:
    """Check that no label is there twice.

    Raises:
        UnsupportedObjectError: one is.
    """
    if not labels.is_unique:
        twice = list(labels[labels.duplicated()].unique())
        raise UnsupportedObjectError(f'A {kind} file cannot hold several {axis}s of one label: {twice[:5]}.')


def warn_of_lost_index(frame: pandas.DataFrame, kind: str) -> None:
    """Warn if `frame` has an index that says more than the numbers of its rows, which the file does not keep."""
    import pandas

    index = frame.index
    if len(index) and (not isinstance(index, pandas.RangeIndex) or index.name is not None):
        warn_of_loss(
            f'The index of the frame ({_describe(index)}) is dropped: this {kind} file does not keep it. '
            'Use reset_index() to keep it as columns, or reset_index(drop=True) if it says nothing.'
        )


def _describe(index: pandas.Index[Any]) -> str:
    names = [str(name) for name in index.names if name is not None]
    return f'{type(index).__name__} {", ".join(names)}'.rstrip()
