"""Which processor serves which extension: ours, and those that other packages register.

Another package adds one by an entry point of the group ``gokart.file_processors``: its name is the extension, its
value a subclass of `FileProcessor` or a function that returns one, called without arguments.
"""

from __future__ import annotations

import os.path
from collections.abc import Callable

from gokart.dataframe_type import DataFrameType
from gokart.entry_points import EntryPoints
from gokart.errors import FormatError, UnknownFormatError
from gokart.file_processor.binary import BinaryFileProcessor
from gokart.file_processor.contract import FileProcessor
from gokart.file_processor.dataframe import (
    CsvFileProcessor,
    FeatherFileProcessor,
    JsonFileProcessor,
    ParquetFileProcessor,
    check_dataframe_type,
)
from gokart.file_processor.gzip_text import GzipFileProcessor
from gokart.file_processor.npz import NpzFileProcessor
from gokart.file_processor.pickle import PickleFileProcessor
from gokart.file_processor.text import TextFileProcessor
from gokart.file_processor.xml import XmlFileProcessor


def _with_dot(name: str) -> str:
    return f'.{name.lstrip(".")}'


_ADDED = EntryPoints('gokart.file_processors', 'The file processor for {}', FileProcessor, FormatError, _with_dot)

_PLAIN: dict[str, Callable[[], FileProcessor]] = {
    '.pkl': PickleFileProcessor,
    '.txt': TextFileProcessor,
    '.ini': TextFileProcessor,
    '.gz': GzipFileProcessor,
    '.xml': XmlFileProcessor,
    '.npz': NpzFileProcessor,
    '.png': BinaryFileProcessor,
    '.jpg': BinaryFileProcessor,
}

_OF_FRAMES: dict[str, Callable[[DataFrameType, bool], FileProcessor]] = {
    '.csv': lambda kind, _: CsvFileProcessor(sep=',', dataframe_type=kind),
    '.tsv': lambda kind, _: CsvFileProcessor(sep='\t', dataframe_type=kind),
    '.json': lambda kind, _: JsonFileProcessor(orient=None, dataframe_type=kind),
    '.ndjson': lambda kind, _: JsonFileProcessor(orient='records', dataframe_type=kind),
    '.parquet': lambda kind, _: ParquetFileProcessor(compression='gzip', dataframe_type=kind),
    '.feather': lambda kind, index: FeatherFileProcessor(index, dataframe_type=kind),
}


def make_file_processor(
    file_path: str, store_index_in_feather: bool = True, *, dataframe_type: DataFrameType = 'pandas'
) -> FileProcessor:
    """Return the processor for the last extension of `file_path`.

    Args:
        file_path: path or URL of the file.
        store_index_in_feather: whether a feather file keeps the index of a pandas frame.
        dataframe_type: the frames that formats of frames load and dump.

    Raises:
        UnknownFormatError: no processor is known for the extension.
        FormatError: the package that registered the extension cannot provide its processor.
        ImportError: polars is asked for and not installed.
    """
    check_dataframe_type(dataframe_type)
    extension = os.path.splitext(file_path)[1]  # noqa: PTH122 - of a URL, too
    if extension in _PLAIN:
        return _PLAIN[extension]()
    if extension in _OF_FRAMES:
        return _OF_FRAMES[extension](dataframe_type, store_index_in_feather)
    added: FileProcessor | None = _ADDED.make(extension)
    if added is not None:
        return added
    known = [*_PLAIN, *_OF_FRAMES, *_ADDED.names()]
    raise UnknownFormatError(
        f'{file_path!r} ends in {extension!r}, an extension that no file processor is known for. The supported '
        f'extensions are {", ".join(known)}; for another format give the target a processor of your own.'
    )
