"""An S3 server with authentication (MiniStack) as fixtures: one for each process of tests, on a port of loopback."""

from __future__ import annotations

import contextlib
import functools
import http.client
import os
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gokart.storage.registry import forget_storages

REGION = 'us-east-1'

_PATIENCE_SECONDS = 60.0

# The server ends with the process of the tests, however that ends: its standard input is closed then.
_SERVE = """
import os, sys, threading
def end_with_parent():
    sys.stdin.read()
    os._exit(0)
threading.Thread(target=end_with_parent, daemon=True).start()
sys.argv = ['ministack']
from ministack.app import main
main()
"""


@dataclass(frozen=True)
class S3Server:
    """A running server; its root user has the keys."""

    url: str
    access_key: str = 'AKIAROOTOFTHETESTS00'
    secret_key: str = 'secret/of+the=root'

    def reset(self) -> None:
        """Remove every bucket and user."""
        self.ask('POST', '/_ministack/reset')

    def ask(self, method: str, path: str) -> None:
        """Make a request to the server itself.

        Raises:
            OSError: it does not answer.
        """
        connection = http.client.HTTPConnection(self.url.removeprefix('http://'), timeout=10)
        try:
            connection.request(method, path)
            connection.getresponse().read()
        finally:
            connection.close()

    def client(self, service: str = 's3', access_key: str = '', secret_key: str = '') -> Any:
        """Return a client of boto3 for the root user, or for the user with the keys."""
        return _client(self.url, service, access_key or self.access_key, secret_key or self.secret_key)

    def set_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let clients of boto3 find this server and its root user, and nothing of the user who runs the tests."""
        for name in [name for name in os.environ if name.startswith('AWS_')]:
            monkeypatch.delenv(name)
        monkeypatch.setenv('AWS_ENDPOINT_URL', self.url)
        monkeypatch.setenv('AWS_DEFAULT_REGION', REGION)
        monkeypatch.setenv('AWS_ACCESS_KEY_ID', self.access_key)
        monkeypatch.setenv('AWS_SECRET_ACCESS_KEY', self.secret_key)
        monkeypatch.setenv('AWS_EC2_METADATA_DISABLED', 'true')
        monkeypatch.setenv('AWS_CONFIG_FILE', os.devnull)
        monkeypatch.setenv('AWS_SHARED_CREDENTIALS_FILE', os.devnull)
        monkeypatch.setenv('NO_PROXY', '127.0.0.1,localhost')


@pytest.fixture(scope='session')
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """The S3 server of this process of tests."""
    with running_s3_server(tmp_path_factory.mktemp('s3_server')) as server:
        yield server


@contextlib.contextmanager
def running_s3_server(directory: Path) -> Iterator[S3Server]:
    """Run a server with its files in `directory` while the block lasts."""
    server = S3Server(f'http://127.0.0.1:{_free_port()}')
    with (directory / 'log').open('wb') as log:
        process = subprocess.Popen(
            [sys.executable, '-W', 'ignore', '-c', _SERVE],
            cwd=directory,
            env=_environment(server, directory),
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait(server, process, directory / 'log')
        yield server
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def s3_url(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """URL of a new bucket, the only one; the environment leads to its server."""
    s3_server.reset()
    s3_server.set_environment(monkeypatch)
    forget_storages()
    bucket = f'bucket-{uuid.uuid4().hex[:12]}'
    s3_server.client().create_bucket(Bucket=bucket)
    yield f's3://{bucket}'
    forget_storages()


@functools.cache
def _client(url: str, service: str, access_key: str, secret_key: str) -> Any:
    import boto3

    return boto3.session.Session().client(
        service,
        endpoint_url=url,
        region_name=REGION,
        aws_access_key_id=access_key,
        aws_secret_access_key=secret_key,
    )


def _environment(server: S3Server, directory: Path) -> dict[str, str]:
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith('AWS_')},
        'BIND_HOST': '127.0.0.1',
        'GATEWAY_PORT': server.url.rpartition(':')[2],
        'SERVICES': 's3,sts,iam',
        'AUTH': 'true',
        'AWS_ACCESS_KEY_ID': server.access_key,
        'AWS_SECRET_ACCESS_KEY': server.secret_key,
        'LOG_LEVEL': 'WARNING',
        'TMPDIR': str(directory),
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return int(probe.getsockname()[1])


def _wait(server: S3Server, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            return server.ask('GET', '/_ministack/health')
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f'MiniStack did not start: {log.read_text(errors="replace")}') from None
        time.sleep(0.02)
