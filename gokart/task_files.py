"""Where the outputs of a task lie: paths below its workspace, named after its class and its id."""

from __future__ import annotations

from gokart.anchor import anchored_path, joined
from gokart.task_records import TaskRecords

# Functions and not methods: their names would be taken from the classes of users.


def stored_at(task: TaskRecords, relative_file_path: str) -> str:
    """Return the whole path of a file of the workspace of `task`; a URL is one already, as an absolute path is."""
    if '://' in relative_file_path:
        return relative_file_path
    return anchored_path(joined(task.workspace_directory, relative_file_path))


def default_stem(task: TaskRecords) -> str:
    """Return the relative path, without its extension, that an output has by default: module path and class name."""
    return f'{type(task).__module__.replace(".", "/")}/{type(task).__name__}'


def default_path(task: TaskRecords, extension: str) -> str:
    """Return the relative path that an output has by default."""
    return f'{default_stem(task)}.{extension}'


def id_if(task: TaskRecords, wanted: bool) -> str | None:
    """Return the unique id of `task` if it joins the file name."""
    return task.make_unique_id() if wanted else None
