"""Which locks a task has: one around its run, and one for each of its targets."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from gokart.errors import ConfigError, LockSettingsError
from gokart.locks.contract import SweptLockService
from gokart.locks.holding import holding
from gokart.locks.keeper import stay
from gokart.locks.registry import locks_for, locks_in
from gokart.locks.waiting import Locks
from gokart.overlay import current_overlay
from gokart.target_locks import EXTEND_SECONDS, TaskLockParams, make_task_lock_params, redis_lock_params
from gokart.task_files import default_stem, stored_at
from gokart.task_settings import TaskSettings

logger = logging.getLogger(__name__)

_WORKSPACE = 'workspace'
_DIRECTORY = 'log/locks'


def locks_at_dump(task: Any) -> bool:
    """Whether each dump of `task` takes a lock of its own, and not that of the whole run.

    Raises:
        LockSettingsError: the run is to be locked, but nothing says where.
    """
    if not task.should_lock_run:
        return True
    if _own_place(task) is None:
        for name in ('redis_host', 'redis_port'):
            if getattr(task, name) is None:
                raise LockSettingsError(
                    f'{name} must be set when should_lock_run is True. Set it for {type(task).__name__}, or in '
                    '[TaskOnKart]; or set lock, which takes no other parameter.'
                )
    return False


def target_lock_params(task: Any, file_path: str, unique_id: str | None) -> TaskLockParams:
    """Return how dumping, loading and removing an output of `task` is locked.

    Raises:
        LockSettingsError: `redis_timeout` is too short.
    """
    if _own_place(task) is not None:  # what is stored is stored whole, so the lock of the run is enough
        return make_task_lock_params(file_path, unique_id)
    return make_task_lock_params(file_path, unique_id, task.redis_host, task.redis_port, task.redis_timeout)


def make_task_lock_params_for_run(task_self: Any, lock_extend_seconds: int = EXTEND_SECONDS) -> TaskLockParams:
    """Return how the run of a task is locked at the Redis of its parameters: the lock is not waited for.

    Raises:
        LockSettingsError: `redis_timeout` is not greater than `lock_extend_seconds`.
    """
    return redis_lock_params(
        f'{type(task_self).__name__}_{task_self.make_unique_id()}-run',
        task_self.redis_host,
        task_self.redis_port,
        task_self.redis_timeout,
        True,
        lock_extend_seconds,
    )


def is_run_locked(task: Any) -> bool:
    """Whether `run_locked` takes a lock."""
    return current_overlay() is None and (_own_place(task) is not None or bool(task.should_lock_run))


@contextmanager
def run_locked(task: Any) -> Iterator[None]:
    """Hold the lock of the run of `task` for the block, if it has one.

    Without one, make sure that what keeps the locks of its targets answers, before the body has worked for nothing.

    Raises:
        LockTakenError: somebody else runs the task.
        LockSettingsError: the parameters are no place of a lock.
        OSError: what keeps the lock cannot be asked.
    """
    place = _own_place(task)
    if current_overlay() is not None:
        yield
    elif place is not None:
        with holding(_locks_at(task, place), _run_key(task, place), float(task.redis_timeout), is_done=task.complete):
            yield
    elif task.should_lock_run:
        with make_task_lock_params_for_run(task).held(is_done=task.complete):
            yield
    else:
        targets = make_task_lock_params('', None, task.redis_host, task.redis_port, task.redis_timeout)
        if targets.should_task_lock:
            targets.place().reach()
            stay()
        yield


def sweep_locks(tasks: Iterable[Any]) -> None:
    """Remove what dead holders left where the locks of `tasks` are; what goes wrong there is logged only."""
    places = set()
    for task in tasks:
        with contextlib.suppress(ConfigError, OSError, ImportError):  # told when the task was to run
            place = _own_place(task)
            if place is not None:
                places.add(_locks_at(task, place))
    for locks in places:
        if isinstance(locks.service, SweptLockService):
            try:
                locks.service.sweep()
            except OSError as error:
                logger.info('%r could not be swept: %s', locks, error)


def _own_place(task: Any) -> str | None:
    """Return what the parameter `lock` says; None if it says nothing."""
    value = task.lock
    if value is None:
        return None
    if isinstance(value, str) and (value == _WORKSPACE or '://' in value):
        return value
    if type(task).lock is TaskSettings.lock:
        # The value is not shown: it may be half of a URL with a password.
        raise LockSettingsError(
            f'The parameter lock of {type(task).__name__} is no place of locks: it must be {_WORKSPACE!r}, or a URL '
            'like redis://host:6379/0, rediss://…, file:///directory, s3://bucket/directory or gs://bucket/directory.'
        )
    return None  # a parameter of the user's that happens to have this name


def _locks_at(task: Any, place: str) -> Locks:
    return locks_in(_absolute(stored_at(task, _DIRECTORY))) if place == _WORKSPACE else locks_for(place)


def _run_key(task: Any, place: str) -> str:
    name = f'{default_stem(task)}_{task.make_unique_id()}-run'
    # Machines may know one workspace by different paths, but different workspaces may share another place.
    return name if place == _WORKSPACE else _absolute(stored_at(task, name))


def _absolute(path: str) -> str:
    return path if '://' in path else os.path.abspath(path)  # noqa: PTH100 - pathlib keeps `..`
