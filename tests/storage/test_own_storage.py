"""The storage that the docs show how to write is one: it passes the test kit, and a pipeline runs on it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / 'docs' / 'how-to' / 'own-storage.md').read_text(encoding='utf-8')
BLOCKS = dict(re.findall(r'^```(\S[^\n]*)\n(.*?)^```', PAGE, re.MULTILINE | re.DOTALL))


@pytest.fixture
def run(tmp_path):
    """Run Python where the package of the page is installed; gives what it prints."""
    for language, content in BLOCKS.items():
        if language.startswith('python '):
            (tmp_path / language.removeprefix('python ')).write_text(content, encoding='utf-8')
    package = tmp_path / 'sqlite_storage-1.0.dist-info'
    package.mkdir()
    (package / 'METADATA').write_text('Metadata-Version: 2.1\nName: sqlite_storage\nVersion: 1.0\n', encoding='utf-8')
    entry_point = BLOCKS['toml'].replace('project.entry-points."gokart.storages"', 'gokart.storages').replace('"', '')
    (package / 'entry_points.txt').write_text(entry_point, encoding='utf-8')
    environment = {**os.environ, 'PYTHONPATH': str(tmp_path), 'SQLITE_OBJECTS': str(tmp_path / 'objects.db')}

    def run_python(*arguments):
        command = [sys.executable, '-W', 'ignore', *arguments]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run_python


def test_the_page_shows_the_example():
    assert BLOCKS['python sqlite_storage.py'] == (ROOT / 'examples' / 'own_storage.py').read_text(encoding='utf-8')


def test_the_storage_passes_the_test_kit(run):
    done = run('-m', 'pytest', '-p', 'no:cacheprovider', 'test_sqlite_storage.py')
    assert re.search(r'\b[5-9]\d passed', done)


def test_a_pipeline_runs_on_it(run, tmp_path):
    assert run('pipeline.py') == BLOCKS['text pipeline.py']
    assert not (tmp_path / 'resources').exists()
