"""A plugin for pytest: tests that get a workspace, a configuration and a register of tasks of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gokart import _luigi
from gokart.in_memory import InMemoryCacheRepository


@pytest.fixture
def gokart_workspace(tmp_path: Path) -> Iterator[Path]:
    """Run the test with an empty workspace, of which this is the path, and nothing that other tests left behind.

    While it runs, Luigi's configuration has only ``[TaskOnKart]`` with `workspace_directory` and
    `local_temporary_directory` (more comes by `gokart.add_config` or ``luigi.configuration.get_config().set``). Task
    classes that it defines are forgotten afterwards, as are instances of tasks and objects in memory.
    """
    workspace = tmp_path / 'workspace'
    workspace.mkdir()
    repository = InMemoryCacheRepository()
    with _luigi.isolated() as configuration:
        repository.clear()
        configuration.set('TaskOnKart', 'workspace_directory', str(workspace))
        configuration.set('TaskOnKart', 'local_temporary_directory', str(tmp_path / 'temporary'))
        yield workspace
        repository.clear()
