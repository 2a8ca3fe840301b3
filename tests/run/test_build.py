"""`build` takes a task, runs what is missing, and returns what was dumped."""

from __future__ import annotations

import logging
from unittest import mock

import luigi
import pytest

import gokart
from gokart.build import GokartBuildError, WorkerSchedulerFactory, build
from gokart.running.worker import Worker


class Number(gokart.TaskOnKart):
    value = luigi.IntParameter(default=1)

    def run(self):
        self.dump(self.value)


class Shaped(gokart.TaskOnKart):
    """Has outputs in a structure of path names."""

    shape: object = None

    def output(self):
        return self._targets(self.shape)

    def _targets(self, shape):
        if isinstance(shape, dict):
            return {key: self._targets(value) for key, value in shape.items()}
        if isinstance(shape, (list, tuple)):
            return type(shape)(self._targets(value) for value in shape)
        return shape and self.make_target(f'{shape}.pkl')

    def run(self):
        for target in gokart._nested.flatten(self.output()):
            self.dump(target.path().rpartition('/')[2][0], target)

    def complete(self):
        return bool(self.output()) and super().complete()


class Plain(luigi.Task):
    def output(self):
        return luigi.LocalTarget('plain.txt')

    def run(self):
        with self.output().open('w') as file:
            file.write('x')


@pytest.mark.parametrize('workers', [1, 2])
def test_value_comes_back(workers):
    assert build(Number(value=7), workers=workers) == 7


@pytest.mark.parametrize(
    ('shape', 'expected'),
    [
        ('a', 'a'),
        (['a', 'b'], ['a', 'b']),
        ({'x': 'a', 'y': ['b', {'z': 'c'}]}, {'x': 'a', 'y': ['b', {'z': 'c'}]}),
    ],
)
def test_structure_of_the_outputs_is_kept(shape, expected):
    class Task(Shaped):
        pass

    Task.shape = shape
    assert build(Task()) == expected


@pytest.mark.parametrize('empty', [None, [], {}])
def test_no_outputs_give_no_values(empty):
    class Task(Shaped):
        def complete(self):
            return vars(self).get('ran', False)

        def run(self):
            self.ran = True

    Task.shape = empty
    assert build(Task()) == empty


def test_complete_task_is_loaded_not_run():
    build(Number())
    with mock.patch.object(Number, 'run', side_effect=AssertionError):
        assert build(Number()) == 1


def test_return_value_can_be_left_out():
    assert build(Number(), return_value=False) is None


def test_plain_luigi_task_is_built():
    build(Plain(), return_value=False)
    assert Plain().complete()


def test_output_that_cannot_be_loaded_is_named():
    with pytest.raises(ValueError, match=r'Plain\(\) is built, but .*LocalTarget.*return_value=False'):
        build(Plain())


@pytest.mark.parametrize(
    ('wrong', 'message'),
    [
        (None, 'was given None of type NoneType'),
        (Number, r'the class Number itself; write Number\(\.\.\.\)'),
        ([], 'of type list; build the tasks one by one'),
        ('Number', "was given 'Number' of type str"),
    ],
)
def test_what_is_no_task_is_a_type_error(wrong, message):
    with pytest.raises(TypeError, match=message):
        build(wrong)


def test_log_level_that_is_none_is_a_type_error():
    with pytest.raises(TypeError, match=r'logging\.INFO'):
        build(Number(), log_level='LOUD')


@pytest.mark.parametrize(('level', 'name'), [(logging.ERROR, 'ERROR'), (25, 'INFO'), (99, 'CRITICAL'), (0, 'NOTSET')])
def test_luigi_is_told_the_level_below(level, name):
    with mock.patch('luigi.build') as luigi_build:
        build(Number(), return_value=False, log_level=level)
    assert luigi_build.call_args.kwargs['log_level'] == name


def test_luigi_build_is_looked_up_at_the_call():
    """Tests of users replace it."""
    with mock.patch('luigi.build') as luigi_build:
        build(Number(), return_value=False, workers=3)
    (tasks,), options = luigi_build.call_args
    assert tasks == [Number()]
    assert options['workers'] == 3
    assert options['local_scheduler'] is True
    assert options['detailed_summary'] is True
    assert isinstance(options['worker_scheduler_factory'], WorkerSchedulerFactory)


@pytest.mark.parametrize('status', [status for status in luigi.LuigiStatusCode if 'FAILED' in status.name])
def test_failed_status_of_a_replaced_luigi_build_is_an_error(status):
    result = mock.Mock(status=status, summary_text='the summary', worker=None)
    with mock.patch('luigi.build', return_value=result), pytest.raises(GokartBuildError, match='the summary'):
        build(Number())


def test_local_scheduler_can_be_switched_off():
    with mock.patch('luigi.build') as luigi_build:
        build(Number(), return_value=False, local_scheduler=False, scheduler_url='http://localhost:1')
    assert luigi_build.call_args.kwargs['local_scheduler'] is False


def test_own_factory_is_used():
    made = []

    class Factory(WorkerSchedulerFactory):
        def create_worker(self, scheduler, worker_processes, assistant=False):
            made.append(Worker(scheduler=scheduler, worker_processes=worker_processes, assistant=assistant))
            return made[0]

    assert build(Number(), worker_scheduler_factory=Factory()) == 1
    assert len(made) == 1


def test_factory_serves_luigi_build():
    assert luigi.build([Number()], local_scheduler=True, worker_scheduler_factory=WorkerSchedulerFactory())
    assert Number().complete()


def test_class_that_was_defined_anew_is_found_by_its_name():
    """In a notebook a cell with a class is run again and again."""

    def define(result):
        class Again(gokart.TaskOnKart):
            def run(self):
                self.dump(result)

        return Again

    define(1)
    assert build(define(2)()) == 2
    assert luigi.task_register.Register.get_task_cls('Again')().output()
