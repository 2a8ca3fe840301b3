"""How tasks are described: outputs, requirements, and one description for each task."""

from __future__ import annotations

import luigi
import pytest

import gokart
from gokart.plan.describe import describe_requirements, make_outline, make_task_info_tree
from gokart.plan.task_info import RequiredTask


class Leaf(gokart.TaskOnKart):
    number = luigi.IntParameter(default=1)

    def run(self):
        self.dump(self.number)


class Plain(luigi.Task):
    def output(self):
        return luigi.LocalTarget('plain.txt')


class Middle(gokart.TaskOnKart):
    task_namespace = 'some.space'

    def requires(self):
        return {'one': Leaf(), 'rest': [Leaf(number=2), (Leaf(),)]}

    def output(self):
        return {'a': self.make_target('a.csv', use_unique_id=False), 'b': [luigi.LocalTarget('b.txt')]}


class Top(gokart.TaskOnKart):
    def requires(self):
        return [Middle(), Leaf()]


def required(number=1):
    return RequiredTask('Leaf', Leaf(number=number).make_unique_id())


def test_a_task_is_named_by_its_class_without_namespace():
    assert make_task_info_tree(Middle()).name == 'Middle'


def test_all_paths_of_outputs_are_listed():
    assert make_task_info_tree(Middle()).output_paths == ['./resources/a.csv', 'b.txt']


def test_requirements_keep_their_structure_and_tuples_become_lists():
    assert make_task_info_tree(Middle()).requires == {'one': required(), 'rest': [required(2), [required()]]}


def test_children_are_the_requirements_in_order():
    assert [child.params['number'] for child in make_task_info_tree(Middle()).children_task_infos] == ['1', '2', '1']


def test_ignored_tasks_are_no_children_but_stay_required():
    found = make_task_info_tree(Middle(), ignore_task_names=['Leaf'])
    assert found.children_task_infos == []
    assert found.requires['one'] == required()


def test_a_task_that_is_required_twice_is_one_description():
    found = make_task_info_tree(Top())
    assert found.children_task_infos[0].children_task_infos[0] is found.children_task_infos[1]


def test_tasks_of_one_id_in_two_workspaces_tell_their_own_paths():
    class Two(gokart.TaskOnKart):
        def requires(self):
            return [Leaf(workspace_directory='a'), Leaf(workspace_directory='b')]

    paths = [child.output_paths[0] for child in make_task_info_tree(Two()).children_task_infos]
    assert [path.partition('/')[0] for path in paths] == ['a', 'b']


def test_a_plain_task_is_described():
    found = make_task_info_tree(Plain())
    assert (found.name, found.unique_id, found.output_paths) == ('Plain', Plain().task_id, ['plain.txt'])
    assert (found.processing_time, found.task_log, found.is_complete) == ('unknown', {}, 'PENDING')


def test_a_cache_of_an_earlier_call_is_used_and_filled():
    cache = {}
    first = make_task_info_tree(Middle(), cache=cache)
    assert set(cache) == {
        f'Middle_{first.unique_id}_False',
        f'Leaf_{required().unique_id}_False',
        f'Leaf_{required(2).unique_id}_False',
    }
    assert make_task_info_tree(Top(), None, cache).children_task_infos[0] is first


def test_an_outline_reads_no_log_file(monkeypatch):
    def read(task):
        raise AssertionError('read')

    monkeypatch.setattr(Leaf, 'get_task_log', read, raising=False)
    assert make_outline(Leaf()).get_task_title() == f'(PENDING) Leaf[{required().unique_id}]'


@pytest.mark.parametrize(
    ('structure', 'expected'),
    [
        ((), []),
        (iter(()), []),
        ({'a': {'b': ()}}, {'a': {'b': []}}),
    ],
)
def test_dicts_stay_dicts_and_other_collections_become_lists(structure, expected):
    assert describe_requirements(structure) == expected


@pytest.mark.parametrize('wrong', [None, 1, 'Leaf', [1], {'a': 'Leaf'}, Leaf])
def test_what_is_no_task_is_named(wrong):
    with pytest.raises(TypeError, match='unexpected type'):
        describe_requirements(wrong)


class Chain(gokart.TaskOnKart):
    depth = luigi.IntParameter()

    def requires(self):
        return Chain(depth=self.depth - 1) if self.depth else []


def test_a_chain_longer_than_the_recursion_limit_is_described():
    found, depth = make_task_info_tree(Chain(depth=1_100)), 0
    while found.children_task_infos:
        found, depth = found.children_task_infos[0], depth + 1
    assert depth == 1_100
