"""Looking at many tasks whose workspace is a bucket takes few requests."""

from __future__ import annotations

import luigi
import pytest

import gokart
from gokart.plan.views import make_task_info_as_tree_str
from gokart.storage.registry import forget_storages

LEAVES = 50


class Leaf(gokart.TaskOnKart):
    number = luigi.IntParameter()

    def run(self):
        self.task_log['number'] = self.number
        self.dump(self.number)


class Top(gokart.TaskOnKart):
    def requires(self):
        return [Leaf(number=number, workspace_directory=self.workspace_directory) for number in range(LEAVES)]


@pytest.fixture
def requests(gcs_url, gcs_server, fault_proxy, monkeypatch):
    """The requests that are made."""
    proxy = fault_proxy(gcs_server)
    monkeypatch.setenv('STORAGE_EMULATOR_HOST', proxy.url)
    forget_storages()
    return proxy.log


@pytest.mark.parametrize('details', [False, True])
def test_tasks_that_never_ran_are_found_by_listings(gcs_url, requests, details):
    make_task_info_as_tree_str(Top(workspace_directory=gcs_url), details=details)
    assert len(requests) <= 4


def test_of_a_complete_task_the_notes_are_read_by_one_request_each(gcs_url, requests):
    leaf = Leaf(number=7, workspace_directory=gcs_url)
    gokart.build(leaf)
    leaf.task_log.clear()
    requests.clear()
    text = make_task_info_as_tree_str(Top(workspace_directory=gcs_url), details=True)
    assert "task_log={'number': 7, 'file_path': ['gs://" in text
    assert len(requests) <= 6
