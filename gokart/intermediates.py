"""Which outputs a build may hand on in memory without storing them: those that are there only for other tasks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, TypeAlias

import luigi

from gokart._nested import flatten
from gokart.build_memory import current_memory, memory_of_build
from gokart.errors import ConfigError
from gokart.overlay import current_overlay
from gokart.target_contract import TargetOnKart, target_path
from gokart.task_locks import is_run_locked
from gokart.walk import bottom_up

Cache: TypeAlias = Literal['memory', 'disk']
_CHOICES = ('memory', 'disk')


@dataclass
class _Handing:
    """How one build hands outputs on."""

    root: luigi.Task
    default: str
    around: _Handing | None

    @cached_property
    def lasting_paths(self) -> frozenset[str]:
        """The paths of what the build is there for; of its requirements, where the root has no output of its own."""
        return frozenset(_lasting_paths(self.root)) | (self.around.lasting_paths if self.around else frozenset())


_current: ContextVar[_Handing | None] = ContextVar('how outputs are handed on', default=None)


@contextmanager
def handing_on(root: luigi.Task, cache: str | None, otherwise: str = 'disk') -> Iterator[None]:
    """Hand on the outputs of the build of `root` as `cache` says, or else as the build around it does, or `otherwise`.

    Raises:
        ConfigError: `cache` is neither ``'memory'`` nor ``'disk'``.
    """
    around = _current.get()
    default = cache if cache is not None else around.default if around else otherwise
    checked_cache(default)
    with memory_of_build():
        token = _current.set(_Handing(root, default, around))
        try:
            yield
        finally:
            _current.reset(token)


def checked_cache(cache: str) -> str:
    """Return `cache`.

    Raises:
        ConfigError: it is neither ``'memory'`` nor ``'disk'``.
    """
    if cache not in _CHOICES:
        raise ConfigError(f"cache is {cache!r:.100}. It must be 'memory' or 'disk'.")
    return cache


def keep_if_intermediate(task: Any, target: TargetOnKart) -> None:
    """Let the object that `task` dumps next to `target` stay in memory, if nobody misses it on the disk."""
    handing, memory = _current.get(), current_memory()
    if handing is None or memory is None or current_overlay() is not None:
        return
    path = target_path(target)
    if _wanted(task, handing.default) and _is_intermediate(task, target, path, handing):
        memory.keep(path)


def _wanted(task: Any, default: str) -> bool:
    own = getattr(type(task), 'cache', None)  # of the class: users have parameters and attributes of this name
    return (own if own in _CHOICES else default) == 'memory'


def _is_intermediate(task: Any, target: TargetOnKart, path: str, handing: _Handing) -> bool:
    return (
        path not in handing.lasting_paths
        and path in map(target_path, flatten(task.output()))
        and not is_run_locked(task)  # others wait for the output
        and target.may_be_in_memory()
        and not target.exists()  # what is stored must not outlive what replaces it
    )


def _lasting_paths(root: luigi.Task) -> Iterator[str]:
    def requirements_without_output(task: luigi.Task) -> list[luigi.Task]:
        return [] if flatten(task.output()) else flatten(task.requires())

    for task in bottom_up(root, requirements_without_output):
        yield from map(target_path, flatten(task.output()))
