"""Large frames: parts of limited memory that come back as the frame that was saved."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

import dill
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gokart.errors import BrokenFileError, TaskDefinitionError, UnsupportedObjectError
from gokart.large_frame import LargeDataFrameProcessor


def parts_of(directory: Path) -> list[pd.DataFrame]:
    return [pd.read_pickle(directory / f'data_{number}.pkl') for number in range(len(list(directory.iterdir())))]


def memory(frame: pd.DataFrame) -> int:
    return int(np.sum(frame.memory_usage(index=True, deep=True)))


def round_trip(frame: pd.DataFrame, directory: Path, max_byte: int) -> pd.DataFrame:
    path = str(directory / 'model.pkl')
    LargeDataFrameProcessor(max_byte).save(frame, path)
    return LargeDataFrameProcessor.load(path)


def of_all_types(rows: int = 23) -> pd.DataFrame:
    numbers = np.arange(rows)
    frame = pd.DataFrame(
        {
            'int8': numbers.astype('int8'),
            'float': numbers / 7,
            'missing': np.where(numbers % 3 == 0, np.nan, numbers),
            'text': [f'単語 {number}' for number in numbers],
            'mixed': pd.Series([1, 'a', None, 2.5, (1,)] * rows, dtype=object)[:rows],
            'none': [None] * rows,
            'category': pd.Categorical(
                ['x', 'y', 'x'] * rows, categories=['unused', 'y', 'x'], ordered=True
            )[:rows],
            'boolean': pd.array([True, None, False] * rows, dtype='boolean')[:rows],
            'zoned': pd.date_range('2020-01-01', periods=rows, tz='Asia/Tokyo'),
            'span': pd.to_timedelta(numbers, unit='s'),
            'sparse': pd.arrays.SparseArray(numbers % 2),
        }
    )  # fmt: skip
    frame.columns.name = 'columns'
    frame.attrs['source'] = 'test'
    return frame


INDEXES: dict[str, Callable[[int], pd.Index]] = {
    'range': lambda rows: pd.RangeIndex(5, 5 + 2 * rows, 2, name='key'),
    'text': lambda rows: pd.Index([f'row {number}' for number in range(rows)]),
    'duplicates': lambda rows: pd.Index([1] * rows),
    'time': lambda rows: pd.date_range('2020-01-01', periods=rows, freq='h', tz='UTC'),
    'categories': lambda rows: pd.CategoricalIndex((['b', 'a', 'b'] * rows)[:rows], name='c'),
    'levels': lambda rows: pd.MultiIndex.from_arrays([np.arange(rows) // 3, ['x'] * rows], names=['number', None]),
}


@pytest.mark.parametrize('max_byte', [1, 300, 1000, 10**9])
@pytest.mark.parametrize('index', INDEXES)
def test_the_frame_comes_back_as_it_was(index: str, max_byte: int, tmp_path: Path) -> None:
    """Order, index, labels, types, categories, attributes."""
    frame = of_all_types().set_axis(INDEXES[index](23), axis=0)
    loaded = round_trip(frame, tmp_path, max_byte)
    pd.testing.assert_frame_equal(loaded, frame, check_freq=True)
    assert loaded.attrs == frame.attrs


@pytest.mark.parametrize('rows', [1, 2, 3, 11, 101])
def test_rows_keep_their_order_in_any_number_of_parts(rows: int, tmp_path: Path) -> None:
    frame = pd.DataFrame({'a': np.arange(rows)})
    loaded = round_trip(frame, tmp_path, max_byte=1)
    assert len(list(tmp_path.iterdir())) == rows
    pd.testing.assert_frame_equal(loaded, frame)


@given(
    lengths=st.lists(st.integers(0, 400), min_size=1, max_size=60),
    max_byte=st.integers(1, 3000),
)
@settings(derandomize=True, max_examples=40, deadline=None)
def test_no_part_of_several_rows_is_larger_than_allowed(
    lengths: list[int], max_byte: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Text counts with its real memory."""
    directory = tmp_path_factory.mktemp('parts')
    frame = pd.DataFrame({'text': pd.Series(['x' * length for length in lengths], dtype=object)})
    loaded = round_trip(frame, directory, max_byte)
    pd.testing.assert_frame_equal(loaded, frame)
    assert all(len(part) == 1 or memory(part) <= max_byte for part in parts_of(directory))
    assert all(len(part) for part in parts_of(directory))


