"""One array in a file that every numpy reads without unpickling."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra import numpy as npst

from gokart.errors import UnsupportedObjectError
from gokart.file_processor import NpzFileProcessor


def dumped(array):
    file = io.BytesIO()
    NpzFileProcessor().dump(array, file)
    return file.getvalue()


def load(content):
    return NpzFileProcessor().load(io.BytesIO(content))


@given(
    array=npst.arrays(npst.scalar_dtypes() | npst.unicode_string_dtypes(), npst.array_shapes(min_dims=0, min_side=0))
)
@settings(derandomize=True, max_examples=60, deadline=None)
def test_array_comes_back(array):
    loaded = load(dumped(array))
    np.testing.assert_array_equal(loaded, array)
    assert loaded.dtype == array.dtype
    assert loaded.shape == array.shape


def test_numpy_reads_it_under_the_name_data():
    with np.load(io.BytesIO(dumped(np.arange(3)))) as arrays:
        assert arrays.files == ['data']
        assert arrays['data'].tolist() == [0, 1, 2]


def test_what_numpy_saved_loads():
    file = io.BytesIO()
    np.savez_compressed(file, data=np.arange(3))
    assert load(file.getvalue()).tolist() == [0, 1, 2]


def test_it_is_compressed():
    assert len(dumped(np.zeros(100_000))) < 10_000


def test_equal_arrays_give_equal_bytes(monkeypatch):
    first = dumped(np.arange(3))
    monkeypatch.setattr('time.time', lambda: 1e9)
    monkeypatch.setattr('time.localtime', lambda *_: (2001, 9, 9, 1, 46, 40, 6, 252, 0))
    assert dumped(np.arange(3)) == first


@pytest.mark.parametrize(
    ('obj', 'reason'),
    [
        ([1, 2], r'numpy\.ndarray, got builtins\.list'),
        (np.array([1, 'a', None], dtype=object), 'dtype object'),
        (np.array([(1, 'a')], dtype=[('n', 'i4'), ('o', object)]), 'Python objects'),
        (np.ma.array([1, 2], mask=[False, True]), 'mask'),
        (np.float64(1), r'numpy\.float64'),
    ],
)
def test_what_would_not_come_back_is_refused(obj, reason):
    with pytest.raises(UnsupportedObjectError, match=reason) as caught:
        dumped(obj)
    assert isinstance(caught.value, AssertionError)


def test_pickled_objects_are_not_loaded():
    file = io.BytesIO()
    np.savez_compressed(file, data=np.array([1, None], dtype=object))
    with pytest.raises(ValueError, match='allow_pickle'):
        load(file.getvalue())
