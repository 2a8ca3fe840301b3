"""Numpy arrays: npz."""

from __future__ import annotations

import zipfile
from typing import IO, TYPE_CHECKING, Any

import luigi.format

from gokart.errors import StorageError, UnsupportedObjectError
from gokart.file_processor._streams import seekable, wrong_type
from gokart.file_processor.contract import FileProcessor

if TYPE_CHECKING:
    import numpy

_NAME = 'data'
_CHUNK_BYTES = 1 << 20


class NpzFileProcessor(FileProcessor):
    """Stores one array, compressed, under the name ``data``; equal arrays give equal bytes."""

    def format(self) -> Any:
        """Return the format of a binary file."""
        return luigi.format.Nop

    def load(self, file: Any) -> numpy.ndarray[Any, Any]:
        """Read the array; nothing is unpickled."""
        import numpy

        try:
            with numpy.load(seekable(file), allow_pickle=False) as arrays:
                array: numpy.ndarray[Any, Any] = arrays[_NAME]
        except zipfile.BadZipFile as error:
            if isinstance(error.__context__, StorageError):  # zipfile takes what cannot be read for what is not there
                raise error.__context__ from None
            raise
        return array

    def dump(self, obj: Any, file: Any) -> None:
        """Write a `numpy.ndarray` of numbers, dates, texts or records of them.

        Raises:
            UnsupportedObjectError: `obj` is something else, masked, or holds Python objects.
        """
        import numpy

        if not isinstance(obj, numpy.ndarray):
            raise wrong_type('npz', 'a numpy.ndarray', obj)
        if isinstance(obj, numpy.ma.MaskedArray):
            raise UnsupportedObjectError(
                'A npz file has no place for the mask of a masked array: store .filled() or pkl.'
            )
        if obj.dtype.hasobject:
            raise UnsupportedObjectError(
                f'A npz file cannot hold Python objects (dtype {obj.dtype}): convert with .astype(), or store pkl.'
            )
        # numpy.savez_compressed would stamp the current time into the archive
        entry = zipfile.ZipInfo(f'{_NAME}.npy')
        entry.compress_type = zipfile.ZIP_DEFLATED
        with zipfile.ZipFile(file, 'w') as archive, archive.open(entry, 'w', force_zip64=True) as member:
            _write(obj, member)


def _write(array: numpy.ndarray[Any, Any], file: IO[bytes]) -> None:
    """Write the content of a ``.npy`` file as numpy does, but without a copy of up to 16 MiB of a plain array."""
    from numpy.lib import format as npy

    if array.nbytes < _CHUNK_BYTES or array.dtype.names or not (array.flags.c_contiguous or array.flags.f_contiguous):
        npy.write_array(file, array, allow_pickle=False)
        return
    npy.write_array_header_1_0(file, npy.header_data_from_array_1_0(array))
    data: Any = array.reshape(-1, order='A').view('u1')
    content = memoryview(data)
    for start in range(0, len(content), _CHUNK_BYTES):
        file.write(content[start : start + _CHUNK_BYTES])
