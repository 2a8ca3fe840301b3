"""The benchmarks run: each script answers, and its answers become a page."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

DIRECTORY = Path(__file__).parents[2] / 'benchmarks'


@pytest.fixture(autouse=True)
def _scripts(monkeypatch):
    """Let the scripts find each other as they do when they are run, and forget them afterwards."""
    monkeypatch.syspath_prepend(str(DIRECTORY))
    yield
    for path in DIRECTORY.glob('*.py'):
        sys.modules.pop(path.stem, None)


def test_the_command_writes_a_page_of_what_it_measured(tmp_path):
    from run import main

    page = tmp_path / 'speed.md'
    main(['creation', 'graphs', '--tasks=5', '--rounds=1', '--no-published', f'--output={page}'])
    text = page.read_text()
    assert '## Tasks and ids' in text
    assert '| wide, 5 tasks, log files, build |' in text
    assert 'Error' not in text


@pytest.mark.parametrize('extension', ['pkl', 'feather', 'parquet', 'npz', 'zip', 'csv', 'json', 'ndjson', 'gz'])
@pytest.mark.parametrize('side', ['plain', 'gokart'])
def test_every_format_is_measured_on_every_side(extension, side, tmp_path):
    from frames import measure

    question = {'extension': extension, 'directory': str(tmp_path), 'mebibytes': 0.05}
    for action in ('dump', 'load'):
        found = measure(side, action=action, **question)
        assert found.keys() == {'seconds', 'mebibytes'}
        assert found['seconds'] > 0


def test_who_takes_too_long_is_not_asked_for_more(monkeypatch):
    import run
    from child import FailedError
    from suite import Case, Options, Section

    asked = []

    def ask(python, script, question, limit_seconds):
        asked.append((question['side'], question['tasks']))
        if question['side'] == 'slow' and question['tasks'] > 1:
            raise FailedError('> 1 s')
        return {'build': float(question['tasks'])}

    monkeypatch.setattr(run, 'ask', ask)
    cases = tuple(
        Case('graphs.py', {'tasks': tasks}, 'slow', f'{tasks} tasks', 'group', rounds=2) for tasks in (1, 2, 3)
    )
    section = Section('graphs', 'Builds', 'Slow', 'ms', 1e3, cases)
    figures = list(run.measured(section, Options(), {'gokart': 'python'}))
    assert asked.count(('slow', 2)) == 1
    assert ('slow', 3) not in asked
    assert [figure.cells[1] for figure in figures] == ['1000 ms', '> 1 s', '> 1 s']
    assert figures[1].cells[2:4] == ['2000 ms', '']


def test_a_side_that_fails_says_by_what(tmp_path):
    from child import FailedError, ask

    script = tmp_path / 'deep.py'
    script.write_text('def down():\n    down()\n\ndown()\n')
    with pytest.raises(FailedError, match='RecursionError'):
        ask(sys.executable, str(script), {}, limit_seconds=60)


def test_a_side_that_takes_too_long_is_given_up(tmp_path):
    from child import FailedError, ask

    script = tmp_path / 'slow.py'
    script.write_text('import time\ntime.sleep(60)\n')
    with pytest.raises(FailedError, match='> 1 s'):
        ask(sys.executable, str(script), {}, limit_seconds=1)


@pytest.mark.parametrize(('value', 'text'), [(123.4, '123'), (2.34, '2.3'), (0.234, '0.23')])
def test_figures_have_two_digits_that_mean_something(value, text):
    from table import significant

    assert significant(value) == text
