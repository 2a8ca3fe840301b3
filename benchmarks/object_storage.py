"""How long 200 small tasks take on S3 where a request takes 20 ms, next to one request after the other."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

import luigi
from luigi.task_register import Register
from measuring import main

import gokart

sys.path.append(str(Path(__file__).parents[1] / 'tests'))

TASKS = 200
LENGTH = 20
DELAY_SECONDS = 0.02
BUCKET = 'benchmark'
SERVE = '--serve'


class Step(gokart.TaskOnKart):
    """Adds one to what the step before stored."""

    chain = luigi.IntParameter()
    number = luigi.IntParameter()

    def requires(self):
        return Step(chain=self.chain, number=self.number - 1) if self.number else []

    def run(self):
        self.dump(self.load() + 1 if self.number else 1)


class Sum(gokart.TaskOnKart):
    """Sums up the ends of so many chains."""

    chains = luigi.IntParameter()
    length = luigi.IntParameter()

    def requires(self):
        return [Step(chain=chain, number=self.length - 1) for chain in range(self.chains)]

    def run(self):
        self.dump(sum(self.load()))


def build_seconds(directory: str, chains: int, length: int, logs: bool = True) -> float:
    config = luigi.configuration.get_config()
    config.set('TaskOnKart', 'workspace_directory', f's3://{BUCKET}/{directory}')
    config.set('TaskOnKart', 'should_dump_supplementary_log_files', str(logs))
    Register.clear_instance_cache()  # the tasks in it know the workspace before
    start = perf_counter()
    assert gokart.build(Sum(chains=chains, length=length)) == TASKS
    return perf_counter() - start


def request_seconds() -> float:
    """How long one of many requests takes that are made one after the other, by boto3 itself."""
    import boto3

    client = boto3.client('s3')
    client.put_object(Bucket=BUCKET, Key='warm', Body=b'')
    start = perf_counter()
    for number in range(TASKS):
        client.put_object(Bucket=BUCKET, Key=f'plain/{number}', Body=b'content')
    return (perf_counter() - start) / TASKS


def measure() -> dict[str, float]:
    run = uuid.uuid4().hex
    return {
        'one request': request_seconds(),
        'fan-in': build_seconds(f'{run}/fan', TASKS, 1),
        'fan-in, built already': build_seconds(f'{run}/fan', TASKS, 1),
        'fan-in, no log files': build_seconds(f'{run}/quiet', TASKS, 1, logs=False),
        f'chains of {LENGTH}': build_seconds(f'{run}/chains', TASKS // LENGTH, LENGTH),
    }


def serve() -> None:
    """Run a server behind a proxy that delays each request; print the environment of its clients, end with stdin."""
    from support.fault_proxy import FaultProxy
    from support.s3_server import REGION, running_s3_server

    with tempfile.TemporaryDirectory() as directory, running_s3_server(Path(directory)) as server:
        server.client().create_bucket(Bucket=BUCKET)
        proxy = FaultProxy(server.url).start()
        proxy.add('delay', seconds=DELAY_SECONDS)
        environment = {
            'AWS_ENDPOINT_URL': proxy.url,
            'AWS_DEFAULT_REGION': REGION,
            'AWS_ACCESS_KEY_ID': server.access_key,
            'AWS_SECRET_ACCESS_KEY': server.secret_key,
        }
        print(json.dumps(environment), flush=True)
        sys.stdin.read()
        proxy.stop()


@contextlib.contextmanager
def server_in_environment() -> Iterator[None]:
    """Let clients find a server, in a process of its own; both libraries that are compared use the same one."""
    if '--json' in sys.argv:
        yield
        return
    command = [sys.executable, __file__, SERVE]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        try:
            os.environ.update(json.loads(process.stdout.readline()))
            yield
        finally:
            process.stdin.close()


if __name__ == '__main__':
    if SERVE in sys.argv:
        serve()
    else:
        with server_in_environment():
            main(__doc__ or '', measure, f's, {TASKS} tasks', 1)
