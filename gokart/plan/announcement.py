"""The tree or table of a build, shown or stored before it starts."""

from __future__ import annotations

import enum
import logging
import sys
from dataclasses import dataclass

import luigi

from gokart.anchor import joined
from gokart.plan.look import id_of
from gokart.plan.views import make_task_info_as_table, make_task_info_as_tree_str
from gokart.target import make_target

logger = logging.getLogger('gokart.build')


class TaskDumpMode(enum.Enum):
    """What is shown or stored."""

    TREE = 'tree'
    TABLE = 'table'
    NONE = 'none'


class TaskDumpOutputType(enum.Enum):
    """Where it goes."""

    PRINT = 'print'
    """To the log at level INFO, or to the standard output if that level is off."""
    DUMP = 'dump'
    """To ``log/task_info/<Class>_<unique id>.txt`` (a tree) or ``.pkl`` (a table) in the workspace of the task."""
    NONE = 'none'


@dataclass
class TaskDumpConfig:
    """What a build tells of its tasks before it starts; by default nothing."""

    mode: TaskDumpMode = TaskDumpMode.NONE
    output_type: TaskDumpOutputType = TaskDumpOutputType.NONE


def process_task_info(task: luigi.Task, task_dump_config: TaskDumpConfig | None = None) -> None:
    """Show or store the tree or table of `task`.

    Raises:
        ValueError: only one of mode and output type is `NONE`.
    """
    config = task_dump_config or TaskDumpConfig()
    mode, output = config.mode, config.output_type
    if (mode is TaskDumpMode.NONE) != (output is TaskDumpOutputType.NONE):
        raise ValueError(
            f'Unsupported TaskDumpConfig: {config}. Give a mode (TREE or TABLE) and an output type (PRINT or DUMP), or '
            'neither.'
        )
    if output is TaskDumpOutputType.PRINT:
        _show(_text(task, mode))
    elif output is TaskDumpOutputType.DUMP:
        _store(task, mode)


def _text(task: luigi.Task, mode: TaskDumpMode) -> str:
    if mode is TaskDumpMode.TREE:
        return make_task_info_as_tree_str(task)
    return make_task_info_as_table(task).to_csv(index=False, sep='\t')


def _show(text: str) -> None:
    if logger.isEnabledFor(logging.INFO):
        logger.info('%s', text)
    else:
        sys.stdout.write(f'{text}\n')


def _store(task: luigi.Task, mode: TaskDumpMode) -> None:
    workspace = getattr(task, 'workspace_directory', './resources/')
    extension = 'txt' if mode is TaskDumpMode.TREE else 'pkl'
    path = joined(workspace, 'log', 'task_info', f'{type(task).__name__}.{extension}')
    content = make_task_info_as_tree_str(task) if mode is TaskDumpMode.TREE else make_task_info_as_table(task)
    make_target(path, unique_id=id_of(task)).dump(content)
