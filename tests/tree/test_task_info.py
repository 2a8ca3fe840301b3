"""Trees and tables of tasks by the names that users know: drawn, and stored in any storage."""

from __future__ import annotations

import base64
import inspect
import pickle
from pathlib import Path

import luigi
import pytest

import gokart
from gokart.tree import task_info, task_info_formatter
from gokart.tree.task_info import (
    dump_task_info_table,
    dump_task_info_tree,
    make_task_info_as_table,
    make_task_info_as_tree_str,
    make_task_info_tree,
)
from gokart.tree.task_info_formatter import RequiredTask, TaskInfo

# Of gokart 1.12.2: dump_task_info_tree() of a task Top that requires {'leaf': Leaf()}.
PUBLISHED_TREE = base64.b64decode("""
gASVKwIAAAAAAACMH2dva2FydC50cmVlLnRhc2tfaW5mb19mb3JtYXR0ZXKUjAhUYXNrSW5mb5STlCmBlH2UKIwEbmFtZZSMA1RvcJSMCXVuaXF1ZV9
pZJSMIGJkYzc2ZTY1MWVkNGQxMjFlNTAyZjE0NTkyNTk1YzIylIwMb3V0cHV0X3BhdGhzlF2UjD0uL3Jlc291cmNlcy9fX21haW5fXy9Ub3BfYmRjNz
ZlNjUxZWQ0ZDEyMWU1MDJmMTQ1OTI1OTVjMjIucGtslGGMBnBhcmFtc5R9lIwPcHJvY2Vzc2luZ190aW1llIwHdW5rbm93bpSMC2lzX2NvbXBsZXRll
IwHUEVORElOR5SMCHRhc2tfbG9nlH2UjAhyZXF1aXJlc5R9lIwEbGVhZpSMCmRpbGwuX2RpbGyUjBJfY3JlYXRlX25hbWVkdHVwbGWUk5SMDFJlcXVp
cmVkVGFza5RoBWgHhpRoAIeUUpSMBExlYWaUjCAyZDE2MjA3N2M4YTVkNDMyYjRjZjRiN2I0OTYxYzIwZpSGlIGUc4wTY2hpbGRyZW5fdGFza19pbmZ
vc5RdlGgCKYGUfZQoaAVoHmgHaB9oCV2UjD4uL3Jlc291cmNlcy9fX21haW5fXy9MZWFmXzJkMTYyMDc3YzhhNWQ0MzJiNGNmNGI3YjQ5NjFjMjBmLn
BrbJRhaAx9lIwGbnVtYmVylIwBMZRzaA5oD2gQaBFoEn2UaBRdlGgiXZR1YmF1Yi4=
""")


class Leaf(gokart.TaskOnKart):
    number = luigi.IntParameter(default=1)

    def run(self):
        self.dump(self.number)


class Middle(gokart.TaskOnKart):
    def requires(self):
        return Leaf()

    def run(self):
        self.dump('x')


class Top(gokart.TaskOnKart):
    def requires(self):
        return {'middle': Middle(), 'leaf': Leaf()}

    def run(self):
        self.dump('x')


class Layer(gokart.TaskOnKart):
    layer = luigi.IntParameter()
    side = luigi.Parameter(default='left')

    def requires(self):
        return [Layer(layer=self.layer - 1, side=side) for side in ('left', 'right') if self.layer]


class Chain(gokart.TaskOnKart):
    depth = luigi.IntParameter()

    def requires(self):
        return Chain(depth=self.depth - 1) if self.depth else []


def title(task, state='PENDING'):
    return f'({state}) {type(task).__name__}[{task.make_unique_id()}]'


@pytest.mark.parametrize(
    ('function', 'parameters'),
    [
        (task_info.make_task_info_as_tree_str, ['task', 'details', 'abbr', 'ignore_task_names']),
        (task_info.make_task_info_as_table, ['task', 'ignore_task_names']),
        (task_info.make_task_info_tree, ['task', 'ignore_task_names', 'cache']),
        (task_info.dump_task_info_table, ['task', 'task_info_dump_path', 'ignore_task_names']),
        (task_info.dump_task_info_tree, ['task', 'task_info_dump_path', 'ignore_task_names', 'use_unique_id']),
        (task_info_formatter.make_task_info_tree, ['task', 'ignore_task_names', 'cache']),
        (
            task_info_formatter.make_tree_info,
            ['task_info', 'indent', 'last', 'details', 'abbr', 'visited_tasks'],
        ),
        (task_info_formatter.make_tree_info_table_list, ['task_info', 'visited_tasks']),
        (task_info_formatter._make_requires_info, ['requires']),
    ],
    ids=lambda value: getattr(value, '__name__', ''),
)
def test_arguments_have_their_names(function, parameters):
    assert list(inspect.signature(function).parameters) == parameters


