"""A failed task is shown with the source that makes it again."""

from __future__ import annotations

import datetime
import enum
import pathlib

import luigi
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from luigi.parameter import ParameterVisibility

import gokart
from gokart.representation import label
from gokart.running.task_call import source_of_build


class Colour(enum.Enum):
    RED = 1


class Inner(gokart.TaskOnKart):
    number = luigi.IntParameter(default=1)


class Outer(gokart.TaskOnKart):
    word = luigi.Parameter(default='a')
    real = luigi.FloatParameter(default=1.5)
    day = luigi.DateParameter(default=datetime.date(2020, 2, 29))
    month = luigi.MonthParameter(default=datetime.date(2020, 2, 1))
    moment = luigi.DateSecondParameter(default=datetime.datetime(2020, 2, 29, 1, 2, 3))
    span = luigi.TimeDeltaParameter(default=datetime.timedelta(hours=5))
    interval = luigi.DateIntervalParameter(default=luigi.date_interval.Week(2020, 5))
    colour = luigi.EnumParameter(enum=Colour, default=Colour.RED)
    items = luigi.ListParameter(default=[1, 'two', [3.0, None]])
    single = luigi.TupleParameter(default=((1,),))
    mapping = luigi.DictParameter(default={'b': 1, 'a': {'z': [1, 2]}})
    maybe = luigi.OptionalIntParameter(default=None)
    path = luigi.PathParameter(default='some/where')
    task = gokart.TaskInstanceParameter(default=Inner(number=2))
    tasks = gokart.ListTaskInstanceParameter(default=[Inner(number=3), Inner()])
    quiet = luigi.IntParameter(default=1, significant=False)


class Secretive(gokart.TaskOnKart):
    shown = luigi.IntParameter(default=1)
    hidden = luigi.Parameter(default='hush', visibility=ParameterVisibility.HIDDEN)
    private = luigi.Parameter(default='sesame', visibility=ParameterVisibility.PRIVATE)


class PlainSecretive(luigi.Task):
    shown = luigi.IntParameter(default=1)
    private = luigi.Parameter(default='sesame', visibility=ParameterVisibility.PRIVATE)


def made_again(task):
    built = []
    names = {name: value for name, value in globals().items() if isinstance(value, type)}
    source = source_of_build(task).replace(f'import {__name__}\n', '').replace(f'{__name__}.', '')
    exec(source.replace('gokart.build(', 'built.append(', 1), {**names, 'built': built})
    return built[0]


def test_task_with_all_kinds_of_parameters_is_made_again():
    assert made_again(Outer()).param_kwargs == Outer().param_kwargs


@settings(derandomize=True, max_examples=30, deadline=None)
@given(
    word=st.text(),
    real=st.floats(allow_nan=False),
    items=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    ).map(lambda value: [value]),
    moment=st.datetimes(min_value=datetime.datetime(1900, 1, 1)).map(lambda value: value.replace(microsecond=0)),
)
def test_task_is_made_again_from_any_values(word, real, items, moment):
    task = Outer(word=word, real=real, items=items, moment=moment)
    assert made_again(task).make_unique_id() == task.make_unique_id()


def test_insignificant_parameters_are_named_where_they_differ():
    assert 'quiet' not in source_of_build(Outer())
    assert made_again(Outer(quiet=5)).quiet == 5


def test_class_is_imported_from_its_module():
    lines = source_of_build(Inner()).splitlines()
    assert lines == ['import gokart', f'import {__name__}', f'gokart.build({__name__}.Inner(number=1))']


def test_class_of_the_main_module_is_there_already(monkeypatch):
    monkeypatch.setattr(Inner, '__module__', '__main__')
    assert source_of_build(Inner()) == 'import gokart\ngokart.build(Inner(number=1))'


def test_value_without_source_is_parsed_by_its_parameter():
    assert f"interval={__name__}.Outer.interval.parse('2020-W05')" in source_of_build(Outer())


def test_not_a_number_has_source():
    assert "real=float('nan')" in source_of_build(Outer(real=float('nan')))


def test_path_has_source():
    class WithPath(gokart.TaskOnKart):
        path = luigi.PathParameter(default=pathlib.Path('a/b'))

    assert "path=pathlib.Path('a/b')" in source_of_build(WithPath())


@pytest.mark.parametrize('task_class', [Secretive, PlainSecretive])
def test_private_values_are_never_shown(task_class):
    task = task_class()
    assert 'sesame' not in source_of_build(task) + label(task)
    assert 'shown=1' in label(task)
    assert 'private=...' in source_of_build(task)
    assert '# private values are not shown' in source_of_build(task)
    assert 'hush' not in label(task)
