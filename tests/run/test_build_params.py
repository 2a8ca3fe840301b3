"""`gokart.build(task, params=...)` gives parameters to tasks anywhere in the graph."""

from __future__ import annotations

import luigi
import pytest

import gokart
from gokart.errors import ParameterTypeError, ParameterValueError


class Leaf(gokart.TaskOnKart):
    task_namespace = 'params'
    size = luigi.IntParameter(default=1)

    def run(self):
        self.dump(self.size)


class Middle(gokart.TaskOnKart):
    task_namespace = 'params'
    factor = luigi.IntParameter(default=10)

    def requires(self):
        return Leaf()

    def run(self):
        self.dump(self.load() * self.factor)


class Top(gokart.TaskOnKart):
    task_namespace = 'params'
    number = luigi.IntParameter(default=0)

    def requires(self):
        return {'default': Middle(), 'given': Middle(factor=100)}

    def run(self):
        self.dump({**self.load(), 'number': self.number})


class Holder(gokart.TaskOnKart):
    task_namespace = 'params'
    held = gokart.TaskInstanceParameter()
    several = gokart.ListTaskInstanceParameter(default=())

    def requires(self):
        return [self.held, *self.several]

    def run(self):
        self.dump(self.load())


class Asking(gokart.TaskOnKart):
    task_namespace = 'params'

    def run(self):
        leaf = Leaf()
        yield leaf
        self.dump(leaf.output().load())


def test_a_task_deep_in_the_graph_gets_the_parameter():
    assert gokart.build(Top(), params={'params.Leaf': {'size': 3}}) == {'default': 30, 'given': 300, 'number': 0}


def test_a_class_may_stand_for_its_family():
    assert gokart.build(Top(), params={Leaf: {'size': 3}})['default'] == 30


def test_a_value_that_the_task_is_made_with_stays():
    result = gokart.build(Top(), params={'params.Middle': {'factor': 2}})
    assert result == {'default': 2, 'given': 100, 'number': 0}


def test_the_root_gets_parameters_too():
    assert gokart.build(Top(), params={'params.Top': {'number': 7}})['number'] == 7


def test_configuration_gives_way(config):
    config.set('params.Leaf', 'size', '5')
    assert gokart.build(Top(), params={'params.Leaf': {'size': 3}})['default'] == 30
    assert gokart.build(Top())['default'] == 50


def test_builds_with_and_without_do_not_mix():
    """Instances that were made before know other ids."""
    top = Top()
    assert gokart.build(top)['default'] == 10
    assert gokart.build(top, params={'params.Leaf': {'size': 3}})['default'] == 30
    assert gokart.build(top)['default'] == 10
    assert Leaf().size == 1


def test_task_parameters_are_made_again():
    """Also what they require, whatever ids were asked for before."""
    holder = Holder(held=Middle(), several=[Middle(factor=100)])
    assert holder.make_unique_id()
    assert gokart.build(holder, params={'params.Leaf': {'size': 3}}) == [30, 300]


def test_yielded_tasks_get_parameters():
    assert gokart.build(Asking(), params={'params.Leaf': {'size': 3}}) == 3


@pytest.mark.parametrize('start_method', ['fork', 'spawn'])
def test_worker_processes_get_parameters(config, start_method):
    config.set('gokart_worker', 'start_method', start_method)
    assert gokart.build(Asking(), params={'params.Leaf': {'size': 3}}, workers=2) == 3


def test_the_same_parameters_run_nothing_again(monkeypatch):
    gokart.build(Top(), params={'params.Leaf': {'size': 3}})
    monkeypatch.setattr(Leaf, 'run', lambda self: 1 / 0)
    assert gokart.build(Top(), params={'params.Leaf': {'size': 3}})['default'] == 30


@pytest.mark.parametrize(
    ('params', 'message'),
    [
        ({'params.Leave': {'size': 3}}, r"no task class 'params.Leave'"),
        ({'params.Leaf': {'siez': 3}}, r"params.Leaf has no parameter 'siez'. It has .*size"),
        ({luigi.WrapperTask: {}}, 'no TaskOnKart'),
        ({int: {}}, 'no TaskOnKart'),
        (['params.Leaf'], r'params of build\(\) must be a dict, such as .* of type list'),
        ({'params.Leaf': 3}, r"params\['params.Leaf'\] of build\(\) must be a dict"),
    ],
)
def test_what_cannot_be_given_is_said(params, message):
    with pytest.raises((ParameterTypeError, ParameterValueError), match=message):
        gokart.build(Top(), params=params)
