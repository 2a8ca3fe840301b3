"""Formats of polars frames, eager and lazy: csv, json, parquet, feather."""

from __future__ import annotations

import io
import json
from abc import abstractmethod
from typing import TYPE_CHECKING, Any

import luigi.format

from gokart._optional import import_optional
from gokart.errors import UnsupportedObjectError
from gokart.file_processor._streams import (
    RemoteFile,
    as_text,
    byte_writer,
    is_remote,
    is_text,
    local_path,
    seekable,
    utf8_lines,
    warn_of_loss,
    wrong_type,
)
from gokart.file_processor.contract import FileProcessor
from gokart.file_processor.polars_scan import scan_remote
from gokart.file_processor.portions import FeatherPortions, ParquetPortions

if TYPE_CHECKING:
    import polars


class _PolarsFileProcessor(FileProcessor):
    """Stores a `polars.DataFrame` or `polars.LazyFrame`.

    Args:
        lazy: whether `load` gives a LazyFrame. It scans the file, whose rows then are read when they are needed, if
            that is a local one, or a remote one of a format that has portions; any other file is read at once.
    """

    def __init__(self, lazy: bool = False) -> None:
        _import_polars()
        self._lazy = lazy

    def format(self) -> Any:
        """Return the format of a binary file."""
        return luigi.format.Nop

    def load(self, file: Any) -> Any:
        """Read the frame."""
        if not self._lazy:
            return self._read(file)
        if is_remote(file):
            scanned = self._scan_remote(file)
        else:
            path = local_path(file)
            scanned = self._scan(path) if path and not set(path) & set('*?[') else None  # polars: these are patterns
        return self._read(file).lazy() if scanned is None else scanned

    def dump(self, obj: Any, file: Any) -> None:
        """Write the frame; a LazyFrame is computed.

        Raises:
            UnsupportedObjectError: `obj` is something else, or the format cannot hold a column of it.
        """
        polars = _import_polars()
        if not isinstance(obj, (polars.DataFrame, polars.LazyFrame)):
            raise wrong_type(self._kind(), 'a polars.DataFrame or polars.LazyFrame', obj)
        for name, dtype in obj.collect_schema().items():
            if any(dtype == kind for kind in self._unsupported(polars)):
                raise UnsupportedObjectError(f'A {self._kind()} file cannot hold column {name!r} of type {dtype}.')
        self._write(obj, file)

    @abstractmethod
    def _kind(self) -> str:
        """Return the name of the format."""

    def _unsupported(self, polars: Any) -> tuple[Any, ...]:
        """Return the types that the format cannot hold."""
        return (polars.Object,)

    @abstractmethod
    def _read(self, file: Any) -> polars.DataFrame: ...

    @abstractmethod
    def _scan(self, path: str) -> polars.LazyFrame | None:
        """Return the rows of a local file, or None if such files cannot be scanned."""

    def _scan_remote(self, file: RemoteFile) -> polars.LazyFrame | None:
        """Return the rows of a remote file, or None if such files cannot be scanned."""
        return None

    @abstractmethod
    def _write(self, frame: polars.DataFrame | polars.LazyFrame, file: Any) -> None: ...


class CsvFileProcessorPolars(_PolarsFileProcessor):
    """Stores a frame as text; loading infers the types of the columns from all values.

    Args:
        sep: separator of the columns, one character.
        encoding: encoding of the file.
        lazy: whether `load` gives a LazyFrame.
    """

    def __init__(self, sep: str = ',', encoding: str = 'utf-8', lazy: bool = False) -> None:
        super().__init__(lazy)
        self._sep = sep
        self._encoding = encoding

    def format(self) -> Any:
        """Return the format of a text file in the encoding."""
        return utf8_lines(self._encoding)

    def _kind(self) -> str:
        return 'csv'

    def _unsupported(self, polars: Any) -> tuple[Any, ...]:
        return (polars.Object, polars.Binary, polars.Duration, polars.List, polars.Array, polars.Struct)

    def _read(self, file: Any) -> polars.DataFrame:
        with as_text(file, self._encoding) as text:
            content = io.BytesIO(text.read().encode())
        frame: polars.DataFrame = _import_polars().read_csv(
            content, separator=self._sep, infer_schema_length=None, raise_if_empty=False
        )
        return frame

    def _scan(self, path: str) -> polars.LazyFrame | None:
        if self._encoding.lower().replace('_', '-') not in ('utf-8', 'utf8'):
            return None
        scanned: polars.LazyFrame = _import_polars().scan_csv(
            path, separator=self._sep, infer_schema_length=None, raise_if_empty=False
        )
        return scanned

    def _write(self, frame: polars.DataFrame | polars.LazyFrame, file: Any) -> None:
        with as_text(file, self._encoding) as text, byte_writer(text) as writer:
            _writer_of(frame, 'csv')(writer, separator=self._sep)


