"""The test run with empty frames."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import gokart
from gokart.testing import try_to_run_test_for_empty_data_frame

seen = []


class Frame(gokart.TaskOnKart):
    task_namespace = 'empty_frames'

    def run(self):
        self.dump(pd.DataFrame({'a': [1, 2], 'b': ['x', 'y']}))


class Careful(gokart.TaskOnKart):
    task_namespace = 'empty_frames'

    def requires(self):
        return [Frame()]

    def run(self):
        frame = self.load_data_frame()
        seen.append((list(frame.columns), len(frame), frame['a'].dtype.kind))
        self.dump({'frame': frame, 'number': 1})


class Careless(gokart.TaskOnKart):
    task_namespace = 'empty_frames.careless'

    def requires(self):
        return Careful()

    def run(self):
        self.dump(self.load()['frame'].iloc[0])


@pytest.fixture(autouse=True)
def _nothing_seen():
    seen.clear()


def run(*arguments):
    with pytest.raises(SystemExit) as end:
        try_to_run_test_for_empty_data_frame([*arguments, '--local-scheduler', '--no-lock'])
    return end.value.code


def test_nothing_happens_where_it_is_not_asked_for():
    try_to_run_test_for_empty_data_frame(['empty_frames.Careful', '--local-scheduler'])
    assert seen == []


def test_tasks_run_again_on_frames_without_rows(capsys):
    assert run('empty_frames.Careful', '--test-run-pandas') == 0
    assert seen == [(['a', 'b'], 2, 'i'), (['a', 'b'], 0, 'i')]
    out = capsys.readouterr().out
    assert 'gokart test results:\nstatus=OK; namespace=empty_frames; name=' in out
    assert f'name=Careful; id={Careful().make_unique_id()};' in out


def test_a_task_that_fails_ends_in_code_1(capsys):
    """Frames inside of other objects are emptied as well."""
    assert run('empty_frames.careless.Careless', '--test-run-pandas') == 1
    assert 'status=NG; namespace=empty_frames.careless; name=Careless; id=' in capsys.readouterr().out


def test_only_tasks_of_the_namespace_run_again(capsys):
    assert run('empty_frames.careless.Careless', '--test-run-pandas', '--test-run-namespace', 'empty_frames') == 0
    assert 'Careless' not in capsys.readouterr().out.partition('gokart test results')[2]


def test_stored_results_stay():
    run('empty_frames.Careful', '--test-run-pandas')
    files = {path: path.read_bytes() for path in Path().rglob('*.pkl')}
    assert len(Careful().output().load()['frame']) == 2
    run('empty_frames.Careful', '--test-run-pandas')
    assert {path: path.read_bytes() for path in Path().rglob('*.pkl')} == files
