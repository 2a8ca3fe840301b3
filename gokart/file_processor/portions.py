"""Parquet and feather files by the portions in which they are written: row groups, record batches.

Arrow reads them in the thread of the caller. Its own threads hold a file of Python's no longer than it takes to open
one: a thread that still holds one when the interpreter ends aborts the process.
"""

from __future__ import annotations

import contextlib
import io
import os
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow

_STEP_BYTES = 1 << 18
"""How much of a column is fetched at a time where only its first rows are wanted."""


class Portions(ABC):
    """An open file.

    Attributes:
        schema: its columns, as arrow reads them.

    Raises:
        pyarrow.ArrowException: arrow cannot read it.
        Exception: what reading `file` raised, here and from all methods.
    """

    schema: pyarrow.Schema

    def __init__(self, file: Any) -> None:
        self._file = _Watched(file)

    @abstractmethod
    def footer(self) -> io.BytesIO:
        """Return the file without its portions, for those who read it in other ways."""

    @abstractmethod
    def __len__(self) -> int:
        """Return the number of portions."""

    @abstractmethod
    def read(self, number: int, names: Sequence[str], n_rows: int | None) -> pyarrow.Table:
        """Read columns of one portion, which are named in their order: all rows, or the first `n_rows`."""

    @abstractmethod
    def size_bytes(self, number: int, names: Sequence[str]) -> int:
        """Return how much has to be fetched for these columns alone; 0 if all columns of the portion are fetched."""


class ParquetPortions(Portions):
    """The row groups of a parquet file, see https://parquet.apache.org/docs/file-format/."""

    def __init__(self, file: Any) -> None:
        import pyarrow.parquet

        super().__init__(file)
        with self._file.watched():
            self._parquet = pyarrow.parquet.ParquetFile(self._file, pre_buffer=False)
        self.schema = self._parquet.schema_arrow

    def footer(self) -> io.BytesIO:
        """Return the file without its portions."""
        return _footer(self._file, b'PAR1', b'PAR1')

    def __len__(self) -> int:
        return int(self._parquet.num_row_groups)

    def read(self, number: int, names: Sequence[str], n_rows: int | None) -> pyarrow.Table:
        """Read columns of one row group."""
        with self._file.watched():
            if n_rows is None or n_rows >= self._parquet.metadata.row_group(number).num_rows:
                return self._parquet.read_row_group(number, names, use_threads=False)
            return self._read_first(number, names, n_rows)

    def _read_first(self, number: int, names: Sequence[str], n_rows: int) -> pyarrow.Table:
        import pyarrow.parquet

        parquet = pyarrow.parquet.ParquetFile(
            self._file, metadata=self._parquet.metadata, buffer_size=_STEP_BYTES, pre_buffer=False
        )
        batches = []
        for batch in parquet.iter_batches(n_rows, [number], names, use_threads=False):
            batches.append(batch)
            n_rows -= len(batch)
            if n_rows <= 0:
                break
        return pyarrow.Table.from_batches(batches)

    def size_bytes(self, number: int, names: Sequence[str]) -> int:
        """Return how much has to be fetched for these columns."""
        wanted = set(names)
        group = self._parquet.metadata.row_group(number)
        return sum(
            chunk.total_compressed_size
            for chunk in map(group.column, range(group.num_columns))
            if chunk.path_in_schema.partition('.')[0] in wanted
        )


class FeatherPortions(Portions):
    """The record batches of an Arrow IPC file, see https://arrow.apache.org/docs/format/Columnar.html."""

    def __init__(self, file: Any) -> None:
        super().__init__(file)
        self._names: Sequence[str] = ()
        self._batches = self._open(())
        self.schema = self._batches.schema

    def footer(self) -> io.BytesIO:
        """Return the file without its portions."""
        return _footer(self._file, b'ARROW1\0\0', b'ARROW1')

    def __len__(self) -> int:
        return int(self._batches.num_record_batches)

    def read(self, number: int, names: Sequence[str], n_rows: int | None) -> pyarrow.Table:
        """Read columns of one record batch."""
        import pyarrow

        if names != self._names:
            self._names, self._batches = names, self._open(names)
        with self._file.watched():
            table = pyarrow.Table.from_batches([self._batches.get_batch(number)])
        return table if n_rows is None else table.slice(0, n_rows)

    def size_bytes(self, number: int, names: Sequence[str]) -> int:
        """Return 0: columns of a record batch lie so close that leaving some out for now saves nothing."""
        return 0

    def _open(self, names: Sequence[str]) -> pyarrow.RecordBatchFileReader:
        import pyarrow.ipc

        fields = [self.schema.get_field_index(name) for name in names]
        options = pyarrow.ipc.IpcReadOptions(use_threads=False, included_fields=fields)
        with self._file.watched():
            return pyarrow.ipc.open_file(self._file, options=options)


class _Watched:
    """A file for arrow, which may hide what is wrong with it behind words of its own."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self._failure: BaseException | None = None
        self.seek = file.seek
        self.tell = file.tell

    @property
    def closed(self) -> bool:
        return bool(self._file.closed)

    def read(self, size: int = -1) -> bytes:
        try:
            return bytes(self._file.read(size))
        except BaseException as error:
            self._failure = error
            raise

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """Raise what reading the file raised instead of what arrow makes of it."""
        try:
            yield
        except Exception:
            failure, self._failure = self._failure, None
            if failure is None:
                raise
        else:
            return
        raise failure


def _footer(file: _Watched, magic: bytes, end: bytes) -> io.BytesIO:
    """Return the file without all that lies between its first bytes and its footer, which is before its length."""
    behind = len(end) + 4
    file.seek(-behind, os.SEEK_END)
    size = int.from_bytes(file.read(4), 'little')
    file.seek(-behind - size, os.SEEK_END)
    return io.BytesIO(magic + file.read())
