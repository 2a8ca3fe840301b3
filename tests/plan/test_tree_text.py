"""A tree as text: titles, branches, and what was drawn already."""

from __future__ import annotations

import pytest

from gokart.plan.task_info import TaskInfo
from gokart.plan.tree_text import make_tree_info


def info(name, *children):
    return TaskInfo(name, f'{name}-id', [f'{name}.pkl'], {'n': '1'}, '1.5s', 'COMPLETE', {'a': 1}, [], list(children))


def draw(root, indent='', last=True, details=False, abbr=True, visited=()):
    return make_tree_info(root, indent, last, details, abbr, set(visited)).split('\n')


LEAF = info('Leaf')
DIAMOND = info('Top', info('Left', LEAF), info('Right', LEAF))
DETAIL = "(parameter={{'n': '1'}}, output=['{0}.pkl'], time=1.5s, task_log={{'a': 1}})"


def test_a_sub_tree_that_was_drawn_is_abbreviated():
    assert draw(DIAMOND) == [
        '',
        '└─-(COMPLETE) Top[Top-id]',
        '   |--(COMPLETE) Left[Left-id]',
        '   |  └─-(COMPLETE) Leaf[Leaf-id]',
        '   └─-(COMPLETE) Right[Right-id]',
        '      └─-(COMPLETE) Leaf[Leaf-id]',
        '         └─- ...',
    ]


def test_without_abbreviation_it_is_drawn_again():
    assert draw(DIAMOND, abbr=False)[-2:] == [
        '   └─-(COMPLETE) Right[Right-id]',
        '      └─-(COMPLETE) Leaf[Leaf-id]',
    ]


def test_one_task_twice_in_a_list_is_two_branches():
    assert draw(info('Top', LEAF, LEAF)) == [
        '',
        '└─-(COMPLETE) Top[Top-id]',
        '   |--(COMPLETE) Leaf[Leaf-id]',
        '   └─-(COMPLETE) Leaf[Leaf-id]',
        '      └─- ...',
    ]


def test_a_branch_in_the_middle_has_a_line_down():
    assert draw(info('Top', info('Middle', LEAF, LEAF), info('Other'))) == [
        '',
        '└─-(COMPLETE) Top[Top-id]',
        '   |--(COMPLETE) Middle[Middle-id]',
        '   |  |--(COMPLETE) Leaf[Leaf-id]',
        '   |  └─-(COMPLETE) Leaf[Leaf-id]',
        '   |     └─- ...',
        '   └─-(COMPLETE) Other[Other-id]',
    ]


def test_details_are_shown_where_a_task_is_drawn_first():
    assert draw(DIAMOND, details=True) == [
        '',
        '└─-(COMPLETE) Top[Top-id]' + DETAIL.format('Top'),
        '   |--(COMPLETE) Left[Left-id]' + DETAIL.format('Left'),
        '   |  └─-(COMPLETE) Leaf[Leaf-id]' + DETAIL.format('Leaf'),
        '   └─-(COMPLETE) Right[Right-id]' + DETAIL.format('Right'),
        '      └─-(COMPLETE) Leaf[Leaf-id]',
        '         └─- ...',
    ]


@pytest.mark.parametrize(
    ('last', 'branch', 'below'), [(True, 'ab└─-', 'ab   '), (False, 'ab|--', 'ab|  ')], ids=['last', 'middle']
)
def test_a_tree_can_be_a_part_of_another(last, branch, below):
    assert draw(info('Top', LEAF), indent='ab', last=last) == [
        '',
        f'{branch}(COMPLETE) Top[Top-id]',
        f'{below}└─-(COMPLETE) Leaf[Leaf-id]',
    ]


def test_ids_that_were_drawn_before_count():
    assert draw(LEAF, visited={'Leaf_Leaf-id'}) == ['', '└─-(COMPLETE) Leaf[Leaf-id]', '   └─- ...']


def test_the_ids_that_are_drawn_are_noted():
    visited: set[str] = set()
    make_tree_info(DIAMOND, '', True, False, False, visited)
    assert visited == {'Top_Top-id', 'Left_Left-id', 'Right_Right-id', 'Leaf_Leaf-id'}
