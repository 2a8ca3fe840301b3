"""A target whose object stays in memory."""

from __future__ import annotations

import errno
import os
from datetime import datetime
from typing import Any

from gokart.errors import MissingKeyError
from gokart.in_memory.repository import InMemoryCacheRepository
from gokart.target_contract import TargetOnKart

_repository = InMemoryCacheRepository()


class InMemoryTarget(TargetOnKart):
    """An object in the memory of the process.

    Args:
        target_key: the key of the object, which is also its path.
        task_lock_param: how dumping, loading and removing are locked; no lock reaches into another process's memory.

    Raises:
        ValueError: a lock is asked for.
    """

    def __init__(self, target_key: str, task_lock_param: Any = None) -> None:
        if getattr(task_lock_param, 'should_task_lock', False):
            raise ValueError(
                'Redis with `InMemoryTarget` is not currently supported: memory belongs to one process, so there is '
                f'nothing to lock. Make the target {target_key!r} without redis_host and redis_port.'
            )
        self._data_key = target_key
        self._task_lock_params = task_lock_param

    def _exists(self) -> bool:
        return _repository.has(self._data_key)

    def _load(self) -> Any:
        return _repository.get_value(self._data_key)

    def _dump(
        self,
        obj: Any,
        task_params: dict[str, str] | None = None,
        custom_labels: dict[str, str] | None = None,
        required_task_outputs: Any = None,
    ) -> None:
        _repository.set_value(self._data_key, obj)

    def _remove(self) -> None:
        _repository.remove(self._data_key)

    def _last_modification_time(self) -> datetime:
        try:
            return _repository.get_last_modification_time(self._data_key)
        except MissingKeyError as error:
            raise _NothingKeptError(errno.ENOENT, os.strerror(errno.ENOENT), self._data_key) from error

    def _path(self) -> str:
        return self._data_key

    def _version(self) -> str | None:
        return str(_repository.get_data(self._data_key).number) if self._exists() else None

    def _get_task_lock_params(self) -> Any:
        return self._task_lock_params


class _NothingKeptError(FileNotFoundError, ValueError):
    """A `FileNotFoundError` as of every target, and the ValueError that this one raised in earlier versions."""


def make_in_memory_target(target_key: str, task_lock_params: Any = None) -> InMemoryTarget:
    """Make the target of the object that is kept in memory under `target_key`."""
    return InMemoryTarget(target_key, task_lock_params)
