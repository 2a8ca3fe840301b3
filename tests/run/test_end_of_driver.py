"""Processes that run tasks end with the driver, however it ends, and their ``finally`` blocks run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest

SCRIPT = """
    import os, pathlib, time
    import gokart, luigi

    class Sleeping(gokart.TaskOnKart):
        number = luigi.IntParameter()

        def run(self):
            try:
                pathlib.Path(f'{os.getpid()}.pid').touch()
                time.sleep(60)
            finally:
                pathlib.Path(f'{os.getpid()}.tidied').touch()

    class Top(gokart.TaskOnKart):
        def requires(self):
            return [Sleeping(number=number) for number in range(2)]

    gokart.build(Top(), workers=2)
"""


def wait_until(condition, seconds=10.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def is_running(process_id):
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
def test_no_process_survives(number, tmp_path):
    script = tmp_path / 'script.py'
    script.write_text(textwrap.dedent(SCRIPT))
    driver = subprocess.Popen([sys.executable, '-W', 'ignore', script], cwd=tmp_path, stderr=subprocess.DEVNULL)
    wait_until(lambda: len(list(tmp_path.glob('*.pid'))) == 2)
    process_ids = [int(path.stem) for path in tmp_path.glob('*.pid')]
    driver.send_signal(number)
    assert driver.wait() == -number
    wait_until(lambda: not any(map(is_running, process_ids)))
    assert {int(path.stem) for path in tmp_path.glob('*.tidied')} == set(process_ids)
