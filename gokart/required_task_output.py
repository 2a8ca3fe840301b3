"""Where an input of a task is stored, and which task stored it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RequiredTaskOutput:
    """One output of a required task."""

    task_name: str
    """Family of the task."""
    output_path: str
    """Path or URL of the output."""

    def serialize(self) -> dict[str, str]:
        """Return the form that labels of stored objects have."""
        return {'__gokart_task_name': self.task_name, '__gokart_output_path': self.output_path}
