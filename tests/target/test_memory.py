"""Dumping and loading holds no second copy of a large object: bytes are counted as they are allocated."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow
import pytest

from gokart.target import LargeDataFrameProcessor, TargetOnKart, make_model_target, make_target

ROWS = 250_000
COLUMNS = 10
SIZE = ROWS * COLUMNS * 8


def numbers() -> np.ndarray:
    return np.arange(ROWS * COLUMNS) % 1000


def frame() -> pd.DataFrame:
    return pd.DataFrame(numbers().reshape(ROWS, COLUMNS).astype('f8')).rename(columns=str)


def target_of(extension: str, directory) -> TargetOnKart:
    path = str(directory / f'large.{extension}')
    if extension == 'zip':
        large = LargeDataFrameProcessor(max_byte=SIZE // 10)
        return make_model_target(path, str(directory), large.save, LargeDataFrameProcessor.load)
    return make_target(path)


def peak_bytes(action: Callable[[], Any]) -> int:
    """What Python, numpy and pandas held at most, and what arrow held at most, while `action` ran."""
    before = pyarrow.default_memory_pool()
    pool = pyarrow.proxy_memory_pool(before)
    pyarrow.set_memory_pool(pool)
    tracemalloc.start()
    try:
        action()
        return tracemalloc.get_traced_memory()[1] + pool.max_memory()
    finally:
        tracemalloc.stop()
        pyarrow.set_memory_pool(before)


def least_peak_bytes(action: Callable[[], Any]) -> int:
    """The least of some peaks, as some hundred kilobytes of others, threads among them, make a difference here."""
    return min(peak_bytes(action) for _ in range(3))


OBJECTS = {
    'pkl': frame,
    'feather': frame,
    'parquet': frame,
    'zip': frame,
    'npz': numbers,
    'png': lambda: bytes(SIZE),
}

TEXTS = {
    'ndjson': lambda rows: frame().iloc[:rows, :2],
    'txt': lambda rows: ['a line'] * rows,
    'gz': lambda rows: ['a line'] * rows,
}


@pytest.mark.parametrize('extension', OBJECTS)
def test_a_dump_needs_a_part_of_the_size_of_the_object(extension, tmp_path):
    obj = OBJECTS[extension]()
    assert peak_bytes(lambda: target_of(extension, tmp_path).dump(obj)) < SIZE / 2


@pytest.mark.parametrize('extension', TEXTS)
def test_a_dump_as_text_needs_as_much_for_twice_the_rows(extension, tmp_path):
    target = target_of(extension, tmp_path)
    rows = 55_000
    once, twice = TEXTS[extension](rows), TEXTS[extension](2 * rows)
    target.dump(once[:10])  # what is remembered from the first time on
    assert least_peak_bytes(lambda: target.dump(twice)) < 1.3 * least_peak_bytes(lambda: target.dump(once))


@pytest.mark.parametrize('extension', OBJECTS)
def test_a_load_needs_the_size_of_the_object_and_a_part_of_it(extension, tmp_path):
    target = target_of(extension, tmp_path)
    target.dump(OBJECTS[extension]())
    assert peak_bytes(target.load) < SIZE * 1.5