class JsonFileProcessorPolars(_PolarsFileProcessor):
    """Stores a frame as JSON: ``'records'`` is one record a line, all else a list of records; NaN becomes null.

    Args:
        orient: the layout.
        lazy: whether `load` gives a LazyFrame.
    """

    def __init__(self, orient: str | None = None, lazy: bool = False) -> None:
        super().__init__(lazy)
        self._orient = orient

    def _kind(self) -> str:
        return 'ndjson' if self._orient == 'records' else 'json'

    def _unsupported(self, polars: Any) -> tuple[Any, ...]:
        return (polars.Object, polars.Binary)

    def _read(self, file: Any) -> polars.DataFrame:
        content = file.read()
        content = content.encode() if is_text(file) else content
        frame: polars.DataFrame = self._parse(content, _import_polars())
        return frame

    def _parse(self, content: bytes, polars: Any) -> Any:
        if self._orient == 'records':
            # the reader of lines infers types from a part of them only
            content = b'[' + b','.join(line for line in content.split(b'\n') if line.strip()) + b']'
        columns = _columns_of_pandas(content)
        if columns is not None:
            return polars.DataFrame(columns, strict=False, infer_schema_length=None)
        return polars.read_json(io.BytesIO(content), infer_schema_length=None)

    def _scan(self, path: str) -> polars.LazyFrame | None:
        return None  # its types are those of all rows, so all have to be read

    def _write(self, frame: polars.DataFrame | polars.LazyFrame, file: Any) -> None:
        eager = frame.lazy().collect()
        for column in eager:
            if column.dtype.is_float() and column.is_infinite().any():
                raise UnsupportedObjectError(
                    f'A {self._kind()} file cannot hold the infinities in column {column.name!r}.'
                )
        if eager.columns and eager.is_empty():
            warn_of_loss(
                f'The columns of the empty frame ({eager.columns}) are dropped: a {self._kind()} file has records only.'
            )
        with byte_writer(file) as writer:
            _writer_of(eager, self._kind())(writer)


class ParquetFileProcessorPolars(_PolarsFileProcessor):
    """Stores a frame as parquet.

    Args:
        engine: of no effect; polars writes by itself.
        compression: name of the codec; None means the default of polars.
        lazy: whether `load` gives a LazyFrame.
    """

    def __init__(self, engine: str = 'pyarrow', compression: Any = None, lazy: bool = False) -> None:
        super().__init__(lazy)
        self._options = {} if compression is None else {'compression': compression}

    def _kind(self) -> str:
        return 'parquet'

    def _read(self, file: Any) -> polars.DataFrame:
        frame: polars.DataFrame = _import_polars().read_parquet(_whole(file))
        return frame

    def _scan(self, path: str) -> polars.LazyFrame | None:
        return _checked(_import_polars().scan_parquet(path))

    def _scan_remote(self, file: RemoteFile) -> polars.LazyFrame | None:
        return scan_remote(file, ParquetPortions, _import_polars().read_parquet_schema)

    def _write(self, frame: polars.DataFrame | polars.LazyFrame, file: Any) -> None:
        with byte_writer(file) as writer:
            _writer_of(frame, 'parquet')(writer, **self._options)


class FeatherFileProcessorPolars(_PolarsFileProcessor):
    """Stores a frame as feather, which is the Arrow IPC file format.

    Args:
        store_index_in_feather: of no effect; polars frames have no index.
        lazy: whether `load` gives a LazyFrame.
    """

    def __init__(self, store_index_in_feather: bool, lazy: bool = False) -> None:
        super().__init__(lazy)

    def _kind(self) -> str:
        return 'feather'

    def _read(self, file: Any) -> polars.DataFrame:
        frame: polars.DataFrame = _import_polars().read_ipc(_whole(file))
        return frame

    def _scan(self, path: str) -> polars.LazyFrame | None:
        return _checked(_import_polars().scan_ipc(path))

    def _scan_remote(self, file: RemoteFile) -> polars.LazyFrame | None:
        return scan_remote(file, FeatherPortions, _import_polars().read_ipc_schema)

    def _write(self, frame: polars.DataFrame | polars.LazyFrame, file: Any) -> None:
        # the newest types of arrow are unknown to the older readers that we support; polars 1.30 sinks them wrongly
        oldest = _import_polars().CompatLevel.oldest()
        with byte_writer(file) as writer:
            _writer_of(frame.lazy().collect(), 'ipc')(writer, compat_level=oldest)


def _import_polars() -> Any:
    return import_optional('polars', 'polars', 'A polars frame')


def _whole(file: Any) -> Any:
    """Return what polars reads from `file` in one go, without a copy of its own."""
    return file.read() if is_remote(file) else seekable(file)


def _checked(frame: polars.LazyFrame) -> polars.LazyFrame:
    """Return `frame`; a broken file is an error now and not when the first rows are needed."""
    frame.collect_schema()
    return frame


def _writer_of(frame: polars.DataFrame | polars.LazyFrame, kind: str) -> Any:
    """Return the method that writes `frame`; that of a LazyFrame computes it in portions if polars can do that."""
    polars = _import_polars()
    major, minor = polars.__version__.split('.')[:2]
    if isinstance(frame, polars.LazyFrame) and (int(major), int(minor)) >= (1, 30):  # older ones sink to paths only
        return getattr(frame, f'sink_{kind}')
    return getattr(frame.lazy().collect(), f'write_{kind}')


def _columns_of_pandas(content: bytes) -> dict[str, list[Any]] | None:
    """Return the columns of a file that pandas wrote, each a mapping from index to value; None for other files."""
    if not content.lstrip().startswith(b'{'):
        return None
    columns = json.loads(content)
    if not all(isinstance(column, dict) for column in columns.values()):
        return None
    return {name: list(column.values()) for name, column in columns.items()}
