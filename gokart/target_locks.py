"""How dumping, loading and removing one stored object are locked."""

from __future__ import annotations

import functools
import logging
import os
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from typing import NamedTuple, TypeVar

from typing_extensions import ParamSpec

from gokart.errors import LockAccessError, LockServiceError, LockSettingsError
from gokart.locks.holding import holding
from gokart.locks.redis import url_of
from gokart.locks.registry import locks_for
from gokart.locks.waiting import Locks

P = ParamSpec('P')
R = TypeVar('R')

logger = logging.getLogger(__name__)

_DEFAULT_SECONDS = 180
EXTEND_SECONDS = 10
"""How often earlier versions renew a lock; `redis_timeout` must be greater."""


class TaskLockParams(NamedTuple):
    """Which lock at which Redis is taken, and how.

    Attributes:
        redis_host: host of the Redis.
        redis_port: its port.
        redis_timeout: seconds that the lock lasts after its holder has died; None: 180.
        redis_key: name of the lock.
        should_task_lock: whether anything is locked at all.
        raise_task_lock_exception_on_collision: whether a lock that somebody holds is an error, or waited for.
        lock_extend_seconds: has no effect: a lock is renewed at a third of its life.
    """

    redis_host: str | None
    redis_port: int | None
    redis_timeout: int | None
    redis_key: str
    should_task_lock: bool
    raise_task_lock_exception_on_collision: bool
    lock_extend_seconds: int

    def place(self) -> Locks:
        """Return what keeps the lock."""
        return locks_for(url_of(str(self.redis_host), int(self.redis_port or 0)))

    def held(self, is_done: Callable[[], bool] | None = None) -> AbstractContextManager[None]:
        """Hold the lock for the length of a block; `is_done` as in `gokart.locks.holding.holding`.

        Raises:
            LockTakenError: somebody else holds it, and this is not to be waited for.
            OSError: what keeps the locks cannot be asked.
        """
        return holding(self.place(), self.redis_key, *self._times(), is_done)

    def wait_until_free(self) -> None:
        """Take the lock and release it at once; raises what `held` raises."""
        self.place().acquire(self.redis_key, *self._times()).release()

    def _times(self) -> tuple[float, float | None]:
        wait_seconds = 0.0 if self.raise_task_lock_exception_on_collision else None
        return self.redis_timeout or _DEFAULT_SECONDS, wait_seconds


def make_task_lock_key(file_path: str, unique_id: str | None) -> str:
    """Return the name of the lock of a file: its stem and the id."""
    stem = os.path.splitext(os.path.basename(file_path))[0]  # noqa: PTH119, PTH122 - of a URL, too
    return f'{stem}_{unique_id}'


def make_task_lock_params(
    file_path: str,
    unique_id: str | None,
    redis_host: str | None = None,
    redis_port: int | None = None,
    redis_timeout: int | None = None,
    raise_task_lock_exception_on_collision: bool = False,
    lock_extend_seconds: int = EXTEND_SECONDS,
) -> TaskLockParams:
    """Return how the file at `file_path` is locked: at a Redis, if host and port are given.

    Raises:
        LockSettingsError: `redis_timeout` is not greater than `lock_extend_seconds`.
    """
    return redis_lock_params(
        make_task_lock_key(file_path, unique_id),
        redis_host,
        redis_port,
        redis_timeout,
        raise_task_lock_exception_on_collision,
        lock_extend_seconds,
    )


def redis_lock_params(
    key: str,
    redis_host: str | None,
    redis_port: int | None,
    redis_timeout: int | None,
    raise_task_lock_exception_on_collision: bool,
    lock_extend_seconds: int,
) -> TaskLockParams:
    """Return the lock `key` at a Redis; the other arguments are those of `make_task_lock_params`."""
    if redis_timeout is not None and redis_timeout <= lock_extend_seconds:
        raise LockSettingsError(
            f'`redis_timeout` must be set greater than lock_extend_seconds:{lock_extend_seconds}, not {redis_timeout}.'
        )
    return TaskLockParams(
        redis_host,
        redis_port,
        redis_timeout,
        key,
        redis_host is not None and redis_port is not None,
        raise_task_lock_exception_on_collision,
        lock_extend_seconds,
    )


def wrap_dump_with_lock(
    func: Callable[P, R], task_lock_params: TaskLockParams | None, exist_check: Callable[..., bool]
) -> Callable[P, R | None]:
    """Return `func` under the lock; it is not called if `exist_check` holds once the lock is taken.

    Where what keeps the lock has answered before and does not now, `func` is called without it: nothing that is stored
    can be torn, and the result of a task is not thrown away.
    """
    params = task_lock_params
    if params is None or not params.should_task_lock:
        return func

    @functools.wraps(func)
    def dump(*args: P.args, **kwargs: P.kwargs) -> R | None:
        with ExitStack() as lock:
            try:
                lock.enter_context(params.held())
            except LockAccessError:
                raise
            except LockServiceError as error:
                if not params.place().has_answered:
                    raise
                logger.warning('What the lock %r is for is stored without it: %s', params.redis_key, error)
            if exist_check():
                logger.warning('What the lock %r is for exists by now: it is not stored again.', params.redis_key)
                return None
            return func(*args, **kwargs)

    return dump


def wrap_load_with_lock(func: Callable[P, R], task_lock_params: TaskLockParams | None) -> Callable[P, R]:
    """Return `func`, called once the lock is free: the lock is taken and released at once, so readers run together."""
    params = task_lock_params
    if params is None or not params.should_task_lock:
        return func

    @functools.wraps(func)
    def load(*args: P.args, **kwargs: P.kwargs) -> R:
        params.wait_until_free()
        return func(*args, **kwargs)

    return load


def wrap_remove_with_lock(func: Callable[P, R], task_lock_params: TaskLockParams | None) -> Callable[P, R]:
    """Return `func` under the lock."""
    params = task_lock_params
    if params is None or not params.should_task_lock:
        return func

    @functools.wraps(func)
    def remove(*args: P.args, **kwargs: P.kwargs) -> R:
        with params.held():
            return func(*args, **kwargs)

    return remove


def wrap_run_with_lock(run_func: Callable[[], R], task_lock_params: TaskLockParams | None) -> Callable[[], R]:
    """Return `run_func` under the lock.

    The worker locks whole runs by itself; this is for code that was written for earlier versions.
    """
    return wrap_remove_with_lock(run_func, task_lock_params)
