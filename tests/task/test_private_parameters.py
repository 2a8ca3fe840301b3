"""A private parameter changes no id, yet another value of it makes the task and what depends on it run again."""

from __future__ import annotations

from pathlib import Path

import luigi
from luigi.parameter import ParameterVisibility

import gokart
from gokart.completion import Cause, reasons

RUNS: list[str] = []


class Login(gokart.TaskOnKart):
    password = luigi.Parameter(visibility=ParameterVisibility.PRIVATE)

    def run(self):
        RUNS.append('login')
        self.dump(len(self.password))


class Report(gokart.TaskOnKart):
    password = luigi.Parameter(significant=False)

    def requires(self):
        return Login(password=self.password)

    def run(self):
        RUNS.append('report')
        self.dump(self.load())


def test_another_value_runs_the_task_and_what_depends_on_it_again():
    RUNS.clear()
    assert gokart.build(Report(password='one')) == 3
    assert gokart.build(Report(password='three')) == 5
    assert gokart.build(Report(password='three')) == 5
    assert RUNS == ['login', 'report'] * 2


def test_the_reason_names_the_parameter_not_its_value():
    gokart.build(Login(password='one'))
    (reason,) = reasons(Login(password='other'))
    assert reason.cause is Cause.PRIVATE_PARAMETER_CHANGED
    assert reason.subject == 'password'


def test_the_value_is_in_no_file():
    gokart.build(Login(password='hunter2'))
    assert not [path for path in Path().rglob('*') if path.is_file() and b'hunter2' in path.read_bytes()]


def test_outputs_without_a_record_count_as_they_are():
    """A workspace of an earlier version has none."""
    Login(password='one').run()
    assert Login(password='other').complete()
