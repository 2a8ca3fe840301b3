"""Formats of pandas frames: csv, json, parquet, feather."""

from gokart.file_processor.pandas.csv import CsvFileProcessorPandas
from gokart.file_processor.pandas.feather import FeatherFileProcessorPandas
from gokart.file_processor.pandas.json import JsonFileProcessorPandas, JsonOrient
from gokart.file_processor.pandas.parquet import ParquetFileProcessorPandas

__all__ = [
    'CsvFileProcessorPandas',
    'FeatherFileProcessorPandas',
    'JsonFileProcessorPandas',
    'JsonOrient',
    'ParquetFileProcessorPandas',
]
