"""Any object, by dill: pkl."""

from __future__ import annotations

import io
import pickle
import struct
import sys
from collections.abc import Callable, Mapping
from pickle import BINBYTES8
from typing import TYPE_CHECKING, Any

import luigi.format

from gokart.errors import UnsupportedObjectError
from gokart.file_processor._streams import seekable
from gokart.file_processor.contract import FileProcessor

if TYPE_CHECKING:
    import numpy

_PROTOCOL = 4
_LARGE_BYTES = 1 << 20
SMALL_CHARACTERS = 1 << 16
"""Texts up to this length may be in memory once more while they are stored."""
_SMALL_ITEMS = 100
_SCALARS = frozenset({int, float, bool, type(None)})


class PickleFileProcessor(FileProcessor):
    """Stores any object by dill, in pickle protocol 4; plain pickle reads it where the object allows."""

    def format(self) -> Any:
        """Return the format of a binary file."""
        return luigi.format.Nop

    def load(self, file: Any) -> Any:
        """Read the object, also a frame that an older pandas pickled."""
        return load_dill_with_pandas_backward_compatibility(file)

    def dump(self, obj: Any, file: Any) -> None:
        """Write `obj` piece by piece: the data of large arrays is never copied.

        Raises:
            UnsupportedObjectError: `obj`, or something in it, cannot be pickled.
        """
        content = small_pickle(obj)
        if content is not None:
            file.write(content)
            return
        import dill

        pickler = dill.Pickler(file, protocol=_PROTOCOL)
        pickler.dispatch = _Dispatch(dill.Pickler.dispatch)
        try:
            pickler.dump(obj)
        except (OSError, MemoryError):
            raise
        except Exception as error:
            raise UnsupportedObjectError(
                f'A {type(obj).__module__}.{type(obj).__qualname__} cannot be pickled: {type(error).__name__}: {error}'
            ) from error


def small_pickle(obj: Any) -> bytes | None:
    """Return what `obj` is stored as if that is quickly done; None if it takes the pickler of dill."""
    return pickle.dumps(obj, _PROTOCOL) if _is_plain(obj) else None


def _is_plain(obj: Any) -> bool:
    """Whether `obj` is a small structure of built-in types, of which the quick pickler of Python makes the same."""
    pending = [obj]
    seen = characters = 0
    while pending:
        item = pending.pop()
        kind = type(item)
        if kind is dict:
            pending += (*item.keys(), *item.values())
        elif kind is list or kind is tuple:
            pending += item
        elif kind is str:
            characters += len(item)
        elif kind not in _SCALARS:
            return False
        seen += 1
        if seen + len(pending) > _SMALL_ITEMS or characters > SMALL_CHARACTERS:
            return False
    return True


def load_dill_with_pandas_backward_compatibility(file: Any) -> Any:
    """Unpickle the open binary file; what only an older pandas could have written is read by `pandas.read_pickle`.

    Raises:
        Exception: whatever the first reader raised; the exception of the second one is its cause.
    """
    import dill

    file = seekable(file)
    start = file.tell()
    try:
        return dill.load(file)
    except (AttributeError, ImportError, TypeError) as error:
        # moved, renamed and re-parametrized internals, as in "No module named 'pandas.core.indexes.numeric'"
        if 'pandas' not in str(error):
            raise
        import pandas

        file.seek(start)
        try:
            # it starts over at the beginning of the file
            return pandas.read_pickle(io.BytesIO(file.read()) if start else file, compression=None)
        except Exception as second_error:
            raise error from second_error


class _Dispatch(dict[type, Callable[[Any, Any], None]]):
    """How each type is pickled: as dill does, but for arrays, whose data is written without a copy.

    Arrays are also left to numpy, so that reading them takes no dill.
    """

    def __init__(self, table: Mapping[type, Callable[[Any, Any], None]]) -> None:
        super().__init__(table)
        self._table = table
        self[_Bulk] = _save_bulk
        # What was not imported cannot be in the object.
        if numpy := sys.modules.get('numpy'):
            self[numpy.ndarray] = _save_array
        if pyarrow := sys.modules.get('pyarrow'):
            self[pyarrow.Buffer] = _save_buffer

    def get(self, kind: type, default: Any = None) -> Any:
        """Return the function for `kind`; dill adds some to its own table when it meets them."""
        return self[kind] if kind in self else self._table.get(kind, default)


class _Bulk:
    """The data of a large object while it is pickled: written like bytes, but neither copied nor remembered."""

    def __init__(self, data: Any) -> None:
        self.view = memoryview(data).cast('B')


def _save_bulk(pickler: Any, bulk: _Bulk) -> None:
    pickler._write_large_bytes(BINBYTES8 + struct.pack('<Q', bulk.view.nbytes), bulk.view)


def _save_array(pickler: Any, array: numpy.ndarray[Any, Any]) -> None:
    flags = array.flags
    if array.nbytes < _LARGE_BYTES or array.dtype.hasobject or not (flags.c_contiguous or flags.f_contiguous):
        pickler.save_reduce(*array.__reduce__(), obj=array)
        return
    empty: Any = array[:0].__reduce__()
    make, arguments, _ = empty
    data = array.reshape(-1, order='A').view('u1')
    pickler.save_reduce(make, arguments, (1, array.shape, array.dtype, flags.fnc, _Bulk(data)), obj=array)


def _save_buffer(pickler: Any, buffer: Any) -> None:
    if buffer.size < _LARGE_BYTES:
        pickler.save_reduce(*buffer.__reduce_ex__(_PROTOCOL), obj=buffer)
        return
    make, *_ = buffer.slice(0, 0).__reduce_ex__(_PROTOCOL)
    pickler.save_reduce(make, (_Bulk(buffer),), obj=buffer)
