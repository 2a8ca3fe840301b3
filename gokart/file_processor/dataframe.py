"""Formats of data frames: each serves pandas or polars, as its `dataframe_type` says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

from gokart.dataframe_type import DataFrameType
from gokart.errors import ConfigError
from gokart.file_processor.contract import FileProcessor
from gokart.file_processor.pandas import (
    CsvFileProcessorPandas,
    FeatherFileProcessorPandas,
    JsonFileProcessorPandas,
    JsonOrient,
    ParquetFileProcessorPandas,
)
from gokart.file_processor.polars import (
    CsvFileProcessorPolars,
    FeatherFileProcessorPolars,
    JsonFileProcessorPolars,
    ParquetFileProcessorPolars,
)

_KNOWN = get_args(DataFrameType)


def check_dataframe_type(dataframe_type: str) -> None:
    """Check that `dataframe_type` is one that we know.

    Raises:
        ConfigError: it is not.
    """
    if dataframe_type not in _KNOWN:
        raise ConfigError(f'dataframe_type must be one of {", ".join(map(repr, _KNOWN))}, got {dataframe_type!r}.')


class _DataFrameFileProcessor(FileProcessor):
    """Hands everything on to the processor of the chosen library."""

    _impl: FileProcessor

    def format(self) -> Any:
        """Return the `luigi.format` of the file."""
        return self._impl.format()

    def load(self, file: Any) -> Any:
        """Read the frame."""
        return self._impl.load(file)

    def dump(self, obj: Any, file: Any) -> None:
        """Write the frame.

        Raises:
            UnsupportedObjectError: the format cannot hold `obj`.
        """
        self._impl.dump(obj, file)


def _chosen(
    dataframe_type: DataFrameType, of_pandas: Callable[[], FileProcessor], of_polars: Callable[[bool], FileProcessor]
) -> FileProcessor:
    check_dataframe_type(dataframe_type)
    return of_pandas() if dataframe_type == 'pandas' else of_polars(dataframe_type == 'polars-lazy')


class CsvFileProcessor(_DataFrameFileProcessor):
    """Stores a frame as text: csv, tsv.

    Args:
        sep: separator of the columns, one character.
        encoding: encoding of the file.
        dataframe_type: the frames to load and dump.
    """

    def __init__(self, sep: str = ',', encoding: str = 'utf-8', dataframe_type: DataFrameType = 'pandas') -> None:
        self._impl = _chosen(
            dataframe_type,
            lambda: CsvFileProcessorPandas(sep, encoding),
            lambda lazy: CsvFileProcessorPolars(sep, encoding, lazy=lazy),
        )


class JsonFileProcessor(_DataFrameFileProcessor):
    """Stores a frame as JSON: json, ndjson.

    Args:
        orient: layout, as in `pandas.DataFrame.to_json`; ``'records'`` is one JSON record a line. None is ``'columns'``
            for pandas, and a list of records for polars.
        dataframe_type: the frames to load and dump.
    """

    def __init__(self, orient: JsonOrient | None = None, dataframe_type: DataFrameType = 'pandas') -> None:
        self._impl = _chosen(
            dataframe_type,
            lambda: JsonFileProcessorPandas(orient),
            lambda lazy: JsonFileProcessorPolars(orient, lazy=lazy),
        )


class ParquetFileProcessor(_DataFrameFileProcessor):
    """Stores a frame as parquet.

    Args:
        engine: the library that pandas uses: ``'pyarrow'``, ``'fastparquet'`` or ``'auto'``.
        compression: name of the codec; None means the default of the library: none for pandas, zstd for polars.
        dataframe_type: the frames to load and dump.
    """

    def __init__(
        self, engine: Any = 'pyarrow', compression: Any = None, dataframe_type: DataFrameType = 'pandas'
    ) -> None:
        self._impl = _chosen(
            dataframe_type,
            lambda: ParquetFileProcessorPandas(engine, compression),
            lambda lazy: ParquetFileProcessorPolars(engine, compression, lazy=lazy),
        )


class FeatherFileProcessor(_DataFrameFileProcessor):
    """Stores a frame as feather, which is the Arrow IPC file format.

    Args:
        store_index_in_feather: whether the index of a pandas frame travels along.
        dataframe_type: the frames to load and dump.
    """

    def __init__(self, store_index_in_feather: bool, dataframe_type: DataFrameType = 'pandas') -> None:
        self._impl = _chosen(
            dataframe_type,
            lambda: FeatherFileProcessorPandas(store_index_in_feather),
            lambda lazy: FeatherFileProcessorPolars(store_index_in_feather, lazy=lazy),
        )
