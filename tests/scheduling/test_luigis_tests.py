"""Luigi's own tests of scheduler and worker pass with ours.

`GOKART_LUIGI_SOURCE` names the directory of an unpacked source distribution of Luigi, which holds them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable
from pathlib import Path

import pytest

import support

SOURCE = os.environ.get('GOKART_LUIGI_SOURCE')

pytestmark = pytest.mark.skipif(not SOURCE, reason='GOKART_LUIGI_SOURCE is not set')

WORKER_TESTS = [
    'dynamic_import', 'execution_summary', 'priority', 'scheduler_message', 'task_running_resources',
    'worker_external_task', 'worker_keep_alive', 'worker_multiprocess', 'worker_parallel_scheduling',
    'worker_scheduler_com', 'worker_task', 'worker_task_process', 'worker',
]  # fmt: skip
TESTS = {
    'scheduler': [
        *WORKER_TESTS, 'scheduler_api', 'scheduler_parameter_visibilities', 'scheduler_visualisation', 'scheduler',
    ],
    'worker': WORKER_TESTS,
}  # fmt: skip

DOES_NOT_APPLY: dict[str, dict[str, str]] = {'scheduler': {}, 'worker': {}}


@pytest.mark.parametrize('ours', TESTS)
def test_luigis_tests_pass_with_ours(ours, tmp_path):
    """A test that Luigi's own classes do not pass here either says nothing; it may need a package or a server."""
    shutil.copytree(Path(str(SOURCE), 'test'), tmp_path / 'test')
    outcomes = run(tmp_path, [f'test/{name}_test.py' for name in TESTS[ours]], ours)
    failed = {name for name, passed in outcomes.items() if not passed}
    assert len(outcomes) - len(failed) > 150
    unexpected = failed - DOES_NOT_APPLY[ours].keys()
    if unexpected:
        unexpected &= {name for name, passed in run(tmp_path, unexpected, 'nothing').items() if passed}
    assert not sorted(unexpected)
    assert not sorted(DOES_NOT_APPLY[ours].keys() - failed), 'these do apply'


def run(directory: Path, tests: Iterable[str], ours: str) -> dict[str, bool]:
    """Run tests of Luigi's in a process of their own; return which passed."""
    path = os.pathsep.join([str(Path(support.__path__[0]).parent), *filter(None, sys.path)])
    options = ['-q', '-p', 'support.engine_of_ours', '-p', 'no:cacheprovider', '-p', 'no:gokart', '--rootdir=.']
    subprocess.run(
        [sys.executable, '-m', 'pytest', *options, '-W', 'ignore', '--junit-xml=report.xml', *sorted(tests)],
        cwd=directory,
        env={**os.environ, 'OURS': ours, 'PYTHONPATH': path},
        stdout=subprocess.DEVNULL,
        timeout=600,
        check=False,
    )
    cases = ElementTree.parse(directory / 'report.xml').iter('testcase')
    return {id_of(case): case.find('failure') is None and case.find('error') is None for case in cases}


def id_of(case: ElementTree.Element) -> str:
    *modules, class_name = case.get('classname', '').split('.')
    return f'{"/".join(modules)}.py::{class_name}::{case.get("name")}'
