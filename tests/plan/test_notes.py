"""What a task noted of its last run is read from its log files, and nothing that is wrong with them hurts."""

from __future__ import annotations

from pathlib import Path

import pytest

import gokart
from gokart.plan.describe import make_task_info_tree


class Noting(gokart.TaskOnKart):
    def run(self):
        self.task_log['rows'] = 3
        self.dump('x')


@pytest.fixture
def task():
    """A task that ran in another process, so that this object knows nothing of it."""
    gokart.build(Noting())
    Noting().task_log.clear()
    return Noting()


def log_file(kind):
    return next(Path('resources/log', kind).iterdir())


def test_time_and_log_of_the_last_run_are_shown(task):
    found = make_task_info_tree(task)
    assert found.processing_time == f'{task.get_processing_time()}s'
    assert found.task_log == {'rows': 3, 'file_path': [task.output().path()]}


def test_what_the_object_notes_is_shown_first():
    task = Noting()
    task.task_log['now'] = 1
    assert make_task_info_tree(task).task_log == {'now': 1}


def test_a_task_that_never_ran_has_noted_nothing(caplog):
    found = make_task_info_tree(Noting())
    assert (found.processing_time, found.task_log) == ('unknown', {})
    assert not [record for record in caplog.records if record.name.startswith('gokart')]


@pytest.mark.parametrize('content', [b'', b'broken', b'\x80\x04K\x01.'], ids=['empty', 'broken', 'a number'])
def test_a_broken_log_is_left_out_with_a_warning(task, caplog, content):
    log_file('task_log').write_bytes(content)
    assert make_task_info_tree(task).task_log == {}
    assert f'What Noting[{task.make_unique_id()}] noted of its last run is left out' in caplog.text


def test_a_broken_time_is_unknown(task):
    log_file('processing_time').write_bytes(b'broken')
    found = make_task_info_tree(task)
    assert found.processing_time == 'unknown'
    assert found.task_log['rows'] == 3


def test_a_missing_log_is_left_out(task):
    log_file('task_log').unlink()
    assert make_task_info_tree(task).task_log == {}


def test_a_workspace_without_log_files_is_fine():
    gokart.build(Noting(should_dump_supplementary_log_files=False))
    assert make_task_info_tree(Noting(should_dump_supplementary_log_files=False)).processing_time == 'unknown'


@pytest.mark.parametrize(('own', 'shown'), [(1.5, '1.5s'), ('7 minutes', '7 minutes'), (3, 3)])
def test_a_task_tells_its_time_as_it_likes(own, shown):
    class Own(Noting):
        def get_processing_time(self):
            return own

    assert make_task_info_tree(Own()).processing_time == shown


def test_looking_writes_nothing(task, tmp_path):
    before = {file: file.stat().st_mtime_ns for file in tmp_path.rglob('*')}
    make_task_info_tree(task)
    assert {file: file.stat().st_mtime_ns for file in tmp_path.rglob('*')} == before
