"""A build honours every rerun=True of its graph once, and the old output stays until the new one is in place."""

from __future__ import annotations

import os

import luigi
import pytest

import gokart

RUNS: list[str] = []


class Leaf(gokart.TaskOnKart):
    def run(self):
        RUNS.append('leaf')
        self.dump('leaf')


class Middle(gokart.TaskOnKart):
    def requires(self):
        return Leaf()

    def run(self):
        RUNS.append('middle')
        self.dump('middle')


class Top(gokart.TaskOnKart):
    rerun_middle = luigi.BoolParameter(default=False, significant=False)

    def requires(self):
        return [Middle(rerun=self.rerun_middle)]

    def run(self):
        RUNS.append('top')
        self.dump('top')


@pytest.fixture(autouse=True)
def _built():
    RUNS.clear()
    gokart.build(Top())
    RUNS.clear()


def test_each_build_honours_the_flag_anew():
    gokart.build(Top(rerun=True))
    gokart.build(Top(rerun=True))
    assert RUNS == ['top', 'top']


def test_a_flag_in_the_middle_runs_what_depends_on_it():
    gokart.build(Top(rerun_middle=True))
    assert RUNS == ['middle', 'top']


def test_an_earlier_look_does_not_use_the_flag_up():
    Top(rerun=True).complete()
    gokart.build(Top(rerun=True))
    assert RUNS == ['top']


def test_worker_processes_honour_it(tmp_path):
    before = os.stat(Middle().output().path()).st_mtime_ns
    gokart.build(Top(rerun_middle=True), workers=2)
    assert os.stat(Middle().output().path()).st_mtime_ns > before


def test_a_failing_rerun_keeps_the_old_output():
    class Fragile(gokart.TaskOnKart):
        broken = luigi.BoolParameter(default=False, significant=False)

        def run(self):
            if self.broken:
                raise RuntimeError('no')
            self.dump('old')

    gokart.build(Fragile())
    with pytest.raises(gokart.build.__globals__['GokartBuildError']):
        gokart.build(Fragile(rerun=True, broken=True))
    assert gokart.build(Fragile()) == 'old'


def test_a_task_that_forces_itself_dynamically_runs_once():
    class Dynamic(gokart.TaskOnKart):
        def run(self):
            yield Leaf(rerun=True)
            RUNS.append('dynamic')
            self.dump('x')

    gokart.build(Dynamic())
    assert RUNS == ['leaf', 'dynamic']
