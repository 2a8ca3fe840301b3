"""Pipelines whose workspace is a bucket: nothing else of them changes, and nothing is left on the local disk."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import luigi
import pandas as pd
import pytest
import tasks
from support import golden_workspace
from support.golden_workspace import check, stored_value

import gokart
from gokart.errors import BrokenFileError, GokartBuildError
from gokart.storage.registry import storage_for

GOLDEN = Path(__file__).parents[1] / 'golden' / 'workspace'

ran: list[str] = []


class Raw(gokart.TaskOnKart):
    rows = luigi.IntParameter(default=10)

    def output(self):
        return self.make_target('raw/table.parquet')

    def run(self):
        ran.append('Raw')
        self.dump(pd.DataFrame({'number': range(self.rows)}))


class Halves(gokart.TaskOnKart):
    def requires(self):
        return Raw()

    def output(self):
        return {'even': self.make_target('even.csv'), 'odd': self.make_target('odd.csv', use_unique_id=False)}

    def run(self):
        ran.append('Halves')
        table = self.load()
        for name, rest in (('even', 0), ('odd', 1)):
            self.dump(table[table['number'] % 2 == rest], name)


class Model(gokart.TaskOnKart):
    def requires(self):
        return Halves()

    def output(self):
        return self.make_model_target('model.zip', save_function=pd.DataFrame.to_pickle, load_function=pd.read_pickle)

    def run(self):
        ran.append('Model')
        self.dump(self.load('odd'))


class Report(gokart.TaskOnKart):
    title = luigi.Parameter(default='Überblick')

    def requires(self):
        return {'model': Model(), 'halves': Halves()}

    def run(self):
        ran.append('Report')
        self.task_log['title'] = self.title
        self.dump([self.load('model')['number'].sum(), self.load('halves')['even']['number'].sum()])


class Derived(gokart.TaskOnKart):
    source = luigi.Parameter(significant=False)

    def requires(self):
        return Raw(workspace_directory=self.source)

    def run(self):
        ran.append('Derived')
        self.dump(len(self.load()))


class Silent(gokart.TaskOnKart):
    def run(self):
        pass


class Yielding(gokart.TaskOnKart):
    def run(self):
        halves = yield Halves()
        self.dump(len(halves['even'].load()))


ALL = ['Raw', 'Halves', 'Model', 'Report']


@pytest.fixture(autouse=True)
def _nothing_ran():
    ran.clear()


@pytest.fixture(params=['s3_url', 'gcs_url'])
def bucket(request):
    """URL of an empty bucket."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def workspace(bucket, config):
    """A directory in a bucket, where all tasks have their outputs."""
    config.set('TaskOnKart', 'workspace_directory', f'{bucket}/deep/work space')
    return f'{bucket}/deep/work space'


def stored(directory):
    """The versions of all objects by their names below `directory`."""
    storage = storage_for(directory)
    found = [entry.path for entry in storage.list(directory)]
    return {path.removeprefix(f'{directory}/'): storage.stat(path).version for path in found}


def copy(directory, url):
    """Copy a local directory into a bucket, file by file."""
    for path in Path(directory).rglob('*'):
        if path.is_file():
            with storage_for(url).open_write(f'{url}/{path.relative_to(directory).as_posix()}') as stream:
                stream.write(path.read_bytes())


def read(url):
    with storage_for(url).open_read(url) as file:
        return file.read()


def test_a_pipeline_gives_its_result(workspace):
    assert gokart.build(Report()) == [25, 20]
    assert ran == ALL


def test_the_objects_are_those_that_a_local_workspace_has(workspace, config, tmp_path):
    gokart.build(Report())
    config.set('TaskOnKart', 'workspace_directory', str(tmp_path / 'local'))
    gokart.build(Report())
    local = {
        path.relative_to(tmp_path / 'local').as_posix() for path in (tmp_path / 'local').rglob('*') if path.is_file()
    }
    assert stored(workspace).keys() == local


def test_no_file_stays_on_the_local_disk(workspace):
    gokart.build(Report())
    assert [path for path in Path().rglob('*') if path.is_file()] == []


def test_a_finished_pipeline_does_not_run_again(workspace):
    gokart.build(Report())
    before = stored(workspace)
    ran.clear()
    assert gokart.build(Report()) == [25, 20]
    assert ran == []
    assert stored(workspace) == before


def test_what_is_missing_is_made_again(workspace):
    gokart.build(Report())
    ran.clear()
    Model().output().remove()
    Report().output().remove()
    assert gokart.build(Report()) == [25, 20]
    assert ran == ['Model', 'Report']


def test_rerun_runs_once_more_and_replaces_what_is_there(workspace):
    gokart.build(Report())
    before = stored(workspace)
    ran.clear()
    gokart.build(Report(rerun=True))
    assert ran == ['Report']
    changed = {name for name, version in stored(workspace).items() if version != before[name]}
    assert {name.rpartition('/')[2].partition('_')[0] for name in changed} == {'Report'}


def test_rerun_of_the_first_task_runs_what_depends_on_it(workspace, config):
    gokart.build(Report())
    ran.clear()
    config.set('Raw', 'rerun', 'true')
    gokart.build(Report())
    assert ran == ALL


def test_another_workspace_is_another_world(workspace, bucket, config):
    gokart.build(Report())
    config.set('TaskOnKart', 'workspace_directory', f'{bucket}/other/')
    gokart.build(Report())
    assert ran == ALL * 2
    assert stored(f'{bucket}/other').keys() == stored(workspace).keys()


def test_a_slash_at_the_end_of_a_workspace_makes_no_difference(workspace):
    gokart.build(Report(), return_value=False)
    assert Report(workspace_directory=f'{workspace}/').complete()
    assert Report(workspace_directory=f'{workspace}/').output().path() == Report().output().path()


