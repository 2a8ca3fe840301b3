"""Forced runs: which stored outputs count as stale because ``rerun=True`` asked for new ones.

Nothing is deleted: an output is stale as long as its version is the one it had when the flag was first looked at.
Outside of a build each task keeps a ledger of its own; a build keeps one for its whole graph, so that it honours the
flags anew, wherever in the graph they are, and runs what depends on a forced task again.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import luigi

from gokart._nested import flatten
from gokart.identity import has_identity, identified
from gokart.private_parameters import made_with_other_values
from gokart.remote_targets import ask_each
from gokart.target_contract import target_path

logger = logging.getLogger(__name__)

TaskKey: TypeAlias = tuple[str, str, str]


@dataclass(slots=True)
class RerunLedger:
    """The stale outputs of the tasks that must run once more."""

    stale: dict[TaskKey, dict[str, str]] = field(default_factory=dict)
    """Path → version of the outputs that existed when the task was marked."""
    unseen: set[TaskKey] = field(default_factory=set)
    """Marked tasks that nobody has asked about yet: the first answer is "forced", even without any output."""

    def mark(self, *tasks: Any) -> None:
        """Count the outputs of `tasks` that exist now as stale; does nothing for a task that is marked already."""
        new = {
            key: flatten(task.output()) for key, task in ((_key(task), task) for task in tasks) if key not in self.stale
        }
        versions = iter(ask_each(_version, [output for outputs in new.values() for output in outputs]))
        for key, outputs in new.items():
            found = ((target_path(output), next(versions)) for output in outputs)
            self.stale[key] = {path: version for path, version in found if version is not None}
            self.unseen.add(key)

    def excerpt(self, task: Any) -> RerunLedger:
        """Return a ledger of its own that knows of `task` what this one knows."""
        key = _key(task)
        return RerunLedger({key: self.stale[key]}, self.unseen & {key}) if key in self.stale else RerunLedger()

    def stale_outputs(self, task: Any) -> list[str] | None:
        """Return the paths of the outputs that still have to be replaced; None if the task is not forced."""
        key = _key(task) if self.stale else None
        if key is None or key not in self.stale:
            return None
        if key in self.unseen:
            self.unseen.discard(key)
            return list(self.stale[key])
        outputs = flatten(task.output())
        paths = [
            path
            for path, version in zip(map(target_path, outputs), ask_each(_version, outputs), strict=True)
            if self.stale[key].get(path, '') == version
        ]
        return paths or None


_of_build: ContextVar[RerunLedger | None] = ContextVar('rerun_ledger_of_build', default=None)
_only_looking: ContextVar[bool] = ContextVar('only_looking_at_reruns', default=False)


def current_ledger() -> RerunLedger | None:
    """Return the ledger of the build that is running; None outside of builds."""
    return _of_build.get()


@contextmanager
def using(ledger: RerunLedger | None) -> Iterator[None]:
    """Make `ledger` the one of the running build, in a process that the build has started, too."""
    token = _of_build.set(ledger)
    try:
        yield
    finally:
        _of_build.reset(token)


@contextmanager
def only_looking() -> Iterator[None]:
    """Let no look at a task count as its first one while the block lasts: the look after it finds the same."""
    token = _only_looking.set(True)
    try:
        yield
    finally:
        _only_looking.reset(token)


@contextmanager
def honoured(root: luigi.Task) -> Iterator[RerunLedger]:
    """Honour each ``rerun=True`` in the graph of `root` once while the block lasts."""
    ledger = RerunLedger()
    forced: list[Any] = []
    try:
        try:
            for task in _forced(root):
                task._rerun_state = False
                forced.append(task)
        finally:
            ledger.mark(*forced)
    except Exception as error:
        # The same error meets Luigi when it schedules the graph, which reports it with its task.
        logger.debug('The graph of %s cannot be walked: %r', root.task_id, error)
    with using(ledger):
        yield ledger


def stale_outputs(task: Any) -> list[str] | None:
    """Return the stale outputs of `task` for the running build, or for its own flag outside of builds."""
    ledger = current_ledger()
    if ledger is None:
        ledger = task._gokart_rerun_ledger
    if _only_looking.get():
        return _as_if_asked(task, ledger)
    if task._rerun_state:
        task._rerun_state = False
        if ledger is None:
            ledger = task._gokart_rerun_ledger = RerunLedger()
        ledger.mark(task)
    return None if ledger is None else ledger.stale_outputs(task)


def _as_if_asked(task: Any, ledger: RerunLedger | None) -> list[str] | None:
    if ledger is None and not task._rerun_state:
        return None
    excerpt = RerunLedger() if ledger is None else ledger.excerpt(task)
    if task._rerun_state:
        excerpt.mark(task)
    return excerpt.stale_outputs(task)


def _forced(root: luigi.Task) -> Iterator[Any]:
    """Yield the tasks with ``rerun=True`` or other private values than last time, and those that depend on one."""
    forced: set[int] = set()
    for task, below in identified(root):
        if _must_run(task) or any(id(requirement) in forced for requirement in below):
            forced.add(id(task))
            if has_identity(task):
                yield task


def _must_run(task: Any) -> bool:
    return has_identity(task) and (bool(getattr(task, 'rerun', False)) or made_with_other_values(task))


def _key(task: Any) -> TaskKey:
    return task.task_family, task.make_unique_id(), task.workspace_directory


def _version(output: Any) -> str | None:
    version: Any = getattr(output, 'version', None)
    if callable(version):
        found: Any = version()
        return None if found is None else str(found)
    try:
        stat = os.stat(target_path(output))  # noqa: PTH116
    except (OSError, ValueError):
        return None
    return f'{stat.st_mtime_ns}-{stat.st_ino}-{stat.st_size}'
