"""Pipelines on object storage that fails: what passes hurts nobody, what does not is one clear error."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import luigi
import pytest
from support.fault_proxy import FaultProxy

import gokart
from gokart.errors import (
    AccessDeniedError,
    BucketNotFoundError,
    CredentialsError,
    GokartBuildError,
    UnreachableStorageError,
)
from gokart.storage.registry import forget_storages, storage_for

LOGS = {
    'task_params': 'pkl',
    'random_seed': 'pkl',
    'module_versions': 'txt',
    'processing_time': 'pkl',
    'task_log': 'pkl',
}


class Number(gokart.TaskOnKart):
    """A small task, of which there are many: without log files there are three times as many in the same time."""

    value = luigi.IntParameter()
    should_dump_supplementary_log_files = False

    def output(self):
        return self.make_target('number.pkl')

    def run(self):
        self.dump({'value': self.value, 'filling': 'x' * 10_000})


class Sum(gokart.TaskOnKart):
    start = luigi.IntParameter()
    stop = luigi.IntParameter()

    def requires(self):
        return [Number(value=value) for value in range(self.start, self.stop)]

    def output(self):
        return self.make_target('sum.txt')

    def run(self):
        self.dump([sum(number['value'] for number in self.load())])


class Total(gokart.TaskOnKart):
    def requires(self):
        return [Sum(start=start, stop=start + 19) for start in range(0, 190, 19)]

    def run(self):
        self.dump(sum(int(line) for lines in self.load() for line in lines))


class Threads(gokart.TaskOnKart):
    """Dumps and loads in 16 threads at once."""

    def output(self):
        return [self.make_target(f'part/{number}.pkl') for number in range(100)]

    def run(self):
        def dump_and_load(number):
            self.dump(list(range(number)), self.output()[number])
            return self.load(self.output()[number])

        with ThreadPoolExecutor(16) as pool:
            loaded = list(pool.map(dump_and_load, range(100)))
        assert loaded == [list(range(number)) for number in range(100)]


class Big(gokart.TaskOnKart):
    def output(self):
        return self.make_target('big.png')

    def run(self):
        self.dump(b'0123456789abcdef' * (20 << 16))  # 20 MiB


class Reader(gokart.TaskOnKart):
    def requires(self):
        return Big()

    def run(self):
        self.dump(len(self.load()))


@dataclass
class Cloud:
    """A bucket that is reached through a proxy, and directly."""

    scheme: str
    bucket: str
    proxy: FaultProxy
    direct: str
    variable: str

    @property
    def workspace(self) -> str:
        return f'{self.scheme}://{self.bucket}/workspace'


@pytest.fixture(params=['s3', 'gs'])
def cloud(request, fault_proxy, monkeypatch, config):
    if request.param == 's3':
        url, server, variable = (
            request.getfixturevalue('s3_url'),
            request.getfixturevalue('s3_server').url,
            'AWS_ENDPOINT_URL',
        )
    else:
        url, server, variable = (
            request.getfixturevalue('gcs_url'),
            request.getfixturevalue('gcs_server'),
            'STORAGE_EMULATOR_HOST',
        )
    proxy = fault_proxy(server, seed=3)
    monkeypatch.setenv(variable, proxy.url)
    forget_storages()
    cloud = Cloud(request.param, url.partition('://')[2], proxy, server, variable)
    config.set('TaskOnKart', 'workspace_directory', cloud.workspace)
    return cloud


def make_unreliable(proxy):
    """Let one request in ten fail, in all the ways that pass, and some take longer."""
    proxy.add('status', status=503, share=0.025)
    proxy.add('status', status=500, share=0.015)
    proxy.add('status', status=429, share=0.01)
    proxy.add('reset_before', share=0.015)
    proxy.add('reset_after', share=0.02)
    proxy.add('truncate', size_bytes=40, share=0.015)
    proxy.add('delay', seconds=0.01, share=0.1)


def faults(proxy):
    return [entry for entry in proxy.log if isinstance(entry.outcome, str) or entry.outcome in (429, 500, 503)]


def see_directly(cloud, monkeypatch):
    """Let storages reach the server without the proxy."""
    monkeypatch.setenv(cloud.variable, cloud.direct)
    forget_storages()


def stored(cloud):
    return {entry.path for entry in storage_for(cloud.workspace).list(f'{cloud.scheme}://{cloud.bucket}')}


def unfinished_uploads(cloud, s3_server):
    """The uploads in parts that were neither completed nor aborted; sessions of GCS end by themselves."""
    if cloud.scheme == 'gs':
        return []
    return s3_server.client().list_multipart_uploads(Bucket=cloud.bucket).get('Uploads', [])


def objects_of(*all_tasks):
    """The paths of the outputs and of the log files of tasks."""
    outputs = {target.path() for task in all_tasks for target in luigi.task.flatten(task.output())}
    logs = {
        f'{task.workspace_directory}/log/{kind}/{type(task).__name__}_{task.make_unique_id()}.{extension}'
        for task in all_tasks
        if task.should_dump_supplementary_log_files
        for kind, extension in LOGS.items()
    }
    return outputs | logs


def test_200_tasks_end_with_every_value_right_and_no_other_object(cloud, monkeypatch, s3_server):
    make_unreliable(cloud.proxy)
    assert gokart.build(Total()) == sum(range(190))
    assert len(faults(cloud.proxy)) > 20  # about a tenth of the requests
    see_directly(cloud, monkeypatch)
    sums = Total().requires()
    numbers = [number for one in sums for number in one.requires()]
    assert stored(cloud) == objects_of(Total(), *sums, *numbers)
    assert [number.load()['value'] for number in (task.output() for task in numbers)] == list(range(190))
    assert unfinished_uploads(cloud, s3_server) == []


def test_processes_end_with_every_value_right(cloud):
    make_unreliable(cloud.proxy)
    assert gokart.build(Sum(start=0, stop=20), workers=4) == [str(sum(range(20)))]


def test_16_threads_of_one_body_end_with_every_value_right(cloud, monkeypatch):
    make_unreliable(cloud.proxy)
    assert gokart.build(Threads()) == [list(range(number)) for number in range(100)]
    assert len(faults(cloud.proxy)) > 10  # about a tenth of the requests, whose number is not always the same
    see_directly(cloud, monkeypatch)
    assert stored(cloud) == objects_of(Threads())


def test_a_big_object_survives_losses_on_both_ways(cloud, monkeypatch, s3_server):
    cloud.proxy.add('truncate', size_bytes=300_000, share=0.3)
    cloud.proxy.add('reset_before', share=0.1)
    cloud.proxy.add('reset_after', share=0.1)
    assert gokart.build(Reader()) == 20 << 20
    assert faults(cloud.proxy)
    see_directly(cloud, monkeypatch)
    assert Big().output().load() == b'0123456789abcdef' * (20 << 16)
    assert stored(cloud) == objects_of(Reader(), Big())
    assert unfinished_uploads(cloud, s3_server) == []


def test_every_answer_may_be_lost_once(cloud, monkeypatch):
    """What was asked was done each time, and is asked again."""
    cloud.proxy.add('reset_after', repetition=0)
    assert gokart.build(Sum(start=0, stop=2)) == ['1']
    see_directly(cloud, monkeypatch)
    assert stored(cloud) == objects_of(Sum(start=0, stop=2), Number(value=0), Number(value=1))


@pytest.mark.parametrize('cloud', ['s3'], indirect=True)
def test_log_files_that_cannot_be_written_hurt_no_task(cloud, caplog):
    cloud.proxy.add('status', method='PUT', path='/log/random_seed/', status=403)
    task = Sum(start=0, stop=2)
    assert gokart.build(task, log_level=logging.WARNING) == ['1']
    assert f'Could not write the log file random_seed of Sum[{task.make_unique_id()}]: AccessDeniedError' in caplog.text


def remove_bucket(cloud, monkeypatch):
    return f'{cloud.scheme}://no-such-bucket-here/workspace'


def end_server(cloud, monkeypatch):
    cloud.proxy.stop()


def deny_writes(cloud, monkeypatch):
    bodies = {
        's3': b'<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>',
        'gs': b'{"error": {"code": 403, "message": "no access", "errors": [{"reason": "forbidden"}]}}',
    }
    for method in ('PUT', 'POST'):
        cloud.proxy.add('status', method=method, status=403, body=bodies[cloud.scheme])


def refuse_credentials(cloud, monkeypatch):
    if cloud.scheme == 's3':
        monkeypatch.setenv('AWS_ACCESS_KEY_ID', 'AKIANOBODYKNOWSTHIS0')
        monkeypatch.setenv('AWS_SECRET_ACCESS_KEY', 'not-the-secret')
    else:
        cloud.proxy.add('status', status=401, body=b'{"error": {"code": 401, "message": "Invalid Credentials"}}')


@pytest.mark.parametrize(
    ('spoil', 'error_class', 'cure'),
    [
        (remove_bucket, BucketNotFoundError, 'no-such-bucket-here'),
        (end_server, UnreachableStorageError, '127.0.0.1'),
        (deny_writes, AccessDeniedError, ''),
        (refuse_credentials, CredentialsError, ''),
    ],
)
def test_what_does_not_pass_is_one_clear_error_within_seconds(cloud, monkeypatch, spoil, error_class, cure):
    workspace = spoil(cloud, monkeypatch) or cloud.workspace
    forget_storages()
    task = Number(value=1, workspace_directory=workspace)
    start = time.monotonic()
    with pytest.raises(GokartBuildError) as caught:
        gokart.build(task)
    assert time.monotonic() - start < 10
    assert isinstance(caught.value.__cause__, error_class)
    message = str(caught.value)
    for part in (f'Number[{task.make_unique_id()}]', task.output().path(), error_class.__name__, cure):
        assert part in message
    assert 'not-the-secret' not in message


BIG_DUMP = """
    import gokart

    class Big(gokart.TaskOnKart):
        def output(self):
            return self.make_target('big.png')

        def run(self):
            self.dump(b'0123456789abcdef' * (20 << 16))

    gokart.build(Big(workspace_directory={workspace!r}, should_dump_supplementary_log_files=False), return_value=False)
