"""How long a target takes to dump and load, next to a plain pickle file of the same frame."""

from __future__ import annotations

import pickle
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from measuring import best_seconds, main

from gokart.target import LargeDataFrameProcessor, TargetOnKart, make_model_target, make_target

ROWS = 100_000
FORMATS = ('pkl', 'csv', 'json', 'ndjson', 'parquet', 'feather')


def frame() -> pd.DataFrame:
    random = np.random.default_rng(0)
    return pd.DataFrame(
        {
            'id': np.arange(ROWS),
            'score': random.normal(size=ROWS),
            'word': random.choice(['apple', 'pear', 'plum'], ROWS),
        }
    )


def plain_round_trip(obj: object, path: Path) -> object:
    with path.open('wb') as file:
        pickle.dump(obj, file, protocol=4)
    with path.open('rb') as file:
        return pickle.load(file)


def round_trip(obj: object, target: TargetOnKart) -> object:
    target.dump(obj)
    return target.load()


def measure() -> dict[str, float]:
    obj = frame()
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        targets = {f'.{extension}': make_target(str(directory / f'frame.{extension}')) for extension in FORMATS}
        large = LargeDataFrameProcessor(max_byte=2**20)
        targets['large frame'] = make_model_target(
            str(directory / 'large.zip'), str(directory / 'scratch'), large.save, LargeDataFrameProcessor.load
        )
        found = {'plain pickle': best_seconds(lambda: plain_round_trip(obj, directory / 'plain.pkl'))}
        for title, target in targets.items():
            found[title] = best_seconds(lambda target=target: round_trip(obj, target), rounds=3)
        small = make_target(str(directory / 'small.pkl'))
        found['.pkl of one number'] = best_seconds(lambda: round_trip(1, small), rounds=50)
        return found


if __name__ == '__main__':
    main(__doc__, measure, f'ms, {ROWS} rows', 1e3)
