"""Making targets: where the id goes, which format and which file are chosen."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from unittest.mock import patch

import luigi
import pytest
from luigi.mock import MockFileSystem, MockTarget

from gokart.errors import UnknownFormatError
from gokart.file_processor import FeatherFileProcessor, GzipFileProcessor
from gokart.storage.local_file import LocalFile
from gokart.target import ModelTarget, SingleFileTarget, make_model_target, make_target


@pytest.mark.parametrize(
    ('path', 'expected'),
    [
        ('data.pkl', 'data_ID.pkl'),
        ('./a//b.c/data.pkl', './a//b.c/data_ID.pkl'),
        ('a/data.tar.gz', 'a/data.tar_ID.gz'),
        ('日本.pkl', '日本_ID.pkl'),
        ('memory://bucket.x/data.pkl', 'memory://bucket.x/data_ID.pkl'),
    ],
)
def test_the_id_goes_before_the_last_extension(path: str, expected: str) -> None:
    assert make_target(path, unique_id='ID').path() == expected
    assert make_target(path).path() == path


@pytest.mark.parametrize(
    ('path', 'expected'), [('a.b/data', 'a.b/data_ID'), ('a/.hidden', 'a/.hidden_ID'), ('.pkl', '.pkl_ID')]
)
def test_without_an_extension_the_id_goes_to_the_end(path: str, expected: str) -> None:
    assert make_target(path, 'ID', processor=GzipFileProcessor()).path() == expected


def test_the_extension_chooses_the_format() -> None:
    target = make_target('data.gz')
    assert isinstance(target, SingleFileTarget)
    assert isinstance(target._processor, GzipFileProcessor)


def test_a_given_processor_wins() -> None:
    processor = GzipFileProcessor()
    target = make_target('data.pkl', processor=processor)
    assert isinstance(target, SingleFileTarget)
    assert target._processor is processor


@pytest.mark.parametrize('kept', [True, False])
def test_the_index_in_feather_is_an_option(kept: bool, tmp_path: Path) -> None:
    import pandas as pd

    target = make_target(str(tmp_path / 'data.feather'), store_index_in_feather=kept)
    assert isinstance(target, SingleFileTarget)
    assert isinstance(target._processor, FeatherFileProcessor)
    target.dump(pd.DataFrame({'a': [1]}, index=pd.RangeIndex(1, 2)) if kept else pd.DataFrame({'a': [1]}))
    assert target.load().index.tolist() == [1 if kept else 0]


def test_a_path_object_will_do(tmp_path: Path) -> None:
    path: Any = tmp_path / 'data.pkl'
    assert make_target(path).path() == str(path)


def test_an_unknown_extension_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UnknownFormatError, match=r'\.nothing.*\.pkl'):
        make_target('data.nothing')


def make_model(path: str, unique_id: str | None = None) -> Any:
    return make_model_target(
        path, 'temporary', lambda obj, path: Path(path).write_text(obj), lambda path: Path(path).read_text(), unique_id
    )


def test_the_id_of_a_model_goes_before_the_extension() -> None:
    target = make_model('a.b/model.zip', 'ID')
    assert isinstance(target, ModelTarget)
    assert target.path() == str(target) == 'a.b/model_ID.zip'
    assert repr(target) == "ModelTarget('a.b/model_ID.zip')"


@pytest.mark.parametrize('path', ['model.pkl', 'model', 'model.zip.gz', 'model.ZIP'])
def test_a_model_must_be_a_zip_archive(path: str) -> None:
    with pytest.raises(UnknownFormatError, match=path):
        make_model(path)
    with pytest.raises(AssertionError):
        make_model(path)


def test_a_local_file_is_ours() -> None:
    target = make_target('data.pkl')
    assert isinstance(target, SingleFileTarget)
    assert isinstance(target._target, LocalFile)


@pytest.mark.parametrize('name', ['data.pkl', 'data.txt', 'data.csv', 'data.parquet', 'data.feather', 'data.npz'])
def test_a_mock_in_place_of_the_local_target_is_used(name: str, tmp_path: Path) -> None:
    """The way in which test suites keep their files in memory."""
    import numpy as np
    import pandas as pd

    value: Any = pd.DataFrame({'a': [1, 2]})
    value = {'.npz': np.arange(3), '.txt': ['a']}.get(Path(name).suffix, value)
    path = str(tmp_path / name)
    with patch('luigi.LocalTarget', new=lambda path, **kwargs: MockTarget(path, **kwargs)):
        make_target(path).dump(value)
        assert make_target(path).exists()
        loaded = make_target(path).load()
    assert list(loaded) == list(value)
    assert MockFileSystem().get_data(path)
    assert not make_target(path).exists()


def test_a_model_goes_to_the_mock_as_well(tmp_path: Path) -> None:
    path = str(tmp_path / 'model.zip')
    with patch('luigi.LocalTarget', new=lambda path, **kwargs: MockTarget(path, **kwargs)):
        make_model(path).dump('model')
        assert make_model(path).load() == 'model'
    assert not make_model(path).exists()


def test_the_local_target_is_looked_up_when_a_target_is_made(tmp_path: Path) -> None:
    calls: list[tuple[str, Any]] = []

    class Substitute(luigi.LocalTarget):
        def __init__(self, path: str, format: Any = None) -> None:  # noqa: A002
            calls.append((path, format))
            super().__init__(path, format)

    with patch('luigi.LocalTarget', Substitute):
        target = make_target(str(tmp_path / 'data.pkl'))
    target.dump(1)
    assert target.load() == 1
    assert calls == [(str(tmp_path / 'data.pkl'), luigi.format.Nop)]
    assert target.version()