"""


def start_big_dump(cloud, tmp_path):
    scratch = tmp_path / 'scratch'
    scratch.mkdir(exist_ok=True)
    return subprocess.Popen(
        [sys.executable, '-W', 'ignore', '-c', textwrap.dedent(BIG_DUMP.format(workspace=cloud.workspace))],
        env={**os.environ, 'TMPDIR': str(scratch), cloud.variable: cloud.proxy.url},
        stderr=subprocess.DEVNULL,
    )


@pytest.mark.skipif(sys.platform == 'win32', reason='the signals are of POSIX')
@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGKILL])
def test_an_upload_that_is_cut_short_leaves_nothing_visible(cloud, tmp_path, s3_server, number):
    held = cloud.proxy.add('hold', method='PUT', skip=1, times=1)
    process = start_big_dump(cloud, tmp_path)
    assert held.taken.wait(30)
    process.send_signal(number)
    time.sleep(0.1)
    held.event.set()
    assert process.wait(30) != 0
    assert stored(cloud) == set()
    if number == signal.SIGINT:
        assert unfinished_uploads(cloud, s3_server) == []
        assert files_in(tmp_path / 'scratch') == []
    # The next process clears up after one that was killed.
    assert start_big_dump(cloud, tmp_path).wait(30) == 0
    assert len(stored(cloud)) == 1
    assert unfinished_uploads(cloud, s3_server) == []
    assert files_in(tmp_path / 'scratch') == []


def files_in(directory):
    return [path for path in directory.rglob('*') if path.is_file()]
