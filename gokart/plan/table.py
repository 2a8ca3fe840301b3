"""A tree of tasks as table: a row a task."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gokart.plan.task_info import TaskInfo

if TYPE_CHECKING:
    import pandas as pd


def make_tree_info_table_list(task_info: TaskInfo, visited_tasks: set[str]) -> list[dict[str, Any]]:
    """List the fields of `task_info` and of each task below it once, a task before its requirements.

    Args:
        task_info: the root.
        visited_tasks: ids of the tasks that are listed already; those that this call lists are added.
    """
    rows = []
    pending = [task_info]
    while pending:
        info = pending.pop()
        if info.get_task_id() not in visited_tasks:
            visited_tasks.add(info.get_task_id())
            rows.append(info.task_info_dict())
            pending.extend(reversed(info.children_task_infos))
    return rows


def table_frame(task_info: TaskInfo) -> pd.DataFrame:
    """Return the rows of `task_info` and of all below it as a frame."""
    import pandas as pd

    frame: pd.DataFrame = pd.DataFrame(make_tree_info_table_list(task_info, set()))
    return frame
