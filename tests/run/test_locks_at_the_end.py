"""Whoever is told to end gives its lock back first."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from support.keepers import wait_until

SCRIPT = """
    import multiprocessing, os, pathlib, time
    import gokart, luigi

    class Holding(gokart.TaskOnKart):
        def run(self):
            try:
                with multiprocessing.get_context('fork').Pool(2) as pool:
                    pool.map(abs, [1])
                pathlib.Path(f'{os.getpid()}.pid').touch()
                time.sleep(60)
            finally:
                pathlib.Path('tidied').touch()

    gokart.build(Holding(lock='workspace'), workers=WORKERS, task_lock_exception_max_wait_seconds=60)
"""


@pytest.fixture
def build(tmp_path):
    """Starts a build with so many workers in a process of its own."""
    drivers = []

    def start(workers: int) -> subprocess.Popen:
        script = tmp_path / 'script.py'
        script.write_text(textwrap.dedent(SCRIPT).replace('WORKERS', str(workers)))
        command = [sys.executable, '-W', 'ignore', script]
        drivers.append(subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.DEVNULL))
        return drivers[-1]

    yield start
    for driver in drivers:
        driver.kill()
        driver.wait()


def lock_objects(tmp_path: Path) -> list[Path]:
    return list(tmp_path.glob('resources/log/locks/*.lock'))


@pytest.mark.parametrize('workers', [1, 2])
@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_whoever_is_told_to_end_gives_its_lock_back(build, tmp_path, number, workers):
    driver = build(workers)
    wait_until(lambda: list(tmp_path.glob('*.pid')), 30)
    assert len(lock_objects(tmp_path)) == 1
    driver.send_signal(number)
    assert driver.wait(10) == -number
    wait_until(lambda: not lock_objects(tmp_path))
    assert (tmp_path / 'tidied').exists()


def test_whoever_waits_for_a_lock_ends_when_told_and_leaves_it(build, tmp_path):
    holder = build(1)
    wait_until(lambda: list(tmp_path.glob('*.pid')), 30)
    waiting = build(1)
    time.sleep(1.5)
    waiting.send_signal(signal.SIGINT)
    assert waiting.wait(10) == -signal.SIGINT
    assert holder.poll() is None
    assert len(lock_objects(tmp_path)) == 1
