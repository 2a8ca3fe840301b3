"""The tree of tasks by its first name, and the options of the command line that ask for it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import luigi

from gokart.plan.views import make_task_info_as_tree_str
from gokart.target_contract import TargetOnKart
from gokart.task import TaskOnKart


def make_tree_info(
    task: luigi.Task,
    indent: str = '',
    last: bool = True,
    details: bool = False,
    abbr: bool = True,
    visited_tasks: set[str] | None = None,
    ignore_task_names: Collection[str] | None = None,
) -> str:
    """Draw the tree of `task` as `make_task_info_as_tree_str` does.

    `indent`, `last` and `visited_tasks` have no effect; they are accepted for code that was written for earlier
    versions.
    """
    return make_task_info_as_tree_str(task, details=details, abbr=abbr, ignore_task_names=ignore_task_names)


class tree_info(TaskOnKart[Any]):  # noqa: N801 (the name of its section and options)
    """The options ``--tree-info-mode`` and ``--tree-info-output-path``."""

    mode: luigi.StrParameter = luigi.StrParameter(
        default='', description='What the tree shows of each task: "simple" or "all".'
    )
    output_path: luigi.StrParameter = luigi.StrParameter(
        default='tree.txt', description='Path of the tree, below workspace_directory.'
    )

    def output(self) -> TargetOnKart:
        """Return the target of the tree."""
        return self.make_target(self.output_path, use_unique_id=False)
