"""What a task tells of itself: its parameters, and the log files of its runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import luigi

from gokart.identity import has_identity
from gokart.parameter import TaskInstanceParameter
from gokart.records.log_files import LogFiles, log_files_of
from gokart.task_class import TabledTask
from gokart.task_settings import TaskSettings


class TaskRecords(TaskSettings, TabledTask):
    """The part of `TaskOnKart` that reads what is recorded; goes before `luigi.Task`."""

    if TYPE_CHECKING:

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            self.task_log: dict[Any, Any] = {}

        def make_unique_id(self) -> str: ...  # noqa: D102

    def get_info(self, only_significant: bool = False) -> dict[str, str]:
        """Return all parameters, or the significant ones, as strings; private ones too, and tasks by class and id."""
        return {
            name: _text(parameter, self.param_kwargs[name])
            for name, parameter in self.get_params()
            if parameter.significant or not only_significant
        }

    def get_task_log(self) -> dict[str, Any]:
        """Return what `run` noted in `task_log`: of this object, or else when the task succeeded last; may be empty."""
        return dict(self.task_log or log_files_of(self).read('task_log', {}))

    def get_task_params(self) -> dict[str, str]:
        """Return the significant parameters as they were stored; empty if the task never ran."""
        return dict(log_files_of(self).read('task_params', {}))

    def get_processing_time(self) -> Any:
        """Return the seconds that `run` took when the task succeeded last; ``'unknown'`` if it never did."""
        return log_files_of(self).read('processing_time', 'unknown')

    @classmethod
    def restore(cls, unique_id: str) -> Any:
        """Make the task again that ran with `unique_id` in the workspace of this class.

        Raises:
            RecordNotFoundError: no such task ran there.
        """
        configured: dict[str, Any] = {}
        cls._add_configuration(configured, 'TaskOnKart')
        workspace = configured.get('workspace_directory') or cls.workspace_directory.task_value(
            cls.get_task_family(), 'workspace_directory'
        )
        return cls.from_str_params(LogFiles(workspace, cls.__name__, unique_id).read_task_params())


def _text(parameter: luigi.Parameter[Any], value: Any) -> str:
    if isinstance(parameter, TaskInstanceParameter) and has_identity(value):
        return f'{type(value).__name__}-{value.make_unique_id()}'
    return str(parameter.serialize(value))
