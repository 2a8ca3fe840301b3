"""The outputs in a local workspace that a graph of tasks does not need."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator
from typing import Any

from gokart._nested import flatten
from gokart.anchor import anchored_path
from gokart.errors import StorageError
from gokart.representation import label
from gokart.storage.registry import scheme_of, storage_for
from gokart.target_contract import target_path
from gokart.walk import bottom_up

logger = logging.getLogger(__name__)

# The names that outputs with a unique id get: only such files are surely ours.
_OURS = re.compile(r'.*_[0-9a-f]{32}(\.[^.]*)?', re.DOTALL)


def delete_local_unnecessary_outputs(task: Any) -> list[str]:
    """Delete the files in the local workspace of `task` that neither it nor what it requires has as an output.

    Only files that gokart named are deleted, those with a unique id before the extension; ``log/`` is left alone.

    Returns:
        The paths of the deleted files.

    Raises:
        StorageError: the workspace is not on the local disk.
    """
    deleted = []
    for path in unneeded_outputs(task):
        try:
            storage_for(path).remove(path)
        except FileNotFoundError:  # somebody else was quicker
            continue
        deleted.append(path)
        logger.info('deleted %s', path)
    return deleted


def unneeded_outputs(task: Any) -> Iterator[str]:
    """Yield the paths of the files that `delete_local_unnecessary_outputs` would delete."""
    workspace = anchored_path(task.workspace_directory)
    if scheme_of(workspace) != 'file':
        raise StorageError(
            f'{label(task)}: unnecessary outputs are deleted in local workspaces only, and {workspace} is none. '
            'Delete what is not needed there with the tools of that storage.'
        )
    needed = {
        os.path.realpath(target_path(output))
        for node in bottom_up(task, lambda one: flatten(one.requires()))
        for output in flatten(node.output())
        if scheme_of(target_path(output)) == 'file'
    }
    logs = os.path.join(os.path.realpath(workspace), 'log', '')  # noqa: PTH118
    for found in storage_for(workspace).list(workspace):
        path = os.path.realpath(found.path)
        if _OURS.fullmatch(os.path.basename(path)) and path not in needed and not path.startswith(logs):  # noqa: PTH119
            yield found.path