class TestTree:
    def test_it_begins_on_a_line_of_its_own(self):
        assert make_task_info_as_tree_str(Top()) == (
            f'\n└─-{title(Top())}'
            f'\n   |--{title(Middle())}'
            f'\n   |  └─-{title(Leaf())}'
            f'\n   └─-{title(Leaf())}'
            '\n      └─- ...'
        )

    def test_what_is_complete_is_told(self):
        gokart.build(Leaf())
        assert title(Leaf(), 'COMPLETE') in make_task_info_as_tree_str(Top())

    def test_details_follow_the_title(self):
        gokart.build(Leaf())
        path = Leaf().output().path()
        assert make_task_info_as_tree_str(Leaf(), details=True) == (
            f"\n└─-{title(Leaf(), 'COMPLETE')}(parameter={{'number': '1'}}, output=['{path}'], "
            f"time={Leaf().get_processing_time()}s, task_log={{'file_path': ['{path}']}})"
        )

    def test_names_are_left_out(self):
        assert 'Leaf' not in make_task_info_as_tree_str(Top(), ignore_task_names=['Leaf'])

    def test_a_hundred_layers_of_diamonds_are_drawn_at_once(self):
        assert make_task_info_as_tree_str(Layer(layer=100), details=True).count('\n') == 1 + 100 * 2 + 99 * 4

    def test_a_chain_longer_than_the_recursion_limit_is_drawn(self):
        assert make_task_info_as_tree_str(Chain(depth=1_100)).count('Chain[') == 1_101


class TestTable:
    def test_a_row_is_a_task(self):
        frame = make_task_info_as_table(Top())
        assert frame['name'].tolist() == ['Top', 'Middle', 'Leaf']
        assert frame['requires'][0] == {
            'middle': RequiredTask('Middle', Middle().make_unique_id()),
            'leaf': RequiredTask('Leaf', Leaf().make_unique_id()),
        }

    def test_names_are_left_out(self):
        assert make_task_info_as_table(Top(), ignore_task_names=['Middle'])['name'].tolist() == ['Top', 'Leaf']


class TestStoredTable:
    def test_the_id_of_the_root_joins_the_name(self):
        dump_task_info_table(Top(), 'sub/table.csv')
        assert [path.name for path in Path('sub').iterdir()] == [f'table_{Top().make_unique_id()}.csv']

    @pytest.mark.parametrize('extension', ['csv', 'json', 'ndjson', 'pkl', 'tsv'])
    def test_frames_can_be_stored_in_the_formats_of_frames(self, extension):
        dump_task_info_table(Top(), f'table.{extension}', ['Middle'])
        target = gokart.TaskOnKart(workspace_directory='.').make_target(
            f'table_{Top().make_unique_id()}.{extension}', use_unique_id=False
        )
        assert target.load()['name'].tolist() == ['Top', 'Leaf']


class TestStoredTree:
    def load(self, path):
        with open(path, 'rb') as file:
            return pickle.load(file)

    def test_it_is_the_tree_again(self):
        dump_task_info_tree(Top(), 'tree.pkl')
        assert self.load(f'tree_{Top().make_unique_id()}.pkl') == make_task_info_tree(Top())

    def test_the_id_can_be_left_out_of_the_name(self):
        dump_task_info_tree(Top(), 'tree.pkl', use_unique_id=False)
        assert type(self.load('tree.pkl')) is TaskInfo

    def test_names_are_left_out(self):
        dump_task_info_tree(Top(), 'tree.pkl', ['Leaf'], use_unique_id=False)
        assert [child.name for child in self.load('tree.pkl').children_task_infos] == ['Middle']

    def test_shared_tasks_stay_shared(self):
        dump_task_info_tree(Top(), 'tree.pkl', use_unique_id=False)
        middle, leaf = self.load('tree.pkl').children_task_infos
        assert middle.children_task_infos[0] is leaf

    def test_a_chain_longer_than_the_recursion_limit_is_stored(self):
        dump_task_info_tree(Chain(depth=1_100), 'tree.pkl', use_unique_id=False)
        assert self.load('tree.pkl') == make_task_info_tree(Chain(depth=1_100))

    def test_it_names_the_classes_as_earlier_versions_do(self):
        dump_task_info_tree(Top(), 'tree.pkl', use_unique_id=False)
        content = Path('tree.pkl').read_bytes()
        assert b'gokart.tree.task_info_formatter' in content
        assert b'gokart.plan' not in content

    def test_a_tree_of_an_earlier_version_is_read(self):
        Path('tree.pkl').write_bytes(PUBLISHED_TREE)
        found = self.load('tree.pkl')
        assert (type(found), found.name, found.requires['leaf'].name) == (TaskInfo, 'Top', 'Leaf')
        assert found.children_task_infos[0].get_task_title() == '(PENDING) Leaf[2d162077c8a5d432b4cf4b7b4961c20f]'

    def test_it_can_be_stored_in_any_storage(self, memory_url):
        dump_task_info_tree(Top(), f'{memory_url}/tree.pkl', use_unique_id=False)
        target = gokart.TaskOnKart(workspace_directory=memory_url).make_target('tree.pkl', use_unique_id=False)
        assert target.load() == make_task_info_tree(Top())

    @pytest.mark.parametrize('path', ['tree.csv', 'tree', 'tree.PKL'])
    def test_another_extension_is_an_error(self, path):
        with pytest.raises(AssertionError, match=r'must be \.pkl.*dump_task_info_table'):
            dump_task_info_tree(Top(), path)
