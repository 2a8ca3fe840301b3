"""The extension chooses the processor, and other packages may add extensions."""

from __future__ import annotations

import importlib
import inspect

import pytest

import gokart.file_processor as room
from gokart.errors import ConfigError, FormatError, UnknownFormatError
from gokart.file_processor import FileProcessor, make_file_processor

OURS = {
    'pkl': room.PickleFileProcessor,
    'txt': room.TextFileProcessor,
    'ini': room.TextFileProcessor,
    'gz': room.GzipFileProcessor,
    'csv': room.CsvFileProcessor,
    'tsv': room.CsvFileProcessor,
    'json': room.JsonFileProcessor,
    'ndjson': room.JsonFileProcessor,
    'xml': room.XmlFileProcessor,
    'npz': room.NpzFileProcessor,
    'parquet': room.ParquetFileProcessor,
    'feather': room.FeatherFileProcessor,
    'png': room.BinaryFileProcessor,
    'jpg': room.BinaryFileProcessor,
}

PLUGIN = """
from gokart.file_processor import FileProcessor

class Reverse(FileProcessor):
    def format(self): return None
    def load(self, file): return file.read()[::-1]
    def dump(self, obj, file): file.write(obj[::-1])

def failing(): raise RuntimeError('out of order')
def giving_nothing(): return None
"""

ENTRY_POINTS = """
[gokart.file_processors]
reverse = a_plugin:Reverse
.dotted = a_plugin:Reverse
csv = a_plugin:failing
failing = a_plugin:failing
nothing = a_plugin:giving_nothing
absent = no_such_plugin:Reverse
"""


@pytest.fixture
def plugin(tmp_path, monkeypatch):
    """An installed package with entry points, good and bad."""
    info = tmp_path / 'site' / 'a_plugin-1.0.dist-info'
    info.mkdir(parents=True)
    (info / 'METADATA').write_text('Metadata-Version: 2.1\nName: a-plugin\nVersion: 1.0\n')
    (info / 'entry_points.txt').write_text(ENTRY_POINTS)
    (tmp_path / 'site' / 'a_plugin.py').write_text(PLUGIN)
    monkeypatch.syspath_prepend(tmp_path / 'site')
    importlib.invalidate_caches()


@pytest.mark.parametrize('extension', OURS)
@pytest.mark.parametrize('stem', ['/a/b.c/data.old', 's3://bucket/key', 'data'])
def test_last_extension_chooses(extension, stem):
    assert type(make_file_processor(f'{stem}.{extension}')) is OURS[extension]


@pytest.mark.parametrize('path', ['/data/x.foo', 's3://bucket.csv/x', 'x', '.csv', 'x.CSV'])
def test_unknown_extension_is_an_error_that_names_path_and_the_known_ones(path):
    with pytest.raises(UnknownFormatError) as caught:
        make_file_processor(path)
    assert isinstance(caught.value, AssertionError)
    assert repr(path) in str(caught.value)
    assert all(f'.{extension}' in str(caught.value) for extension in OURS)


@pytest.mark.parametrize('path', ['x.csv', 'x.pkl'])
def test_unknown_dataframe_type_is_an_error(path):
    with pytest.raises(ConfigError, match="'pandas', 'polars', 'polars-lazy', got 'spark'"):
        make_file_processor(path, dataframe_type='spark')


def test_signature_is_that_of_the_published_library():
    parameters = inspect.signature(make_file_processor).parameters.values()
    assert [(p.name, p.kind.name, p.default) for p in parameters] == [
        ('file_path', 'POSITIONAL_OR_KEYWORD', inspect.Parameter.empty),
        ('store_index_in_feather', 'POSITIONAL_OR_KEYWORD', True),
        ('dataframe_type', 'KEYWORD_ONLY', 'pandas'),
    ]


@pytest.mark.parametrize('extension', ['reverse', 'dotted'])
def test_another_package_adds_an_extension(extension, plugin):
    processor = make_file_processor(f'x.{extension}')
    assert isinstance(processor, FileProcessor)
    assert type(processor).__name__ == 'Reverse'


def test_ours_come_first(plugin):
    assert type(make_file_processor('x.csv')) is room.CsvFileProcessor


@pytest.mark.parametrize(
    ('extension', 'reason'),
    [('failing', 'RuntimeError: out of order'), ('nothing', 'NoneType'), ('absent', 'no_such_plugin')],
)
def test_broken_entry_point_is_named_when_it_is_asked_for(extension, reason, plugin):
    with pytest.raises(FormatError, match=reason) as caught:
        make_file_processor(f'x.{extension}')
    assert f"entry point '{extension}'" in str(caught.value)


def test_added_extensions_are_listed_as_known(plugin):
    with pytest.raises(UnknownFormatError, match=r'\.reverse'):
        make_file_processor('x.foo')


@pytest.mark.parametrize(
    'module', ['gokart.file_processor', 'gokart.file_processor.base', 'gokart.file_processor.pandas']
)
def test_exported_names_exist(module):
    exported = importlib.import_module(module)
    assert all(hasattr(exported, name) for name in exported.__all__)
