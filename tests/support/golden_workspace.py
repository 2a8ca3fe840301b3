"""The golden tasks written or read by whichever gokart is installed.

``golden_workspace.py (write|read) WORKSPACE [KIND…]``; all kinds are dumped or loaded if none is given.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parent.parent / 'golden'))

import tasks

import gokart


def write(workspace, *kinds):
    for kind in kinds or tasks.DUMPS:
        gokart.build(tasks.Dump(kind=kind, workspace_directory=workspace), return_value=False)


def read(workspace, *kinds):
    before = modification_times(workspace)
    for kind in kinds or tasks.DUMPS:
        task = tasks.Dump(kind=kind, workspace_directory=workspace)
        assert task.complete(), f'{task} would run again'
        gokart.build(task, return_value=False)
        assert task.get_task_log()['kind'] == kind
        assert task.get_processing_time() >= 0
        loaded = task.output().load()
        # 1.12.2 mixes up the parts of large frames.
        check(loaded.sort_values('id') if kind == 'large' else loaded, stored_value(kind))
    assert modification_times(workspace) == before


def check(actual, expected):
    if isinstance(expected, dict):
        assert actual.keys() == expected.keys()
        for key in expected:
            check(actual[key], expected[key])
    elif isinstance(expected, pd.DataFrame):
        # pandas 2 has another type for labels.
        pd.testing.assert_frame_equal(actual, expected, check_dtype=False, check_column_type=False)
    elif isinstance(expected, np.ndarray):
        np.testing.assert_array_equal(actual, expected)
        assert actual.dtype == expected.dtype
    else:
        assert actual == expected


def stored_value(kind):
    """What the format keeps of the dumped value: csv and tsv have no empty strings."""
    if kind in ('csv', 'tsv'):
        return tasks.FRAME.replace({'word': {'': np.nan}})
    return tasks.value(kind)


def modification_times(workspace):
    return {path: path.stat().st_mtime_ns for path in Path(workspace).rglob('*') if path.is_file()}


if __name__ == '__main__':
    {'write': write, 'read': read}[sys.argv[1]](*sys.argv[2:])
