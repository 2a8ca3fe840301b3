"""A task and all that it requires, as text and as table."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import luigi

from gokart.plan.describe import make_outline, make_task_info_tree
from gokart.plan.table import table_frame
from gokart.plan.tree_text import make_tree_info

if TYPE_CHECKING:
    import pandas as pd


def make_task_info_as_tree_str(
    task: luigi.Task, details: bool = False, abbr: bool = True, ignore_task_names: Collection[str] | None = None
) -> str:
    """Draw the tree of `task`: a line a task, ``(COMPLETE) Name[id]`` or ``(PENDING) Name[id]``.

    Args:
        task: the root.
        details: whether to add parameters, outputs, processing time and task log.
        abbr: whether a sub-tree that was drawn already is shown as ``...``. Without it the text of a graph in which
            many tasks share requirements may be very long.
        ignore_task_names: names of classes whose tasks are left out, with all that only they require; never the root.

    Raises:
        TypeError: `task` is no instance of a task.
    """
    info = make_task_info_tree(task, ignore_task_names) if details else make_outline(task, ignore_task_names)
    return make_tree_info(info, indent='', last=True, details=details, abbr=abbr, visited_tasks=set())


def make_task_info_as_table(task: luigi.Task, ignore_task_names: Collection[str] | None = None) -> pd.DataFrame:
    """Return a frame with a row for `task` and each task that it requires.

    The columns are name, unique_id, output_paths, params, processing_time, is_complete, task_log and requires.

    Args:
        task: the root.
        ignore_task_names: names of classes whose tasks are left out, with all that only they require; never the root.

    Raises:
        TypeError: `task` is no instance of a task.
    """
    return table_frame(make_task_info_tree(task, ignore_task_names))
