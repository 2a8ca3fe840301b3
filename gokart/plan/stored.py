"""Trees and tables of tasks as stored objects."""

from __future__ import annotations

import os
from collections.abc import Collection
from typing import Any

import luigi

from gokart.errors import UnknownFormatError
from gokart.plan.describe import make_task_info_tree
from gokart.plan.look import id_of
from gokart.plan.table import table_frame
from gokart.plan.task_info import TaskInfo
from gokart.target import make_target
from gokart.walk import bottom_up


def dump_task_info_table(
    task: luigi.Task, task_info_dump_path: str, ignore_task_names: Collection[str] | None = None
) -> None:
    """Store the table of `task` and all that it requires.

    Args:
        task: the root.
        task_info_dump_path: path or URL; its extension chooses the format, and the unique id of `task` joins its name.
        ignore_task_names: names of classes whose tasks are left out.

    Raises:
        UnknownFormatError: no format is known for the extension.
        UnsupportedObjectError: the format cannot hold the table.
    """
    target = make_target(task_info_dump_path, unique_id=id_of(task))
    target.dump(table_frame(make_task_info_tree(task, ignore_task_names)))


def dump_task_info_tree(
    task: luigi.Task,
    task_info_dump_path: str,
    ignore_task_names: Collection[str] | None = None,
    use_unique_id: bool = True,
) -> None:
    """Store the `TaskInfo` of `task`, and with it all that it requires, as a pickle file.

    Args:
        task: the root.
        task_info_dump_path: path or URL that ends in ``.pkl``.
        ignore_task_names: names of classes whose tasks are left out.
        use_unique_id: whether the unique id of `task` joins the file name.

    Raises:
        UnknownFormatError: the path does not end in ``.pkl``.
    """
    extension = os.path.splitext(task_info_dump_path)[1]  # noqa: PTH122 - of a URL, too
    if extension != '.pkl':
        raise UnknownFormatError(
            f'A tree is stored as a pickle file: the extension must be .pkl, not {extension!r} as in '
            f'{task_info_dump_path}. dump_task_info_table() stores other formats.'
        )
    target = make_target(task_info_dump_path, unique_id=id_of(task) if use_unique_id else None)
    target.dump(_InOrder(make_task_info_tree(task, ignore_task_names)))


class _InOrder:
    """Is pickled as a `TaskInfo` made with all infos below it, requirements first: else the pickler would recurse."""

    def __init__(self, root: TaskInfo) -> None:
        self._root = root

    def __reduce__(self) -> tuple[Any, ...]:
        *below, root = bottom_up(self._root, lambda info: info.children_task_infos)
        children = {'children_task_infos': root.children_task_infos}
        return TaskInfo, (*root.task_info_dict().values(), below), children
