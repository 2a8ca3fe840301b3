"""What tasks noted of their last runs, read from the log files of many tasks at once."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from gokart.foresight import may_be_remote
from gokart.plan.look import Look
from gokart.records.log_files import Kind, log_files_of
from gokart.remote_targets import remote_path
from gokart.storage.read_ahead import ReadAhead
from gokart.storage.snapshot import snapshot
from gokart.task import TaskOnKart

logger = logging.getLogger(__name__)

_KINDS: tuple[Kind, ...] = ('processing_time', 'task_log')
"""The log files that are read, in this order."""


@dataclass(frozen=True, slots=True)
class Notes:
    """What one task noted; the defaults are those of a task that never ran, or whose log files cannot be read."""

    processing_time: Any = 'unknown'
    """Seconds."""
    task_log: dict[str, Any] = field(default_factory=dict)


def read_notes(looks: Sequence[Look]) -> list[Notes]:
    """Read the notes of each task; nothing that is wrong with them is raised."""
    with snapshot() as taken:
        # A task that is complete has log files, in general; whether there are others is asked at once.
        taken.ask(path for look in looks if not look.complete for path in _remote_paths(look.task))
        ahead = ReadAhead(path for look in looks if look.complete for path in _remote_paths(look.task))
        try:
            with ahead.used():
                return [_read(look) for look in looks]
        finally:
            ahead.close()


def _remote_paths(task: Any) -> list[str]:
    if not isinstance(task, TaskOnKart) or not may_be_remote(task):
        return []
    targets = map(log_files_of(task).target, _KINDS)
    return [path for path in map(remote_path, targets) if path is not None]


def _read(look: Look) -> Notes:
    notes = Notes()
    if not isinstance(look.task, TaskOnKart):
        return notes
    return Notes(
        _tried(look, look.task.get_processing_time, notes.processing_time),
        _tried(look, look.task.get_task_log, notes.task_log),
    )


def _tried(look: Look, read: Callable[[], Any], default: Any) -> Any:
    try:
        return read()
    except Exception as error:
        logger.warning('What %s[%s] noted of its last run is left out: %s', look.name, look.unique_id, error)
        return default
