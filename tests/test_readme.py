"""What the README and the docs show is run, section by section, as a newcomer would run it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / 'README.md', *sorted((ROOT / 'docs').rglob('*.md')), *sorted((ROOT / 'benchmarks').glob('*.md'))]
ENVIRONMENT = {'WORK_SPACE': './output', 'IS_TEST': 'true', 'PYTHONWARNINGS': 'ignore', 'PYTHONUTF8': '1'}

_HEADING = re.compile(r'#{1,3} (.*)')
_LINK = re.compile(r'\]\((?!https?://)([^)#]+)(?:#[^)]*)?\)')


@dataclass
class Section:
    """The fenced blocks below one heading, by the language of the fence."""

    page: Path
    title: str
    blocks: dict[str, list[str]] = field(default_factory=dict)

    def lines(self, language: str) -> list[str]:
        return ''.join(self.blocks.get(language, [])).splitlines()


def sections(page: Path) -> list[Section]:
    found = [Section(page, 'top')]
    language: str | None = None
    for line in page.read_text(encoding='utf-8').splitlines(keepends=True):
        if line.startswith('```'):
            language = line.strip('`\n ') if language is None else None
            if language is not None:
                found[-1].blocks.setdefault(language, []).append('')
        elif language is not None:
            found[-1].blocks[language][-1] += line
        elif heading := _HEADING.match(line):
            found.append(Section(page, heading[1]))
    return found


SECTIONS = [section for page in PAGES for section in sections(page)]
SCRIPTS = [section for section in SECTIONS if 'python' in section.blocks]


def run(arguments: list[str], directory: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=directory,
        env={**os.environ, **ENVIRONMENT},
        capture_output=True,
        text=True,
        encoding='utf-8',
        timeout=120,
    )


@pytest.mark.parametrize('section', SCRIPTS, ids=lambda section: f'{section.page.stem}: {section.title}')
def test_section_runs_prints_and_stores_what_it_says(section, tmp_path):
    """The python blocks of a section are one script, with `ini` as luigi.cfg; `text` its output, `files` its files."""
    (tmp_path / 'script.py').write_text('\n'.join(section.blocks['python']), encoding='utf-8')
    (tmp_path / 'luigi.cfg').write_text('\n'.join(section.blocks.get('ini', [])), encoding='utf-8')
    done = run(['script.py'], tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == section.lines('text'), done.stderr
    shown = [line.split()[0] for line in section.lines('files')]
    stored = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob('*')}
    assert set(shown) <= stored


def test_quickstart_runs_once_and_then_only_what_a_change_asks_for(tmp_path):
    script = str(ROOT / 'examples' / 'quickstart.py')
    ran = re.compile(r'ran: (.*)')
    first, second = run([script], tmp_path), run([script], tmp_path)
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    nothing = 'nothing, the stored result was loaded'
    assert ran.findall(first.stdout) == ['Rentals, Features, Model, Report', nothing, 'Model, Report']
    assert ran.findall(second.stdout) == [nothing] * 3
    files = re.findall(r'^  (resources/.*)', first.stdout, re.MULTILINE)
    assert len(files) == 6
    assert all((tmp_path / name).is_file() for name in files)


def test_first_two_commands_are_the_example_and_the_tests():
    commands = [block for section in sections(ROOT / 'README.md') for block in section.blocks.get('sh', [])]
    assert [block.count('\n') for block in commands[:2]] == [1, 1]
    assert commands[0].endswith('.venv/bin/python examples/quickstart.py\n')
    assert commands[1].endswith('.venv/bin/python -m pytest -n auto\n')


@pytest.mark.parametrize('page', PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_to_files(page):
    links = _LINK.findall(page.read_text(encoding='utf-8'))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_example_configuration_is_read(tmp_path):
    """Every option of luigi.cfg.example is one that gokart knows: a misspelled one would warn."""
    code = (
        'import sys, warnings, luigi, gokart\n'
        'from gokart.running.worker import gokart_worker\n'
        'warnings.simplefilter("error", UserWarning)\n'
        'gokart.add_config(sys.argv[1])\n'
        'class LoadTrainTask(gokart.TaskOnKart):\n'
        '    task_namespace = "feature"\n'
        '    rows = luigi.IntParameter(default=0)\n'
        'gokart_worker()\n'
        'task = LoadTrainTask()\n'
        'print(task.rows, task.workspace_directory)\n'
    )
    done = run(['-c', code, str(ROOT / 'luigi.cfg.example')], tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ['100', './output']
