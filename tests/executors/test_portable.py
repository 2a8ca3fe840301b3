"""What a function or a class of a script or a notebook takes along to other processes."""

from __future__ import annotations

import subprocess
import sys

import pytest

SCRIPT = """
import multiprocessing, sys
from concurrent.futures import ProcessPoolExecutor

import luigi

import gokart

ADDED = 10


def defined(name):
    class Local(gokart.TaskOnKart[int]):
        number = luigi.IntParameter(default=ADDED)

        def run(self):
            self.dump(self.number + 1)

    return Local


class Root(gokart.TaskOnKart[int]):
    def requires(self):
        return defined('x')()

    def run(self):
        self.dump(self.load())


if __name__ == '__main__':
    luigi.configuration.get_config().set('TaskOnKart', 'workspace_directory', sys.argv[1])
    context = multiprocessing.get_context('forkserver')
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        print(gokart.build(Root(), executor='processes' if sys.argv[2] == 'processes' else pool))
"""


@pytest.mark.parametrize('executor', ['processes', 'pool'])
def test_body_of_a_class_inside_of_a_function_finds_the_globals_of_the_script(executor, tmp_path):
    script = tmp_path / 'script.py'
    script.write_text(SCRIPT)
    arguments = [sys.executable, str(script), str(tmp_path), executor]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout == '11\n', done.stderr
