"""What dumping and loading a large frame takes in each format, in time and in memory beside the frame itself."""

from __future__ import annotations

import gc
import pickle
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd
from child import answer

KEEPING_CATEGORIES = ('pkl', 'feather', 'parquet', 'zip')
MEBIBYTE = 1 << 20


def frame_of(mebibytes: float) -> pd.DataFrame:
    """Make a frame of floats, integers and a few words: 80 bytes a row."""
    rows = int(mebibytes * MEBIBYTE / 80)
    random = np.random.default_rng(0)
    columns: dict[str, Any] = {f'float_{number}': random.normal(size=rows) for number in range(7)}
    columns['integer'] = np.arange(rows)
    columns['small'] = random.integers(0, 1000, rows)
    columns['word'] = pd.Categorical.from_codes(random.integers(0, 3, rows), categories=['apple', 'pear', 'plum'])
    return pd.DataFrame(columns)


def object_of(extension: str, mebibytes: float) -> Any:
    """Make what the format stores: a frame, an array or lines."""
    if extension == 'npz':
        return np.random.default_rng(0).integers(0, 1 << 40, int(mebibytes * MEBIBYTE / 8))
    if extension == 'gz':
        return [f'line {number} of many' for number in range(int(mebibytes * MEBIBYTE / 64))]
    frame = frame_of(mebibytes)
    return frame if extension in KEEPING_CATEGORIES else frame.astype({'word': object})


def plain(extension: str, path: Path) -> tuple[Callable[[Any], Any], Callable[[], Any]]:
    """Return how pandas, numpy or the standard library alone dump and load."""
    import gzip
    import zipfile

    def dump_pickle(obj: Any) -> None:
        with path.open('wb') as file:
            pickle.dump(obj, file, protocol=4)

    def dump_lines(lines: list[str]) -> None:
        with gzip.open(path, 'wt', compresslevel=6) as file:
            file.writelines(f'{line}\n' for line in lines)

    def load_lines() -> list[str]:
        with gzip.open(path, 'rt') as file:
            return [line.rstrip('\n') for line in file]

    def dump_zip(obj: pd.DataFrame) -> None:
        with zipfile.ZipFile(path, 'w', zipfile.ZIP_DEFLATED) as archive, archive.open('data.pkl', 'w') as file:
            pickle.dump(obj, file, protocol=4)

    def load_zip() -> Any:
        with zipfile.ZipFile(path) as archive, archive.open('data.pkl') as file:
            return pickle.load(file)

    def load_pickle() -> Any:
        with path.open('rb') as file:
            return pickle.load(file)

    return {
        'pkl': (dump_pickle, load_pickle),
        'feather': (lambda obj: obj.to_feather(path), lambda: pd.read_feather(path)),
        'parquet': (
            lambda obj: obj.to_parquet(path, index=False, compression='gzip'),
            lambda: pd.read_parquet(path),
        ),
        'npz': (lambda obj: np.savez_compressed(path, data=obj), lambda: np.load(path)['data']),
        'csv': (lambda obj: obj.to_csv(path, index=False), lambda: pd.read_csv(path)),
        'json': (lambda obj: obj.to_json(path), lambda: pd.read_json(path)),
        'ndjson': (
            lambda obj: obj.to_json(path, orient='records', lines=True),
            lambda: pd.read_json(path, orient='records', lines=True),
        ),
        'gz': (dump_lines, load_lines),
        'zip': (dump_zip, load_zip),
    }[extension]


def targeted(extension: str, path: Path) -> tuple[Callable[[Any], Any], Callable[[], Any]]:
    """Return how a target of the installed gokart dumps and loads."""
    from gokart.target import LargeDataFrameProcessor, make_model_target, make_target

    if extension == 'zip':
        large = LargeDataFrameProcessor(max_byte=64 * MEBIBYTE)
        scratch = str(path.with_suffix('.scratch'))
        target = make_model_target(str(path), scratch, large.save, LargeDataFrameProcessor.load)
    else:
        target = make_target(str(path))
    return target.dump, target.load


def memory_mebibytes(field: str) -> float:
    """Return what this process holds of real memory now (VmRSS), or at most since its peak was set back (VmHWM)."""
    return int(Path('/proc/self/status').read_text().split(f'{field}:')[1].split()[0]) / 1024


def measured(action: Callable[[], Any]) -> tuple[Any, dict[str, float]]:
    """Return what `action` gave, and what it took; its memory where the system tells the peak of a moment (Linux)."""
    gc.collect()
    tells_peak = Path('/proc/self/clear_refs')
    if tells_peak.exists():
        tells_peak.write_text('5')
        before = memory_mebibytes('VmRSS')
    start = perf_counter()
    result = action()
    figures = {'seconds': perf_counter() - start}
    if tells_peak.exists():
        figures['mebibytes'] = memory_mebibytes('VmHWM') - before
    return result, figures


def measure(side: str, extension: str, action: str, directory: str, mebibytes: float) -> dict[str, float]:
    """Dump or load once: `action` is ``'dump'`` or ``'load'``; what one process dumped, another one loads."""
    path = Path(directory) / f'{side}.{extension}'
    dump, load = (plain if side == 'plain' else targeted)(extension, path)
    small = object_of(extension, 0.01)
    warm_up, warm_load = (plain if side == 'plain' else targeted)(extension, path.with_stem(f'{side}-warm'))
    warm_up(small)
    warm_load()  # what is imported at first use is no memory of the frame
    if action == 'dump':
        obj = object_of(extension, mebibytes)
        return measured(lambda: dump(obj))[1]
    return measured(load)[1]


if __name__ == '__main__':
    answer(measure)
