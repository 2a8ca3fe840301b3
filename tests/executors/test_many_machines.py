"""Several workers at one scheduler, and several nodes at one workspace in an object store."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request

import pytest
from support.executor_tasks import Several

from gokart.build import build

BUILD = """
import sys
import luigi
import gokart
from support.executor_tasks import Several

url, notes, seconds, executor = sys.argv[1:]
config = luigi.configuration.get_config()
for option, value in {'keep_alive': 'true', 'wait_interval': '0.05', 'wait_jitter': '0'}.items():
    config.set('gokart_worker', option, value)
task = Several(count=12, seconds=float(seconds), notes=notes)
gokart.build(task, local_scheduler=False, scheduler_url=url, workers=2, executor=executor or None)
"""


@pytest.fixture(scope='module')
def luigid(tmp_path_factory):
    """URL of a central scheduler."""
    directory = tmp_path_factory.mktemp('luigid')
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        port = probe.getsockname()[1]
    command = [sys.executable, '-c', 'from luigi.cmdline import luigid; luigid()', '--address', '127.0.0.1']
    with (directory / 'log').open('wb') as log:
        server = subprocess.Popen(
            [*command, '--port', str(port), '--state-path', str(directory / 'state')],
            cwd=directory, stdout=log, stderr=log,
        )  # fmt: skip
    url = f'http://127.0.0.1:{port}'
    try:
        deadline = time.monotonic() + 30
        while True:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f'{url}/static/visualiser/index.html', timeout=1).close()
                break
            assert server.poll() is None, (directory / 'log').read_text()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield url
    finally:
        server.kill()
        server.wait()


@pytest.mark.parametrize(('names', 'seconds'), [(('', ''), '0.1'), (('threads', 'processes'), '0.11')])
def test_workers_of_one_scheduler_share_the_tasks(names, seconds, luigid, notes, tmp_path):
    environment = {**os.environ, 'PYTHONPATH': os.pathsep.join(sys.path)}
    builds = [
        subprocess.Popen(
            [sys.executable, '-c', BUILD, luigid, notes.path, seconds, name],
            env=environment, cwd=tmp_path, stderr=subprocess.PIPE, text=True,
        )
        for name in names
    ]  # fmt: skip
    try:
        ends = [process.communicate(timeout=60) for process in builds]
    finally:
        for process in builds:
            process.kill()
    assert [process.returncode for process in builds] == [0, 0], '\n'.join(error for _, error in ends)
    bodies = notes.counted('event.core.success')
    assert bodies == {**{(f'Slow{number}', 'event.core.success'): 1 for number in range(12)},
                      ('Several', 'event.core.success'): 1}  # fmt: skip


def test_nodes_of_dask_share_a_workspace_in_an_object_store(s3_url, notes):
    import distributed

    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        address = cluster.scheduler_address.removeprefix('tcp://')
        task = Several(count=6, seconds=0.2, notes=notes.path, workspace_directory=f'{s3_url}/workspace')
        made_by = build(task, executor=f'dask://{address}')
    assert len(made_by) == 2
    assert os.getpid() not in notes.process_ids()
    assert task.output().path().startswith(s3_url)
