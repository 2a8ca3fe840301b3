"""Formats: how an object becomes the content of a file, chosen by the extension of the path."""

from gokart.dataframe_type import DataFrameType
from gokart.file_processor.binary import BinaryFileProcessor
from gokart.file_processor.contract import FileProcessor
from gokart.file_processor.dataframe import (
    CsvFileProcessor,
    FeatherFileProcessor,
    JsonFileProcessor,
    ParquetFileProcessor,
)
from gokart.file_processor.gzip_text import GzipFileProcessor
from gokart.file_processor.npz import NpzFileProcessor
from gokart.file_processor.pickle import PickleFileProcessor
from gokart.file_processor.registry import make_file_processor
from gokart.file_processor.text import TextFileProcessor
from gokart.file_processor.xml import XmlFileProcessor

__all__ = [
    'BinaryFileProcessor',
    'CsvFileProcessor',
    'DataFrameType',
    'FeatherFileProcessor',
    'FileProcessor',
    'GzipFileProcessor',
    'JsonFileProcessor',
    'NpzFileProcessor',
    'ParquetFileProcessor',
    'PickleFileProcessor',
    'TextFileProcessor',
    'XmlFileProcessor',
    'make_file_processor',
]
