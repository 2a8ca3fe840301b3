"""A tree of tasks as text: a line a task."""

from __future__ import annotations

from collections.abc import Iterator

from gokart.plan.task_info import TaskInfo

_BLANK, _LINE = '   ', '|  '
_LAST, _MIDDLE = '└─-', '|--'


def make_tree_info(
    task_info: TaskInfo, indent: str, last: bool, details: bool, abbr: bool, visited_tasks: set[str]
) -> str:
    """Draw `task_info` and what is below it; each line begins with a newline.

    Args:
        task_info: the root.
        indent: what each line begins with.
        last: whether no sibling of the root follows.
        details: whether to show parameters, outputs, time and log.
        abbr: whether a tree that was drawn already is shown as ``...``.
        visited_tasks: ids of the tasks that are drawn already; those that this call draws are added.
    """
    return ''.join(_pieces(task_info, indent, last, details, abbr, visited_tasks))


def _pieces(
    root: TaskInfo, indent: str, last: bool, details: bool, abbr: bool, visited_tasks: set[str]
) -> Iterator[str]:
    pending = [(root, indent, last)]
    while pending:
        info, indent, last = pending.pop()
        yield from ('\n', indent, _LAST if last else _MIDDLE, info.get_task_title())
        below = indent + (_BLANK if last else _LINE)
        if abbr and info.get_task_id() in visited_tasks:
            yield from ('\n', below, _LAST, ' ...')
            continue
        visited_tasks.add(info.get_task_id())
        if details:
            yield info.get_task_detail()
        children = reversed(info.children_task_infos)
        pending.extend((child, below, position == 0) for position, child in enumerate(children))
