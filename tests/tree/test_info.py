"""The tree by its first name, and the options of the command line that ask for it."""

from __future__ import annotations

import luigi

import gokart
from gokart.info import make_tree_info, tree_info
from gokart.tree.task_info import make_task_info_as_tree_str


class Leaf(gokart.TaskOnKart):
    number = luigi.IntParameter(default=1)


class Top(gokart.TaskOnKart):
    def requires(self):
        return [Leaf(), Leaf(), Leaf(number=2)]


def test_the_tree_is_that_of_the_later_name():
    assert make_tree_info(Top()) == make_task_info_as_tree_str(Top())
    assert make_tree_info(Top(), details=True, abbr=False, ignore_task_names=['Top']) == (
        make_task_info_as_tree_str(Top(), details=True, abbr=False, ignore_task_names=['Top'])
    )


def test_the_place_in_another_tree_has_no_effect():
    assert make_tree_info(Top(), '  ', False, visited_tasks={'Top'}) == make_task_info_as_tree_str(Top())


def test_the_options_are_those_of_the_command_line():
    assert tree_info.get_task_family() == 'tree_info'
    assert [name for name in tree_info.get_param_names() if name in ('mode', 'output_path')] == ['mode', 'output_path']


def test_nothing_is_asked_for_by_default():
    assert (tree_info().mode, tree_info().output().path()) == ('', './resources/tree.txt')


def test_the_path_is_below_the_workspace():
    assert tree_info(output_path='sub/t.txt', workspace_directory='w').output().path() == 'w/sub/t.txt'


def test_the_id_is_that_of_earlier_versions():
    assert tree_info().make_unique_id() == 'f74950ceeaab93b2cdf2c2a4679364a1'
