"""Formats of frames hand over to pandas or polars, called as in the published library."""

from __future__ import annotations

import io
import sys

import pandas as pd
import polars as pl
import pytest

from gokart.errors import ConfigError
from gokart.file_processor import (
    CsvFileProcessor,
    FeatherFileProcessor,
    JsonFileProcessor,
    ParquetFileProcessor,
    make_file_processor,
)
from gokart.file_processor.pandas import (
    CsvFileProcessorPandas,
    FeatherFileProcessorPandas,
    JsonFileProcessorPandas,
    ParquetFileProcessorPandas,
)
from gokart.file_processor.polars import (
    CsvFileProcessorPolars,
    FeatherFileProcessorPolars,
    JsonFileProcessorPolars,
    ParquetFileProcessorPolars,
)

MAKERS = [
    lambda kind: CsvFileProcessor(';', 'utf-8', kind),
    lambda kind: CsvFileProcessor(sep=';', encoding='utf-8', dataframe_type=kind),
    lambda kind: JsonFileProcessor('records', kind),
    lambda kind: JsonFileProcessor(orient=None, dataframe_type=kind),
    lambda kind: ParquetFileProcessor('pyarrow', 'gzip', kind),
    lambda kind: ParquetFileProcessor(engine='pyarrow', compression=None, dataframe_type=kind),
    lambda kind: FeatherFileProcessor(True, kind),
    lambda kind: FeatherFileProcessor(store_index_in_feather=False, dataframe_type=kind),
]
VARIANTS = [
    lambda: CsvFileProcessorPandas(sep=',', encoding='utf-8'),
    lambda: JsonFileProcessorPandas(orient=None),
    lambda: ParquetFileProcessorPandas(engine='pyarrow', compression=None),
    lambda: FeatherFileProcessorPandas(store_index_in_feather=True),
    lambda: CsvFileProcessorPolars(sep=',', encoding='utf-8', lazy=False),
    lambda: JsonFileProcessorPolars(orient=None, lazy=False),
    lambda: ParquetFileProcessorPolars(engine='pyarrow', compression=None, lazy=False),
    lambda: FeatherFileProcessorPolars(store_index_in_feather=True, lazy=True),
]
each_maker = pytest.mark.parametrize('make', MAKERS)


@each_maker
@pytest.mark.parametrize(
    ('kind', 'frame_type'), [('pandas', pd.DataFrame), ('polars', pl.DataFrame), ('polars-lazy', pl.LazyFrame)]
)
def test_dataframe_type_chooses_the_library(make, kind, frame_type):
    file = io.BytesIO()
    make(kind).dump(frame_type({'a': [1, 2]}), file)
    file.seek(0)
    loaded = make(kind).load(file)
    assert isinstance(loaded, frame_type)
    assert list(loaded.lazy().collect()['a'] if kind == 'polars-lazy' else loaded['a']) == [1, 2]


@each_maker
def test_unknown_dataframe_type_is_an_error(make):
    with pytest.raises(ConfigError, match='spark'):
        make('spark')


def test_unknown_layout_of_json_is_an_error():
    with pytest.raises(ConfigError, match="'columns', 'values', got 'rows'"):
        JsonFileProcessor(orient='rows')


@pytest.mark.parametrize('make', VARIANTS)
def test_variants_can_be_made_as_published(make):
    file = io.BytesIO()
    frame = pd.DataFrame({'a': [1]}) if 'Pandas' in type(make()).__name__ else pl.DataFrame({'a': [1]})
    make().dump(frame, file)
    assert file.getvalue()


@each_maker
def test_polars_that_is_not_installed_is_named_with_the_command(make, monkeypatch):
    monkeypatch.setitem(sys.modules, 'polars', None)
    with pytest.raises(ImportError, match=r"pip install 'gokart\[polars\]'"):
        make('polars')


@each_maker
def test_pandas_works_without_polars(make, monkeypatch):
    monkeypatch.setitem(sys.modules, 'polars', None)
    make('pandas').dump(pd.DataFrame({'a': [1]}), io.BytesIO())


@pytest.mark.parametrize(('extension', 'separator'), [('csv', ','), ('tsv', '\t')])
def test_tsv_is_separated_by_tabs(extension, separator):
    file = io.BytesIO()
    make_file_processor(f'x.{extension}').dump(pd.DataFrame({'a': [1], 'b': [2]}), file)
    assert file.getvalue() == f'a{separator}b\n1{separator}2\n'.encode()


@pytest.mark.parametrize('path', ['a.csv', 'a.json', 'a.parquet', 'a.feather'])
@pytest.mark.parametrize('kind', ['pandas', 'polars', 'polars-lazy'])
def test_processor_travels_to_other_processes(path, kind):
    import pickle

    processor = pickle.loads(pickle.dumps(make_file_processor(path, dataframe_type=kind)))
    processor.dump(pd.DataFrame({'a': [1]}) if kind == 'pandas' else pl.DataFrame({'a': [1]}), io.BytesIO())
