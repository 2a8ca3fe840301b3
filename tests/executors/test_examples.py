"""The examples of many processes do what they say."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / 'examples'


def run(name, *arguments):
    environment = {**os.environ, 'PYTHONPATH': os.pathsep.join(sys.path), 'PYTHONWARNINGS': 'ignore'}
    command = [sys.executable, str(EXAMPLES / name), *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_two_builds_share_the_tasks_of_a_scheduler():
    assert run('shared_scheduler.py') == '8 parts, made by 2 processes\n'


def test_nodes_of_a_cluster_share_an_object_store(s3_url):
    printed = run('dask_cluster.py', f'{s3_url}/workspace')
    assert printed.startswith(f'8 parts, made by 2 processes, stored at {s3_url}/workspace/')
