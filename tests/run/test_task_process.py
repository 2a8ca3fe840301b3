"""The process of a task leaves the processes that its body starts alone."""

from __future__ import annotations

import subprocess
import sys

import pytest

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
