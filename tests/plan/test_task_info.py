"""What trees show of a task: its texts, and comparisons of whole trees."""

from __future__ import annotations

import pytest

from gokart.plan.task_info import RequiredTask, TaskInfo


def info(name='Leaf', children=(), complete='COMPLETE'):
    return TaskInfo(name, 'id', ['a.pkl'], {'n': '1'}, '1.5s', complete, {}, RequiredTask('A', 'b'), list(children))


def chain(depth, end='Leaf'):
    node = info(end)
    for _ in range(depth):
        node = info('Link', [node])
    return node


def diamonds(layers):
    node = info()
    for _ in range(layers):
        node = info('Top', [info('Left', [node]), info('Right', [node])])
    return node


def test_a_task_is_told_by_name_and_id():
    assert info().get_task_id() == 'Leaf_id'


def test_the_title_is_short():
    assert info(complete='PENDING').get_task_title() == '(PENDING) Leaf[id]'


def test_the_detail_tells_of_the_run():
    assert info().get_task_detail() == "(parameter={'n': '1'}, output=['a.pkl'], time=1.5s, task_log={})"


@pytest.mark.parametrize('make', [chain, diamonds])
def test_equal_trees_of_any_size_are_equal(make):
    assert make(2_000) == make(2_000)


def test_a_difference_deep_below_counts():
    assert chain(2_000) != chain(2_000, end='Other')


def test_a_missing_branch_counts():
    assert info(children=[info(), info()]) != info(children=[info()])


def test_something_else_is_not_equal():
    assert info() != 'Leaf'


def test_the_representation_names_what_is_below():
    assert repr(info('Top', [info(), info('Other')])).endswith(
        "requires=RequiredTask(name='A', unique_id='b'), "
        'children_task_infos=[(COMPLETE) Leaf[id], (COMPLETE) Other[id]])'
    )


def test_the_representation_of_many_diamonds_is_short():
    assert len(repr(diamonds(100))) < 300
