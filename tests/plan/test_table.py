"""A tree as table: a row a task, a task before its requirements."""

from __future__ import annotations

from gokart.plan.table import make_tree_info_table_list, table_frame
from gokart.plan.task_info import RequiredTask, TaskInfo


def info(name, *children):
    requires = [RequiredTask(child.name, child.unique_id) for child in children]
    return TaskInfo(name, f'{name}-id', [], {}, 'unknown', 'PENDING', {}, requires, list(children))


LEAF = info('Leaf')
DIAMOND = info('Top', info('Left', LEAF), info('Right', LEAF))


def test_each_task_has_one_row():
    assert [row['name'] for row in make_tree_info_table_list(DIAMOND, set())] == ['Top', 'Left', 'Leaf', 'Right']


def test_a_row_tells_all_but_the_tasks_below():
    assert make_tree_info_table_list(info('Top', LEAF), set())[0] == {
        'name': 'Top',
        'unique_id': 'Top-id',
        'output_paths': [],
        'params': {},
        'processing_time': 'unknown',
        'is_complete': 'PENDING',
        'task_log': {},
        'requires': [RequiredTask('Leaf', 'Leaf-id')],
    }


def test_tasks_that_were_listed_before_are_left_out():
    visited = {'Left_Left-id'}
    assert [row['name'] for row in make_tree_info_table_list(DIAMOND, visited)] == ['Top', 'Right', 'Leaf']
    assert visited == {'Top_Top-id', 'Left_Left-id', 'Right_Right-id', 'Leaf_Leaf-id'}


def test_the_frame_has_the_rows_in_order():
    frame = table_frame(DIAMOND)
    assert list(frame.columns) == [
        'name', 'unique_id', 'output_paths', 'params', 'processing_time', 'is_complete', 'task_log', 'requires',
    ]  # fmt: skip
    assert frame['name'].tolist() == ['Top', 'Left', 'Leaf', 'Right']
    assert frame.index.tolist() == [0, 1, 2, 3]
