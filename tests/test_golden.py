"""A workspace and ids that gokart 1.12.2 made are ours as well."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import tasks
from support.golden_workspace import check, modification_times, stored_value

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


@pytest.mark.parametrize('kind', tasks.DUMPS)
def test_recorded_file_loads_to_the_recorded_value(kind, workspace):
    task = tasks.Dump(kind=kind, workspace_directory=str(workspace))
    check(task.output().load(), stored_value(kind))


@pytest.mark.parametrize('kind', tasks.DUMPS)
def test_recorded_task_is_complete_and_does_not_run_again(kind, workspace):
    files = modification_times(workspace)
    task = tasks.Dump(kind=kind, workspace_directory=str(workspace))
    assert task.complete()
    gokart.build(task, return_value=False)
    assert modification_times(workspace) == files


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
    check(task.output().load(), stored_value(kind))
