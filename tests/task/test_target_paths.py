"""Where the targets of a task lie."""

from __future__ import annotations

import ntpath
import posixpath
from types import SimpleNamespace

import pytest

import gokart
from gokart import anchor
from gokart.storage.registry import storage_for


class Plain(gokart.TaskOnKart):
    def output(self):
        return self.make_target('memory://elsewhere/data.pkl')

    def run(self):
        self.dump(1)


@pytest.mark.parametrize('workspace', ['resources', 'memory://here'])
def test_a_url_is_a_whole_path_whatever_the_workspace(workspace):
    task = Plain(workspace_directory=workspace, should_dump_supplementary_log_files=False)
    path = f'memory://elsewhere/data_{task.make_unique_id()}.pkl'
    assert task.output().path() == path
    assert gokart.build(task) == 1
    assert storage_for(path).exists(path)
    task.output().remove()


@pytest.mark.parametrize('system', [posixpath, ntpath])
def test_names_in_a_url_are_joined_by_slashes_on_every_system(monkeypatch, system):
    monkeypatch.setattr(anchor, 'os', SimpleNamespace(path=system))
    assert anchor.joined('s3://bucket/workspace', 'log', 'x.pkl') == 's3://bucket/workspace/log/x.pkl'
    assert anchor.joined('workspace', 'x.pkl') == f'workspace{system.sep}x.pkl'
