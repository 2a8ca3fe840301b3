"""`TaskDumpConfig` shows or stores the tree or table of a build before it starts."""

from __future__ import annotations

import logging
from pathlib import Path

import pandas as pd
import pytest

import gokart
from gokart.build import TaskDumpConfig, TaskDumpMode, TaskDumpOutputType, process_task_info


class Leaf(gokart.TaskOnKart):
    def run(self):
        self.dump(1)


class Root(gokart.TaskOnKart):
    def requires(self):
        return Leaf()

    def run(self):
        self.dump(self.load())


STARTS = {TaskDumpMode.TREE: '\n└─-(PENDING) Root[', TaskDumpMode.TABLE: 'name\tunique_id\toutput_paths'}


@pytest.mark.parametrize('mode', STARTS)
def test_it_is_shown(mode, capsys):
    gokart.build(Root(), task_dump_config=TaskDumpConfig(mode, TaskDumpOutputType.PRINT))
    assert capsys.readouterr().out.startswith(STARTS[mode])


@pytest.mark.parametrize('mode', STARTS)
def test_it_is_logged_where_that_is_wanted(mode, caplog, capsys):
    with caplog.at_level(logging.INFO):
        gokart.build(Root(), task_dump_config=TaskDumpConfig(mode, TaskDumpOutputType.PRINT), log_level=logging.INFO)
    assert [message for message in caplog.messages if message.startswith(STARTS[mode])]
    assert capsys.readouterr().out == ''


def test_a_tree_is_stored():
    gokart.build(Root(), task_dump_config=TaskDumpConfig(TaskDumpMode.TREE, TaskDumpOutputType.DUMP))
    path = Path(f'resources/log/task_info/Root_{Root().make_unique_id()}.txt')
    assert path.read_text().startswith(STARTS[TaskDumpMode.TREE])


def test_a_table_is_stored():
    gokart.build(Root(), task_dump_config=TaskDumpConfig(TaskDumpMode.TABLE, TaskDumpOutputType.DUMP))
    table = pd.read_pickle(f'resources/log/task_info/Root_{Root().make_unique_id()}.pkl')
    assert list(table['name']) == ['Root', 'Leaf']


def test_it_is_stored_in_the_workspace_of_the_task():
    config = TaskDumpConfig(TaskDumpMode.TREE, TaskDumpOutputType.DUMP)
    process_task_info(Root(workspace_directory='elsewhere'), config)
    assert [path.parts[:3] for path in Path().rglob('Root_*.txt')] == [('elsewhere', 'log', 'task_info')]


def test_nothing_is_told_by_default(capsys):
    process_task_info(Root())
    process_task_info(Root(), TaskDumpConfig())
    assert capsys.readouterr().out == ''
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize(
    ('mode', 'output'),
    [(TaskDumpMode.TREE, TaskDumpOutputType.NONE), (TaskDumpMode.NONE, TaskDumpOutputType.PRINT)],
)
def test_halves_of_a_config_are_refused(mode, output):
    with pytest.raises(ValueError, match='Unsupported TaskDumpConfig'):
        gokart.build(Root(), task_dump_config=TaskDumpConfig(mode, output))
