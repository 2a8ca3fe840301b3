"""Deleting what a workspace does not need."""

from __future__ import annotations

import os
from pathlib import Path

import luigi
import pytest

import gokart
from gokart.errors import StorageError
from gokart.workspace_management import delete_local_unnecessary_outputs


class Leaf(gokart.TaskOnKart):
    number = luigi.IntParameter(default=0)

    def run(self):
        self.dump(self.number)


class Root(gokart.TaskOnKart):
    number = luigi.IntParameter(default=0)

    def requires(self):
        return {'leaf': Leaf(number=self.number)}

    def output(self):
        return [self.make_target('root.pkl'), self.make_model_target('deep.d/model.zip', _save, _load)]

    def run(self):
        for output in self.output():
            self.dump(1, output)


class Diamond(gokart.TaskOnKart):
    depth = luigi.IntParameter()

    def requires(self):
        return [Diamond(depth=self.depth - 1), Other(depth=self.depth - 1)] if self.depth else []

    def run(self):
        self.dump(1)


class Other(Diamond):
    pass


def _save(obj, path):
    Path(path).write_text('model')


def _load(path):
    return Path(path).read_text()


def files():
    return {str(path) for path in Path().rglob('*') if path.is_file() and 'log' not in path.parts}


def outputs(task):
    return {
        os.path.relpath(output.path())
        for node in (task, *luigi.task.flatten(task.requires()))
        for output in luigi.task.flatten(node.output())
    }


@pytest.mark.parametrize(
    'spelled', ['./resources/', 'resources', './resources', 'sub/../resources', '{here}/resources']
)
def test_what_the_tree_needs_stays_however_the_workspace_is_spelled(spelled):
    workspace = spelled.format(here=Path.cwd())
    Path('sub').mkdir()
    gokart.build(Root(), return_value=False)
    gokart.build(Root(number=1), return_value=False)
    deleted = delete_local_unnecessary_outputs(Root(number=1, workspace_directory=workspace))
    assert files() == outputs(Root(number=1))
    assert {os.path.relpath(path) for path in deleted} == outputs(Root())


def test_log_files_stay():
    gokart.build(Root(), return_value=False)
    logs = sorted(Path('resources/log').rglob('*.pkl'))
    delete_local_unnecessary_outputs(Leaf(number=5))
    assert sorted(Path('resources/log').rglob('*.pkl')) == logs


def test_files_of_users_stay():
    gokart.build(Leaf(), return_value=False)
    own = ['resources/notes.txt', 'resources/v1.2/data.csv', 'resources/deadbeef.pkl', 'resources/x_0123.pkl']
    for path in own:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text('mine')
    delete_local_unnecessary_outputs(Leaf(number=5))
    assert files() == set(own)


def test_a_missing_workspace_is_empty():
    assert delete_local_unnecessary_outputs(Leaf()) == []


def test_each_task_is_looked_at_once():
    """A hundred layers of diamonds have more ways through them than could be walked."""
    gokart.build(Leaf(), return_value=False)
    assert len(delete_local_unnecessary_outputs(Diamond(depth=100))) == 1


def test_remote_workspaces_are_refused():
    with pytest.raises(StorageError, match='memory://somewhere is none'):
        delete_local_unnecessary_outputs(Leaf(workspace_directory='memory://somewhere'))
