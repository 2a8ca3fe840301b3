"""The process of a task leaves the processes that its body starts alone, and ends when its threads have ended."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
import time

import pytest

import gokart
from gokart.build import GokartBuildError, HasLockedTaskException, build
from gokart.errors import TaskLockException

POOLS = """
import multiprocessing
import gokart, luigi

def double(number):
    return 2 * number

class Pooled(gokart.TaskOnKart):
    number = luigi.IntParameter()
    def run(self):
        with multiprocessing.get_context('fork').Pool(4) as pool:
            self.dump(pool.map(double, range(self.number)))

class All(gokart.TaskOnKart):
    def requires(self):
        return [Pooled(number=number) for number in range(20)]
    def run(self):
        self.dump(self.load())

print(gokart.build(All(), workers=2) == [[2 * x for x in range(number)] for number in range(20)])
"""


@pytest.mark.skipif(sys.platform == 'win32', reason='there is no fork')
def test_a_body_may_use_a_pool_of_processes():
    """A pool ends its processes by SIGTERM, as soon as it has started them if there is little to do."""
    command = [sys.executable, '-W', 'ignore', '-c', POOLS]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.stdout == 'True\n', done.stderr


@pytest.mark.parametrize('error', [ValueError('no'), TaskLockException('held')])
def test_build_waits_for_what_a_failed_attempt_has_left_running(error, tmp_path):
    """With a lock in the way, the attempt is no failure yet: the task is put back."""
    begun, ended = tmp_path / 'begun', tmp_path / 'ended'

    def go_on():
        time.sleep(0.5)
        ended.touch()

    class Leaving(gokart.TaskOnKart):
        def run(self):
            if not begun.exists():
                begun.touch()
                threading.Thread(target=go_on).start()
            raise error

    with pytest.raises((GokartBuildError, HasLockedTaskException)):
        build(
            Leaving(),
            workers=2,
            log_level=logging.CRITICAL,
            task_lock_exception_max_tries=2,
            task_lock_exception_max_wait_seconds=0,
        )
    assert ended.exists()
