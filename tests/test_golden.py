"""A workspace and ids that gokart 1.12.2 made are ours as well."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import tasks

import gokart

GOLDEN = Path(__file__).parent / 'golden'
IDS = json.loads((GOLDEN / 'unique_ids.json').read_text(encoding='utf-8'))


@pytest.fixture
def workspace(tmp_path):
    return shutil.copytree(GOLDEN / 'workspace', tmp_path / 'workspace')


@pytest.mark.parametrize('case', IDS)
def test_id_is_that_of_the_published_library(case):
    assert tasks.CASES[case]().make_unique_id() == IDS[case]


def test_every_recorded_case_is_checked():
    assert IDS.keys() == tasks.CASES.keys()


def assert_equal(actual, expected):
    if isinstance(expected, dict):
        assert actual.keys() == expected.keys()
        for key in expected:
            assert_equal(actual[key], expected[key])
    elif isinstance(expected, pd.DataFrame):
        pd.testing.assert_frame_equal(actual, expected, check_dtype=False)
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


@pytest.mark.parametrize('kind', tasks.DUMPS)
def test_recorded_file_loads_to_the_recorded_value(kind, workspace):
    task = tasks.Dump(kind=kind, workspace_directory=str(workspace))
    assert_equal(task.output().load(), stored_value(kind))


@pytest.mark.parametrize('kind', tasks.DUMPS)
def test_recorded_task_is_complete_and_does_not_run_again(kind, workspace):
    files = {path: path.stat().st_mtime_ns for path in workspace.rglob('*') if path.is_file()}
    task = tasks.Dump(kind=kind, workspace_directory=str(workspace))
    assert task.complete()
    gokart.build(task, return_value=False)
    assert {path: path.stat().st_mtime_ns for path in workspace.rglob('*') if path.is_file()} == files


@pytest.mark.parametrize('kind', tasks.DUMPS)
def test_recorded_log_files_load(kind, workspace):
    task = tasks.Dump(kind=kind, workspace_directory=str(workspace))
    assert task.get_task_log()['kind'] == kind
    assert task.get_task_params() == {'kind': kind}
    assert task.get_processing_time() > 0


def test_recorded_task_is_restored_by_its_id(workspace, config):
    config.set('TaskOnKart', 'workspace_directory', str(workspace))
    restored = tasks.Dump.restore(tasks.Dump(kind='csv').make_unique_id())
    assert restored.kind == 'csv'


@pytest.mark.parametrize('kind', tasks.DUMPS)
def test_what_we_write_has_the_recorded_name_and_value(kind, workspace, tmp_path):
    recorded = {path.relative_to(workspace) for path in workspace.rglob('*') if path.is_file()}
    task = tasks.Dump(kind=kind, workspace_directory=str(tmp_path / 'new'))
    gokart.build(task, return_value=False)
    written = {path.relative_to(tmp_path / 'new') for path in (tmp_path / 'new').rglob('*') if path.is_file()}
    assert written <= recorded
    assert_equal(task.output().load(), stored_value(kind))
