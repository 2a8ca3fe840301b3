"""numpy is not imported to be seeded, and whoever imports it finds it seeded all the same."""

from __future__ import annotations

import pickle
import subprocess
import sys
import textwrap

import pytest

PRELUDE = """
import sys
import gokart, luigi

class Drawing(gokart.TaskOnKart):
    number = luigi.IntParameter(default=1)

    def run(self):
        import numpy.random
        self.dump([float(numpy.random.random()) for _ in range(3)])

class Idle(gokart.TaskOnKart):
    number = luigi.IntParameter(default=1)

    def run(self):
        self.dump('idle')
"""


@pytest.fixture
def run(tmp_path):
    """Runs code after the prelude in a process of its own, and returns the words that it prints."""

    def run(code):
        command = [sys.executable, '-W', 'ignore', '-c', PRELUDE + textwrap.dedent(code)]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout.split()

    return run


def test_a_build_that_needs_no_numpy_imports_none(run):
    assert run("gokart.build(Idle()); print('numpy' in sys.modules)") == ['False']


def test_its_log_tells_of_the_seed(run, tmp_path):
    run('gokart.build(Idle())')
    (path,) = tmp_path.rglob('random_seed/*.pkl')
    assert pickle.loads(path.read_bytes())['seed_methods'] == ['random.seed', 'numpy.random.seed']


def test_what_is_drawn_does_not_depend_on_who_imported_it_when(run):
    drawn = {
        tuple(run(f'{earlier}\nprint(*gokart.build(Drawing(rerun=True)))'))
        for earlier in ('', 'import numpy', 'import numpy.random', 'gokart.build(Idle())')
    }
    assert len(drawn) == 1


def test_the_seed_is_that_of_the_task_that_draws(run):
    """And neither that of one before it, nor of one that numpy was imported by."""
    alone = run('print(*gokart.build(Drawing(number=2, workspace_directory="one")))')
    together = run(
        """
        class Both(gokart.TaskOnKart):
            def requires(self):
                return [Idle(), Drawing(), Drawing(number=2, workspace_directory='two')]

            def run(self):
                self.dump(self.load()[2])

        print(*gokart.build(Both()))
        """
    )
    assert together == alone


def test_a_process_that_the_body_forks_draws_the_same(run):
    code = """
        import os

        class Forking(gokart.TaskOnKart):
            in_child = luigi.BoolParameter(significant=False)

            def run(self):
                child = os.fork() if self.in_child else 0
                if child == 0:
                    import numpy.random
                    print(numpy.random.random(), flush=True)
                if self.in_child and child == 0:
                    os._exit(0)
                if child:
                    os.waitpid(child, 0)
                self.dump('x')

        gokart.build(Forking(in_child={in_child}, workspace_directory='{in_child}'))
        """
    assert run(code.format(in_child=True)) == run(code.format(in_child=False))


def test_after_a_build_the_first_import_is_as_random_as_ever(run):
    code = 'gokart.build(Idle(rerun=True)); import numpy.random; print(numpy.random.random())'
    assert run(code) != run(code)


def test_finders_of_the_protocol_before_python_3_4_are_passed_over(run):
    code = """
        class Finder:
            def find_module(self, name, path=None):
                return None

        sys.meta_path.insert(0, Finder())
        print(*gokart.build(Drawing()))
        """
    assert run(code) == run('print(*gokart.build(Drawing(rerun=True)))')


def test_an_inner_build_leaves_the_seed_of_the_outer_task(run):
    code = """
        class Outer(gokart.TaskOnKart):
            builds = luigi.BoolParameter(significant=False)

            def run(self):
                if self.builds:
                    gokart.build({inner}(number=5, workspace_directory=self.workspace_directory))
                import numpy.random
                self.dump(float(numpy.random.random()))

        print(gokart.build(Outer(builds={builds}, workspace_directory='{builds}{inner}')))
        """
    plain = run(code.format(inner='Idle', builds=False))
    assert run(code.format(inner='Idle', builds=True)) == plain
    assert run(code.format(inner='Drawing', builds=True)) == plain


def test_a_seed_that_numpy_refuses_warns(run):
    assert run(
        """
        import logging
        logging.basicConfig(stream=sys.stdout, format='%(message).30s')
        print(gokart.TaskOnKart.try_set_seed(['numpy.random.seed'], -1))
        """
    ) == ['The', 'random', 'seed', 'was', 'not', 'set', 'by', '[]']


def test_a_numpy_that_cannot_be_imported_warns(run):
    assert run("sys.modules['numpy'] = None; print(gokart.TaskOnKart.try_set_seed(['numpy.random.seed'], 1))") == ['[]']
