"""This version and gokart 1.12.2 continue each other's workspaces.

`GOKART_PUBLISHED_PYTHON` names the Python of an environment with ``gokart==1.12.2``; without it, nobody can be asked.
"""

from __future__ import annotations

import os
import subprocess

import pytest
from support import golden_workspace

PUBLISHED = os.environ.get('GOKART_PUBLISHED_PYTHON')

pytestmark = pytest.mark.skipif(not PUBLISHED, reason='GOKART_PUBLISHED_PYTHON is not set')


def published(verb, workspace):
    command = [PUBLISHED, '-W', 'ignore', golden_workspace.__file__, verb, str(workspace)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def workspace(tmp_path):
    return tmp_path / 'workspace'


def test_the_published_library_reads_what_we_wrote_and_runs_nothing(workspace):
    golden_workspace.write(str(workspace))
    done = published('read', workspace)
    assert done.returncode == 0, done.stderr


def test_we_read_what_the_published_library_wrote_and_run_nothing(workspace):
    done = published('write', workspace)
    assert done.returncode == 0, done.stderr
    golden_workspace.read(str(workspace))


def test_both_write_the_same_files(tmp_path):
    published('write', tmp_path / 'theirs')
    golden_workspace.write(str(tmp_path / 'ours'))
    assert names_in(tmp_path / 'ours') == names_in(tmp_path / 'theirs')


def names_in(directory):
    return {path.relative_to(directory) for path in directory.rglob('*')}
