"""How long small tasks take on S3 where a request takes 20 ms, next to as many requests one after the other."""

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
from child import answer
from luigi.task_register import Register

import gokart

sys.path.append(str(Path(__file__).parents[1] / 'tests'))

FAN_IN, FINISHED, QUIET, CHAINS = 'fan-in', 'fan-in, finished', 'fan-in, no log files', '10 chains'
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
    if gokart.build(Sum(chains=chains, length=length)) != chains * length:
        raise RuntimeError('the build gave a wrong result')
    return perf_counter() - start


def request_seconds(count: int) -> float:
    """Return how long one of many requests takes that are made one after the other, by boto3 itself."""
    import boto3

    client = boto3.client('s3')
    client.put_object(Bucket=BUCKET, Key='warm', Body=b'')
    start = perf_counter()
    for number in range(count):
        client.put_object(Bucket=BUCKET, Key=f'plain/{number}', Body=b'content')
    return (perf_counter() - start) / count


def measure(side: str, tasks: int, server_python: str) -> dict[str, float]:
    """Build graphs of `tasks` tasks, or make as many requests, to a server that `server_python` runs."""
    with server_in_environment(server_python):
        return measure_there(side, tasks)


def measure_there(side: str, tasks: int) -> dict[str, float]:
    if side == 'plain':
        return {name: request_seconds(tasks) * tasks for name in (FAN_IN, FINISHED, QUIET, CHAINS)}
    run = uuid.uuid4().hex
    return {
        FAN_IN: build_seconds(f'{run}/fan', tasks, 1),
        FINISHED: build_seconds(f'{run}/fan', tasks, 1),
        QUIET: build_seconds(f'{run}/quiet', tasks, 1, logs=False),
        CHAINS: build_seconds(f'{run}/chains', 10, tasks // 10),
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
def server_in_environment(python: str) -> Iterator[None]:
    """Let clients find a server, in a process of its own."""
    command = [python, __file__, SERVE]
    environment = {**os.environ, 'PYTHONPATH': str(Path(__file__).parents[1])}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError('the server has no pipes')
        try:
            os.environ.update(json.loads(process.stdout.readline()))
            yield
        finally:
            process.stdin.close()


if __name__ == '__main__':
    if SERVE in sys.argv:
        serve()
    else:
        answer(measure)
