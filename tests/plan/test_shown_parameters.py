"""Parameters are shown as strings, the values that are not public as stars."""

from __future__ import annotations

import luigi
import pytest
from luigi.parameter import ParameterVisibility

import gokart
from gokart.plan.shown_parameters import shown_parameters


class Leaf(gokart.TaskOnKart):
    task_namespace = 'some.space'
    number = luigi.IntParameter(default=1)


class Secret(gokart.TaskOnKart):
    user = luigi.Parameter(default='me')
    password = luigi.Parameter(default='private-value', visibility=ParameterVisibility.PRIVATE)
    token = luigi.Parameter(default='hidden-value', visibility=ParameterVisibility.HIDDEN)


class PlainSecret(luigi.Task):
    number = luigi.IntParameter(default=1)
    note = luigi.Parameter(default='x', significant=False)
    password = luigi.Parameter(default='private-value', visibility=ParameterVisibility.PRIVATE)


def test_only_significant_ones_are_shown_as_strings():
    assert shown_parameters(Leaf()) == {'number': '1'}


def test_values_that_are_not_public_are_masked():
    assert shown_parameters(Secret()) == {'user': 'me', 'password': '***', 'token': '***'}


def test_those_of_plain_tasks_are_masked_too():
    assert shown_parameters(PlainSecret()) == {'number': '1', 'password': '***'}


def test_a_task_is_shown_by_class_and_id():
    class Holder(gokart.TaskOnKart):
        leaf = gokart.TaskInstanceParameter()

    assert shown_parameters(Holder(leaf=Leaf())) == {'leaf': f'Leaf-{Leaf().make_unique_id()}'}


def test_a_list_of_tasks_is_shown_as_serialized():
    class Holder(gokart.TaskOnKart):
        leaves = gokart.ListTaskInstanceParameter()

    holder = Holder(leaves=[Leaf(), Leaf(number=2)])
    assert shown_parameters(holder) == {'leaves': Holder.leaves.serialize(holder.leaves)}


class Between(gokart.TaskOnKart):
    below = gokart.TaskInstanceParameter(default=Secret())


@pytest.mark.filterwarnings('ignore:Parameter "tasks"')
@pytest.mark.parametrize('task', [Secret(), Between(), PlainSecret()], ids=lambda task: type(task).__name__)
def test_a_text_that_holds_values_of_a_task_that_are_not_public_is_masked(task):
    class Holder(gokart.TaskOnKart):
        tasks = gokart.ListTaskInstanceParameter() if isinstance(task, gokart.TaskOnKart) else luigi.Parameter()

    value = [task] if isinstance(task, gokart.TaskOnKart) else task
    assert shown_parameters(Holder(tasks=value)) == {'tasks': '***'}


def test_a_task_tells_its_parameters_as_it_likes():
    class Own(Secret):
        def get_info(self, only_significant=False):
            return {'password': self.password, 'more': only_significant}

    assert shown_parameters(Own()) == {'password': '***', 'more': True}
