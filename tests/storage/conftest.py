"""What the tests of the storages share."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gokart.storage.local import LocalStorage

pytest.register_assert_rewrite('gokart.testing.storage')

Function = Callable[[], object]


@pytest.fixture
def storage() -> LocalStorage:
    return LocalStorage()


@pytest.fixture
def start_child() -> Callable[[Function], int]:
    """Run a function in a forked process; gives the process id."""

    def start(function: Function) -> int:
        process = os.fork()
        if process == 0:
            status = 1
            try:
                function()
                status = 0
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(status)
        return process

    return start


@pytest.fixture
def run_child(start_child) -> Callable[[Function], int]:
    """Run a function in a forked process to its end; gives the exit code, negative for a signal."""

    def run(function: Function) -> int:
        _, status = os.waitpid(start_child(function), 0)
        return os.waitstatus_to_exitcode(status)

    return run


class RunAsUser:
    """Runs a function in a forked process without the rights of root, for whom nothing is read-only."""

    def __init__(self, directory: Path, run: Callable[[Function], int]) -> None:
        self.directory = directory
        self._run = run

    def __call__(self, function: Function) -> int:
        def unprivileged() -> None:
            if os.geteuid() == 0:
                os.setgid(65534)
                os.setuid(65534)
            function()

        return self._run(unprivileged)


@pytest.fixture
def run_as_user(run_child) -> Iterator[RunAsUser]:
    with tempfile.TemporaryDirectory() as directory:
        Path(directory).chmod(0o777)
        yield RunAsUser(Path(directory), run_child)


@pytest.fixture
def run_python() -> Callable[..., str]:
    """Run Python code in a new process; gives what it prints."""

    def run(code: str, *arguments: object) -> str:
        command = [sys.executable, '-W', 'ignore', '-c', code, *map(str, arguments)]
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, timeout=60).stdout

    return run
