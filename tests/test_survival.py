"""Results survive kills in the middle of a dump, and two processes that build the same graph at once."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
import tasks

import gokart

pytestmark = pytest.mark.skipif(sys.platform == 'win32', reason='SIGKILL is of POSIX')

ENVIRONMENT = {**os.environ, 'PYTHONPATH': os.pathsep.join(sys.path), 'PYTHONWARNINGS': 'ignore'}

KILLED = """
import io, os, signal, sys
import gokart, tasks

def kill(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)

kind, moment = sys.argv[1:]
if moment == 'before the rename':
    os.replace = kill
else:
    # In the middle: the file exists and holds some bytes of the new content.
    from gokart.storage.scratch import ScratchFile
    ScratchFile.finish = kill
gokart.build(tasks.Dump(kind=kind))
"""


def run(program, *arguments):
    return subprocess.run(
        [sys.executable, '-c', textwrap.dedent(program), *arguments], env=ENVIRONMENT, capture_output=True, text=True
    )


def files():
    return sorted(str(path) for path in Path().rglob('*') if path.is_file())


@pytest.mark.parametrize(
    ('kind', 'moment'),
    [
        *((kind, 'before the file is finished') for kind in tasks.DUMPS),
        ('pkl', 'before the rename'),
        ('model', 'before the rename'),
    ],
)
def test_a_killed_dump_leaves_nothing_that_counts_and_nothing_behind(kind, moment):
    killed = run(KILLED, kind, moment)
    assert killed.returncode == -9, killed.stderr
    task = tasks.Dump(kind=kind)
    assert not task.complete()
    gokart.build(task)
    stem = task.make_unique_id()
    assert [name for name in files() if stem not in name] == []


GRAPH = """
import gokart, luigi, sys, time

class Leaf(gokart.TaskOnKart):
    number = luigi.IntParameter()

    def run(self):
        self.dump([self.number] * 50_000)

class Top(gokart.TaskOnKart):
    def requires(self):
        return [Leaf(number=number) for number in range(20)]

    def run(self):
        loaded = self.load()
        assert [values == [number] * 50_000 for number, values in enumerate(loaded)] == [True] * 20
        self.dump(len(loaded))

print(gokart.build(Top(), workers=int(sys.argv[1])))
"""


@pytest.mark.parametrize('workers', ['1', '2'])
def test_two_processes_that_build_the_same_graph_both_succeed(workers):
    command = [sys.executable, '-c', GRAPH, workers]
    builders = [
        subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    for builder in builders:
        out, err = builder.communicate(timeout=120)
        assert (builder.returncode, out.strip()) == (0, '20'), err
    assert [name for name in files() if '.tmp' in name or '.gokart' in name] == []


def test_a_body_that_changes_the_working_directory_moves_nothing(tmp_path):
    class Wandering(gokart.TaskOnKart):
        def run(self):
            os.chdir('/')
            self.dump('here')

    assert gokart.build(Wandering()) == 'here'
    assert Wandering().output().exists()
    assert Path.cwd() == tmp_path