def test_the_log_files_tell_of_the_run(workspace):
    gokart.build(Report())
    assert Report().get_task_params() == {'title': 'Überblick'}
    assert Report().get_task_log() == {'title': 'Überblick', 'file_path': [Report().output().path()]}
    assert Report().get_processing_time() > 0


def test_a_task_is_restored_by_its_id(workspace):
    gokart.build(Report(title='other'))
    assert Report.restore(Report(title='other').make_unique_id()).title == 'other'


def test_dynamic_requirements_run(workspace):
    assert gokart.build(Yielding()) == 5
    assert ran == ['Raw', 'Halves']


def test_a_task_that_dumps_nothing_is_told_with_its_url(workspace):
    with pytest.raises(GokartBuildError) as caught:
        gokart.build(Silent())
    assert Silent().output().path() in str(caught.value)


def test_a_broken_object_is_told_with_its_url_and_the_cure(workspace):
    gokart.build(Raw(), return_value=False)
    path = Raw().output().path()
    with storage_for(path).open_write(path) as stream:
        stream.write(b'no table')
    with pytest.raises(BrokenFileError) as caught:
        Raw().output().load()
    assert path in str(caught.value)
    assert 'remove the file' in str(caught.value)


@pytest.mark.parametrize('kind', tasks.DUMPS)
def test_every_format_is_stored_and_loaded(workspace, kind):
    task = tasks.Dump(kind=kind)
    gokart.build(task, return_value=False)
    before = stored(workspace)
    check(task.output().load(), stored_value(kind))
    gokart.build(task, return_value=False)
    assert stored(workspace) == before


def test_a_workspace_that_was_copied_from_the_local_disk_goes_on(workspace):
    copy(GOLDEN, workspace)
    before = stored(workspace)
    for kind in tasks.DUMPS:
        task = tasks.Dump(kind=kind)
        assert task.complete()
        gokart.build(task, return_value=False)
        check(task.output().load(), stored_value(kind))
        assert task.get_task_params() == {'kind': kind}
    assert stored(workspace) == before


def test_a_workspace_that_was_copied_to_the_local_disk_goes_on(workspace, config, tmp_path):
    gokart.build(Report())
    for name in stored(workspace):
        (tmp_path / 'local' / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / 'local' / name).write_bytes(read(f'{workspace}/{name}'))
    ran.clear()
    config.set('TaskOnKart', 'workspace_directory', str(tmp_path / 'local'))
    assert gokart.build(Report()) == [25, 20]
    assert ran == []


class TestModificationTimeCheck:
    """`modification_time_check` compares times of storages with each other."""

    @pytest.fixture(params=['from the bucket', 'to the bucket'])
    def task(self, request, bucket):
        remote, local = f'{bucket}/workspace', './workspace'
        source, result = (remote, local) if request.param == 'from the bucket' else (local, remote)
        return Derived(source=source, workspace_directory=result, modification_time_check=True)

    def test_what_was_just_built_is_complete(self, task):
        gokart.build(task)
        assert task.complete()

    def test_an_input_that_is_newer_makes_it_run_again(self, task):
        gokart.build(task)
        local, hours = (task.requires().output(), 1) if '://' in task.output().path() else (task.output(), -1)
        modified = time.time() + hours * 3600
        os.utime(local.path(), (modified, modified))
        assert not task.complete()

    def test_an_input_that_is_older_does_not(self, task):
        gokart.build(task)
        local, hours = (task.requires().output(), -1) if '://' in task.output().path() else (task.output(), 1)
        modified = time.time() + hours * 3600
        os.utime(local.path(), (modified, modified))
        assert task.complete()


def test_forked_processes_share_a_workspace_and_no_connection(workspace):
    assert not tasks.Join().complete()  # connects before the processes start
    assert gokart.build(tasks.Join(), workers=2) == {'a': 1, 'b': [2, [3]], 'c': {'d': 4}}
    assert tasks.Join().complete()


def test_processes_need_not_be_forked(s3_url, config):
    config.set('TaskOnKart', 'workspace_directory', s3_url)
    config.set('gokart_worker', 'start_method', 'spawn')
    assert gokart.build(tasks.Chain(depth=0), workers=2) == 2


PUBLISHED = os.environ.get('GOKART_PUBLISHED_PYTHON', '')
KINDS_IN_BOTH = [kind for kind in tasks.DUMPS if kind != 'npz']  # 1.12.2 cannot load npz from S3


def published(verb, workspace):
    """Let gokart 1.12.2 write or read the golden tasks."""
    command = [PUBLISHED, '-W', 'ignore', golden_workspace.__file__, verb, workspace, *KINDS_IN_BOTH]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def s3_workspace(s3_url):
    """A directory on S3, where gokart 1.12.2 can be asked as well."""
    if not PUBLISHED or subprocess.run([PUBLISHED, '-c', 'import boto3'], capture_output=True).returncode:
        pytest.skip('GOKART_PUBLISHED_PYTHON is not set, or lacks boto3')
    return f'{s3_url}/shared'


def test_the_published_library_goes_on_with_what_we_wrote(s3_workspace):
    golden_workspace.write(s3_workspace, *KINDS_IN_BOTH)
    before = stored(s3_workspace)
    done = published('read', s3_workspace)
    assert done.returncode == 0, done.stderr
    assert stored(s3_workspace) == before


def test_we_go_on_with_what_the_published_library_wrote(s3_workspace):
    done = published('write', s3_workspace)
    assert done.returncode == 0, done.stderr
    before = stored(s3_workspace)
    golden_workspace.read(s3_workspace, *KINDS_IN_BOTH)
    assert stored(s3_workspace) == before
