"""What trees and tables show of a task, as data."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, NamedTuple

from gokart._nested import FlattenableItems


class RequiredTask(NamedTuple):
    """A required task by class name and unique id."""

    name: str
    unique_id: str


@dataclass
class TaskInfo:
    """One task of a tree, and those below it; tasks that are required in several places are one object."""

    name: str
    """Name of the class."""
    unique_id: str
    output_paths: list[str]
    params: dict[str, Any]
    """The significant parameters as strings; stars for values that are not public."""
    processing_time: str
    """Seconds of the last run, such as ``1.5s``, or ``unknown``."""
    is_complete: str
    """``COMPLETE`` or ``PENDING``."""
    task_log: dict[str, Any]
    requires: FlattenableItems[RequiredTask]
    """The requirements in the structure of ``requires()``, tuples and sets as lists."""
    children_task_infos: list[TaskInfo]
    """The requirements in order, without those that were to be ignored."""

    def get_task_id(self) -> str:
        """Return name and unique id, by which tasks of a tree are told apart."""
        return f'{self.name}_{self.unique_id}'

    def get_task_title(self) -> str:
        """Return the short line of the task: ``(COMPLETE) Name[id]``."""
        return f'({self.is_complete}) {self.name}[{self.unique_id}]'

    def get_task_detail(self) -> str:
        """Return what follows the title where details are shown."""
        return (
            f'(parameter={self.params}, output={self.output_paths}, '
            f'time={self.processing_time}, task_log={self.task_log})'
        )

    def task_info_dict(self) -> dict[str, Any]:
        """Return the fields by name, without the tasks below."""
        return {field.name: getattr(self, field.name) for field in fields(self) if field.name != _BELOW}

    # Without recursion, and each pair once: trees are deep, and share what several tasks require.
    def __eq__(self, other: object) -> bool:
        if not isinstance(other, TaskInfo):
            return NotImplemented
        pending: list[tuple[TaskInfo, TaskInfo]] = [(self, other)]
        compared: set[tuple[int, int]] = set()
        while pending:
            one, two = pending.pop()
            if one is two or (id(one), id(two)) in compared:
                continue
            compared.add((id(one), id(two)))
            own, others = one.children_task_infos, two.children_task_infos
            if one.task_info_dict() != two.task_info_dict() or len(own) != len(others):
                return False
            pending.extend(zip(own, others, strict=True))
        return True

    def __repr__(self) -> str:
        own = ', '.join(f'{name}={value!r}' for name, value in self.task_info_dict().items())
        below = ', '.join(child.get_task_title() for child in self.children_task_infos)
        return f'TaskInfo({own}, {_BELOW}=[{below}])'


_BELOW = 'children_task_infos'

# Pickled trees name the classes by the module in which every version has them, so that each version reads them.
RequiredTask.__module__ = TaskInfo.__module__ = 'gokart.tree.task_info_formatter'