@pytest.mark.parametrize('rows', [1000, 1001, 4096])
def test_no_more_parts_than_needed(rows: int, tmp_path: Path) -> None:
    frame = pd.DataFrame({'a': np.arange(rows)})
    overhead = memory(frame.iloc[rows:])
    round_trip(frame, tmp_path, max_byte=800 + overhead)
    assert len(parts_of(tmp_path)) == -(-rows // 100)


def test_the_memory_of_text_decides(tmp_path: Path) -> None:
    frame = pd.DataFrame({'text': pd.Series(['x' * 10_000] * 20, dtype=object)})
    round_trip(frame, tmp_path, max_byte=50_000)
    assert [len(part) for part in parts_of(tmp_path)] == [4] * 5


def test_many_categories_do_not_scatter_the_rows(tmp_path: Path) -> None:
    """Each part repeats the categories: a part a row would multiply them by the number of rows."""
    names = [f'category {number}' for number in range(500)]
    frame = pd.DataFrame({'a': pd.Categorical(names * 4)})
    loaded = round_trip(frame, tmp_path, max_byte=2000)
    pd.testing.assert_frame_equal(loaded, frame)
    assert len(parts_of(tmp_path)) <= 4


def test_a_part_of_a_frame_holds_its_own_rows_only(tmp_path: Path) -> None:
    """A slice of a large buffer is not stored with the whole buffer."""
    frame = pd.DataFrame({'text': [f'word {number}' for number in range(50_000)], 'number': np.arange(50_000)})
    round_trip(frame, tmp_path, max_byte=200_000)
    assert all(path.stat().st_size < 250_000 for path in tmp_path.iterdir())


@pytest.mark.parametrize(
    'frame',
    [pd.DataFrame(), pd.DataFrame({'a': pd.Series([], dtype='int8'), 'b': pd.Categorical([], categories=['x'])})],
    ids=['without columns', 'with columns'],
)
def test_an_empty_frame_is_one_empty_part(frame: pd.DataFrame, tmp_path: Path) -> None:
    loaded = round_trip(frame, tmp_path, max_byte=64)
    pd.testing.assert_frame_equal(loaded, frame)
    assert [path.name for path in tmp_path.iterdir()] == ['data_0.pkl']


def test_rows_without_columns_come_back(tmp_path: Path) -> None:
    frame = pd.DataFrame(index=list('abcdef'))
    pd.testing.assert_frame_equal(round_trip(frame, tmp_path, max_byte=20), frame)


def test_columns_of_one_name_come_back(tmp_path: Path) -> None:
    frame = pd.DataFrame([[1, 'a', 2.5]] * 10, columns=['a', 'a', 'b'])
    pd.testing.assert_frame_equal(round_trip(frame, tmp_path, max_byte=20), frame)


def test_a_series_comes_back(tmp_path: Path) -> None:
    series = pd.Series(np.arange(30), name='numbers')
    loaded = round_trip(series, tmp_path, max_byte=200)  # type: ignore[arg-type]
    pd.testing.assert_series_equal(loaded, series)  # type: ignore[arg-type]


@pytest.mark.parametrize('name', ['a [0] b', '*', '日本 語', '{x}?', "it's"])
def test_any_directory_will_do(name: str, tmp_path: Path) -> None:
    frame = pd.DataFrame({'a': range(5)})
    pd.testing.assert_frame_equal(round_trip(frame, tmp_path / name, max_byte=1), frame)


def test_parts_of_an_earlier_frame_do_not_join_in(tmp_path: Path) -> None:
    round_trip(pd.DataFrame({'a': range(9)}), tmp_path, max_byte=1)
    frame = pd.DataFrame({'a': range(2)})
    pd.testing.assert_frame_equal(round_trip(frame, tmp_path, max_byte=1), frame)


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    for name in ('load_function.pkl', 'data_x.pkl', 'data_0.txt', 'xdata_0.pkl'):
        (tmp_path / name).write_bytes(b'other')
    frame = pd.DataFrame({'a': range(2)})
    pd.testing.assert_frame_equal(round_trip(frame, tmp_path, max_byte=1), frame)
    assert (tmp_path / 'data_0.txt').read_bytes() == b'other'


@pytest.mark.parametrize('missing', [0, 3, 7])
def test_a_missing_part_is_noticed(missing: int, tmp_path: Path) -> None:
    round_trip(pd.DataFrame({'a': range(9)}), tmp_path, max_byte=1)
    (tmp_path / f'data_{missing}.pkl').unlink()
    with pytest.raises(BrokenFileError, match=f'no part data_{missing}.pkl'):
        LargeDataFrameProcessor.load(str(tmp_path / 'model.pkl'))


def test_no_parts_at_all_are_noticed(tmp_path: Path) -> None:
    with pytest.raises(BrokenFileError, match=r'no part data_0.pkl'):
        LargeDataFrameProcessor.load(str(tmp_path / 'model.pkl'))


@pytest.mark.parametrize('obj', [None, [1, 2], {'a': [1]}, np.arange(3)], ids=repr)
def test_other_objects_are_refused(obj: object, tmp_path: Path) -> None:
    with pytest.raises(UnsupportedObjectError, match=f'not a {type(obj).__name__}'):
        LargeDataFrameProcessor(100).save(obj, str(tmp_path / 'model.pkl'))  # type: ignore[arg-type]


@pytest.mark.parametrize('max_byte', [0, -1])
def test_a_size_of_nothing_is_refused(max_byte: int) -> None:
    with pytest.raises(TaskDefinitionError, match=f'at least 1, not {max_byte}'):
        LargeDataFrameProcessor(max_byte)


@pytest.mark.parametrize('module', [pickle, dill])
def test_archives_name_the_load_function_by_its_published_address(module: object) -> None:
    """Earlier versions know it as ``gokart.target.LargeDataFrameProcessor.load``, and so do their archives."""
    stored = module.dumps(LargeDataFrameProcessor.load, protocol=4)  # type: ignore[attr-defined]
    assert b'gokart.target\x94\x8c\x1cLargeDataFrameProcessor.load\x94' in stored
    assert pickle.loads(stored) is LargeDataFrameProcessor.load
    assert pickle.loads(pickle.dumps(LargeDataFrameProcessor)) is LargeDataFrameProcessor


class TestLargeFrames:
    """Frames of a size from which on they are put together by groups of columns."""

    @pytest.fixture(autouse=True)
    def _all_are_large(self, monkeypatch):
        monkeypatch.setattr('gokart.large_frame.LARGE_BYTES', 1)

    @pytest.mark.parametrize(
        'frame',
        [
            of_all_types(),
            of_all_types().set_index(['int8', 'float']),
            pd.DataFrame({'a': [1, 2, 3]}, index=['x', 'x', 'y']),
            pd.DataFrame([[1, 2.5], [3, 4.5]], columns=['twice', 'twice'], index=[7, 7]),
            pd.DataFrame(np.arange(40).reshape(2, 20), columns=pd.MultiIndex.from_product([['a', 'b'], range(10)])),
            pd.DataFrame(np.arange(40).reshape(2, 20)).rename_axis(columns='named', index='rows'),
            pd.DataFrame(index=range(5)),
        ],
        ids=['types', 'index', 'column', 'labels', 'levels', 'names', 'columnless'],
    )
    def test_come_back(self, frame, tmp_path):
        pd.testing.assert_frame_equal(round_trip(frame, tmp_path, 1), frame)

    def test_keep_their_attributes(self, tmp_path):
        frame = of_all_types()
        frame.attrs['source'] = 'here'
        assert round_trip(frame, tmp_path, 1).attrs == {'source': 'here'}

    def test_can_be_changed_in_place(self, tmp_path):
        frame = round_trip(of_all_types(), tmp_path, 1)
        frame.iloc[0, 0] = 99
        assert frame.iloc[0, 0] == 99

    def test_of_parts_with_other_columns_are_stacked_as_pandas_does(self, tmp_path):
        one, other = pd.DataFrame({'a': [1], 'b': [2]}), pd.DataFrame({'b': [3], 'c': [4]})
        one.to_pickle(tmp_path / 'data_0.pkl')
        other.to_pickle(tmp_path / 'data_1.pkl')
        loaded = LargeDataFrameProcessor.load(str(tmp_path / 'model.pkl'))
        pd.testing.assert_frame_equal(loaded, pd.concat([one, other]))

    def test_series_come_back(self, tmp_path):
        series = pd.Series(range(10), name='number')
        pd.testing.assert_series_equal(round_trip(series, tmp_path, 20), series)
