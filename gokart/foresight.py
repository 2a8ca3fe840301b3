"""What the looks at tasks are going to ask of remote storages, asked in advance for many tasks at once."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import luigi

from gokart import identity
from gokart._nested import flatten
from gokart.identity import has_identity
from gokart.private_parameters import private_parameters
from gokart.records.log_files import log_files_of
from gokart.remote_targets import remote_path
from gokart.storage.registry import remote_is_in_use
from gokart.storage.snapshot import Snapshot, snapshot

logger = logging.getLogger(__name__)


class Foresight:
    """Asks for what the ``complete()`` of tasks is going to ask, for many tasks whenever a walk comes to new ones."""

    def __init__(self, taken: Snapshot) -> None:
        self._taken = taken
        self._seen: dict[int, Any] = {}
        self._tried_classes: set[type] = set()

    def look_ahead(self, tasks: Iterable[Any]) -> None:
        """Ask for `tasks`, and for as many tasks below them as were asked for until now.

        So a walk down a long chain asks a few times only, and one that ends soon has asked for little in vain.
        """
        new = [task for task in tasks if id(task) not in self._seen]
        if new and self._may_be_remote(new):
            self.ask_for(new, further=len(self._seen))

    def ask_for(self, tasks: Iterable[Any], further: int = 0) -> None:
        """Ask for `tasks`, for what their ``complete()`` asks besides, and for so many `further` tasks below them."""
        paths: list[str] = []
        pending = deque((task, True) for task in tasks)
        while pending:
            task, is_needed = pending.popleft()
            if id(task) in self._seen or not (is_needed or further > 0):
                continue
            further -= not is_needed
            self._seen[id(task)] = task
            targets = _tried(_targets, task)
            paths += filter(None, map(remote_path, targets))
            asks = _asks_its_requirements(task, targets)
            if asks or (further > 0 and _is_settled(task)):
                pending += [(requirement, is_needed and asks) for requirement in _tried(_requirements, task)]
        self._taken.ask(paths)

    def _may_be_remote(self, tasks: Iterable[Any]) -> bool:
        """Whether any of `tasks` may have remote outputs; to find that out, one of each class makes its targets."""
        pending = deque(tasks)
        while pending and not remote_is_in_use():
            task = pending.popleft()
            if may_be_remote(task):
                return True
            if isinstance(task, luigi.WrapperTask):
                pending += _tried(_requirements, task)
            elif type(task) not in self._tried_classes:
                self._tried_classes.add(type(task))
                _tried(_targets, task)
        return remote_is_in_use()


def foreseen(tasks: Iterable[Any]) -> AbstractContextManager[Snapshot]:
    """Give the answers to the ``complete()`` of `tasks`, all asked for at once, while the block lasts."""
    remote = [task for task in _tried(list, tasks) if may_be_remote(task)]
    return _foreseen(remote) if remote else nullcontext(Snapshot())


@contextmanager
def _foreseen(tasks: Iterable[Any]) -> Iterator[Snapshot]:
    with snapshot() as taken:
        Foresight(taken).ask_for(tasks)
        yield taken


def may_be_remote(task: Any) -> bool:
    """Whether `task` may have to do with remote storages; costs nothing where there are none."""
    return '://' in str(getattr(task, 'workspace_directory', '')) or remote_is_in_use()


def checks_its_inputs(task: Any) -> bool:
    """Whether `task` is complete only if its requirements are."""
    return has_identity(task) and bool(
        getattr(task, 'strict_check', False) or getattr(task, 'modification_time_check', False)
    )


def _targets(task: Any) -> list[Any]:
    targets = flatten(task.output())
    if has_identity(task) and private_parameters(task):
        targets.append(log_files_of(task).target('private_params'))
    return targets


def _requirements(task: Any) -> list[Any]:
    return flatten(identity.requirements(task) if has_identity(task) else task.requires())


def _asks_its_requirements(task: Any, targets: list[Any]) -> bool:
    if isinstance(task, luigi.WrapperTask) or checks_its_inputs(task):
        return True
    # What else should a complete() of the user's ask, where there are no outputs?
    return not targets and type(task).complete.__module__.partition('.')[0] not in ('gokart', 'luigi')


def _is_settled(task: Any) -> bool:
    # The id was made of what requires() returned: it has run, and running it once more is no surprise.
    return getattr(task, 'task_unique_id', None) is not None


def _tried(function: Callable[..., Iterable[Any]], *arguments: Any) -> list[Any]:
    try:
        return list(function(*arguments))
    except Exception as error:  # whoever looks at the task meets it as well, and says whose it is
        logger.debug('%s cannot be foreseen: %r', arguments, error)
        return []
