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
    'scheduler': ['scheduler_api', 'scheduler_parameter_visibilities', 'scheduler_visualisation', 'scheduler'],
    'both': WORKER_TESTS,
}  # fmt: skip

NO_PINGS = 'a worker with a scheduler in its own process sends no pings, so no message comes by them'
OTHER_WORDS = 'our message has other words'
CLOCK = "it replaces the clock in Luigi's module"
TIMED = "it has to end in 4 seconds, with 4 tests at a time; Luigi's own CI leaves it out"
PACKAGE = 'it needs a package that we do not'
IMPORTS = 'it depends on what an earlier test has imported'
DOES_NOT_APPLY: dict[str, dict[str, str]] = {
    'scheduler': {
        'scheduler_test.py::SchedulerIoTest::test_custom_metrics_collector': PACKAGE,
        'scheduler_test.py::SchedulerIoTest::test_datadog_metrics_collector': PACKAGE,
        'scheduler_test.py::SchedulerIoTest::test_has_task_history': PACKAGE,
        'scheduler_test.py::SchedulerIoTest::test_prometheus_metrics_collector': PACKAGE,
    },
    'both': {
        'task_running_resources_test.py::ConcurrentRunningResourcesTest::test_tasks_parallel': TIMED,
        'worker_task_test.py::TaskProcessTest::test_cleanup_children_on_terminate': PACKAGE,
        'worker_test.py::DynamicDependenciesWithMultipleWorkersTest::test_dynamic_dependencies_other_module': IMPORTS,
        'scheduler_message_test.py::SchedulerMessageTest::test_receive_messsage': NO_PINGS,
        'worker_scheduler_com_test.py::WorkerSchedulerCommunicationTest::test_dispatch_valid_message': NO_PINGS,
        'worker_test.py::WorkerPingThreadTests::test_ping_retry': NO_PINGS,
        'worker_test.py::WorkerPingThreadTests::test_ping_thread_shutdown': NO_PINGS,
        'worker_test.py::WorkerEmailTest::test_task_process_dies_with_email': OTHER_WORDS,
        'worker_test.py::WorkerEmailTest::test_task_times_out': OTHER_WORDS,
        'worker_test.py::MultipleWorkersTest::test_purge_hung_worker_default_timeout_time': CLOCK,
        'worker_test.py::MultipleWorkersTest::test_purge_hung_worker_override_timeout_time': CLOCK,
        'worker_test.py::MultipleWorkersTest::test_stop_worker_kills_subprocesses': 'it asks for the pid of the object '
        'that stands for a task that runs',
        'worker_test.py::WorkerConfigurationTest::test_asserts_for_worker': 'a bad setting raises ConfigError',
        'worker_test.py::WorkerPurgeEventHandlerTest::test_process_killed_handler': "it replaces Luigi's class of "
        'processes, from which ours is derived',
        'worker_parallel_scheduling_test.py::ParallelSchedulingTest::test_number_of_processes': 'looks at tasks are '
        'made by threads, not by processes',
        'worker_parallel_scheduling_test.py::ParallelSchedulingTest::test_zero_processes': 'the same',
    },
}


@pytest.mark.parametrize('ours', TESTS)
def test_luigis_tests_pass_with_ours(ours, tmp_path):
    """What Luigi's own classes fail here, too, says nothing: it may need a package, or a machine with less to do."""
    # Those of the worker wait most of the time.
    processes = 4 if ours == 'both' else 2
    outcomes = run(tmp_path / 'all', [f'{name}_test.py' for name in TESTS[ours]], ours, processes)
    failed = {name for name, passed in outcomes.items() if not passed}
    assert len(outcomes) - len(failed) > 120
    for again in (ours, 'nothing'):  # many tests of Luigi's measure time, so each has a second chance
        outcomes = run(tmp_path / again, failed, again, processes=0) if failed else {}
        failed = {name for name, passed in outcomes.items() if passed is (again == 'nothing')}
    assert not sorted(failed)


def run(directory: Path, tests: Iterable[str], ours: str, processes: int) -> dict[str, bool]:
    """Run tests of Luigi's in a process of their own; return which passed."""
    shutil.copytree(Path(str(SOURCE), 'test'), directory / 'test')
    path = os.pathsep.join([str(Path(support.__path__[0]).parent), *filter(None, sys.path)])
    options = ['-q', f'-n{processes}', '--dist=worksteal', '-p', 'support.engine_of_ours', '--rootdir=.']
    options += ['-p', 'no:cacheprovider', '-p', 'no:gokart']
    options += [f'--deselect=test/{name}' for name in DOES_NOT_APPLY.get(ours, ())]
    files = sorted(f'test/{name}' for name in tests)
    environment = {name: value for name, value in os.environ.items() if not name.startswith('PYTEST_XDIST')}
    subprocess.run(
        [sys.executable, '-m', 'pytest', *options, '-W', 'ignore', '--junit-xml=report.xml', *files],
        cwd=directory,
        env={**environment, 'OURS': ours, 'PYTHONPATH': path},
        stdout=subprocess.DEVNULL,
        timeout=600,
        check=False,
    )
    cases = ElementTree.parse(directory / 'report.xml').iter('testcase')
    return {id_of(case): case.find('failure') is None and case.find('error') is None for case in cases}


def id_of(case: ElementTree.Element) -> str:
    _, module, class_name = case.get('classname', '').split('.')
    return f'{module}.py::{class_name}::{case.get("name")}'
