"""A private parameter changes no id, yet another value of it makes the task and what depends on it run again."""

from __future__ import annotations

import hashlib
from pathlib import Path

import luigi
import pytest
from luigi.parameter import ParameterVisibility

import gokart
from gokart import private_parameters
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


def record_of(task):
    return Path(f'resources/log/private_params/{type(task).__name__}_{task.make_unique_id()}.txt')


class Numbered(gokart.TaskOnKart):
    number = luigi.IntParameter()
    token = luigi.Parameter(visibility=ParameterVisibility.PRIVATE)

    def run(self):
        self.dump(self.number)


class Together(gokart.TaskOnKart):
    def requires(self):
        return [Numbered(number=number, token='the same') for number in range(5)]

    def run(self):
        self.dump('done')


@pytest.mark.parametrize('workers', [1, 2])
def test_what_is_slow_is_made_once_for_equal_values(monkeypatch, tmp_path, workers):
    slow = hashlib.pbkdf2_hmac
    made = tmp_path / 'made'

    def count(*arguments):
        with made.open('a') as file:
            file.write('x')
        return slow(*arguments)

    monkeypatch.setattr(hashlib, 'pbkdf2_hmac', count)
    private_parameters._key.cache_clear()
    gokart.build(Together(), workers=workers)
    assert made.read_text() == 'x'
    assert Together().complete()


def test_equal_values_of_two_tasks_leave_different_records():
    gokart.build(Together())
    first, second = (record_of(task).read_text() for task in Together().requires()[:2])
    assert first != second


def test_a_record_in_another_form_tells_nothing():
    gokart.build(Login(password='one'))
    record_of(Login(password='one')).write_text('0123456789abcdef')
    assert Login(password='other').complete()


def test_a_class_may_move_to_another_namespace():
    """As with the id: only its name counts."""
    gokart.build(Login(password='one'))
    elsewhere = type('Login', (Login,), {'task_namespace': 'elsewhere', '__module__': __name__})
    task = elsewhere(password='one')
    assert record_of(task).read_text() == private_parameters.private_digest(task)
