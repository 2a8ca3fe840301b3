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

FAILING_SCRIPT = """
import sys
from concurrent.futures import ProcessPoolExecutor

import luigi

import gokart


class BaseError(Exception):
    pass


class Fails(gokart.TaskOnKart[int]):
    def run(self):
        class LocalError(BaseError):
            pass

        raise LocalError('x')


if __name__ == '__main__':
    luigi.configuration.get_config().set('TaskOnKart', 'workspace_directory', sys.argv[1])
    before = BaseError
    with ProcessPoolExecutor(1) as pool:
        try:
            gokart.build(Fails(), executor='processes' if sys.argv[2] == 'processes' else pool, log_level=50)
        except gokart.build.__globals__['GokartBuildError'] as error:
            print(type(error.__cause__).__name__, isinstance(error.__cause__, before), BaseError is before)
"""


def output_of(source, tmp_path, *arguments):
    script = tmp_path / 'script.py'
    script.write_text(source)
    command = [sys.executable, str(script), str(tmp_path), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


both = pytest.mark.parametrize('executor', ['processes', 'pool'])


@both
def test_body_of_a_class_inside_of_a_function_finds_the_globals_of_the_script(executor, tmp_path):
    assert output_of(SCRIPT, tmp_path, executor) == '11\n'


@both
def test_exception_made_from_one_of_the_script_comes_back_as_such(executor, tmp_path):
    assert output_of(FAILING_SCRIPT, tmp_path, executor) == 'LocalError True True\n'
