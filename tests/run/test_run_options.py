"""Options of the command line that ask for something else than a run."""

from __future__ import annotations

from pathlib import Path

import luigi
import pytest

import gokart

pytestmark = pytest.mark.usefixtures('own_pid_lock')


class Leaf(gokart.TaskOnKart):
    task_namespace = 'run_options'
    number = luigi.IntParameter(default=0)

    def run(self):
        self.dump(self.number)


class Root(gokart.TaskOnKart):
    task_namespace = 'run_options'
    number = luigi.IntParameter(default=0)

    def requires(self):
        return Leaf(number=self.number)

    def run(self):
        self.dump(self.load())


def run(*arguments):
    with pytest.raises(SystemExit) as end:
        gokart.run(['run_options.Root', '--local-scheduler', *arguments])
    return end.value.code


def files():
    return sorted(path.name for path in Path().rglob('*.pkl') if 'log' not in path.parts)


def test_the_tree_is_written_and_nothing_runs():
    assert not run('--tree-info-mode', 'simple', '--tree-info-output-path', 'tree.txt')
    tree = Path('resources/tree.txt').read_text()
    assert tree.startswith(f'\n└─-(PENDING) Root[{Root().make_unique_id()}]')
    assert f'└─-(PENDING) Leaf[{Leaf().make_unique_id()}]' in tree
    assert files() == []


def test_the_tree_with_all_details_shows_parameters():
    assert not run('--tree-info-mode=all', '--number=3')
    assert "(parameter={'number': '3'}" in Path('resources/tree.txt').read_text()


def test_another_mode_is_refused(capsys):
    assert run('--tree-info-mode', 'complete')
    assert '--tree-info-mode must be "simple" or "all", but "complete" is passed' in capsys.readouterr().err
    assert files() == []


def test_unnecessary_outputs_are_deleted_and_listed(capsys):
    assert run() == 0
    assert run('--number', '1') == 0
    kept = {Path(task.output().path()).name for task in (Root(number=1), Leaf(number=1))}
    deleted = set(files()) - kept
    capsys.readouterr()
    assert not run('--number', '1', '--delete-unnecessary-output-files')
    assert set(files()) == kept
    lines = capsys.readouterr().out.splitlines()
    assert {Path(line.removeprefix('deleted ')).name for line in lines} == deleted


def test_a_test_run_ends_in_its_own_code(capsys):
    assert run('--test-run-pandas') == 0
    assert 'gokart test results:\nstatus=OK; namespace=run_options; name=Leaf' in capsys.readouterr().out
