"""Global state of the interpreter that a build leaves as it found it."""

from __future__ import annotations

import contextlib
import logging
import os
import random
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Generic, TypeVar

from luigi.worker import fork_lock

from gokart import _luigi, late_seed
from gokart.anchor import working_directory
from gokart.running.process_settings import LOGGERS

T = TypeVar('T')


class Kept(Generic[T]):
    """State that is put back at the end of a block, also where blocks in several threads overlap.

    What the first of overlapping blocks found is what the last of them leaves.
    """

    def __init__(self, take: Callable[[], T], put_back: Callable[[T], None]) -> None:
        self._take = take
        self._put_back = put_back
        self._blocks: list[list[T]] = []

    @contextmanager
    def block(self) -> Iterator[None]:
        """Put the state back at the end of the block, or leave that to a block that began later and goes on."""
        # Not a lock of its own: a process that is forked while a thread holds one could never take it.
        with fork_lock:
            own = [self._take()]
            self._blocks.append(own)
        try:
            yield
        finally:
            with fork_lock:
                place = next(index for index, block in enumerate(self._blocks) if block is own)
                del self._blocks[place]
                if place < len(self._blocks):
                    self._blocks[place][:] = own
                else:
                    self._put_back(own[0])


class LoggerConfig:
    """Sets the level of gokart's and Luigi's loggers inside of a ``with`` block.

    Args:
        level: a level of `logging`.
    """

    def __init__(self, level: int) -> None:
        if not isinstance(level, int):
            raise TypeError(
                f'a log level is an int such as logging.INFO, not {level!r} of type {type(level).__name__}.'
            )
        self.level = level
        self.logger = logging.getLogger('gokart.build')
        self.default_level = self.logger.level
        self._block = contextlib.ExitStack()

    def __enter__(self) -> LoggerConfig:
        self._block.enter_context(_levels.block())
        _set_levels(dict.fromkeys(LOGGERS, self.level))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._block.close()


def process_state_kept() -> contextlib.AbstractContextManager[None]:
    """Keep the state of random generators, the working directory, and what Luigi makes of logging, over a block."""
    return _process.block()


def avoid_second_handler() -> None:
    """Where something handles Luigi's messages already, let Luigi not add its own handler, inside of a kept block."""
    if _luigi_logger.hasHandlers() and not _luigi.logging_is_left_to_user():
        _luigi.set_logging_configured(True)


@dataclass(frozen=True, slots=True)
class _ProcessState:
    random: Any
    numpy_random: Any
    """None if numpy was not imported."""
    numpy_seed: int | None
    """The seed that waited for the import of numpy."""
    directory: str | None
    """None if it did not exist."""
    luigi_handlers: list[logging.Handler] | None
    """None if logging was set up before, or the user has Luigi set it up from a file, once a process."""

    @classmethod
    def take(cls) -> _ProcessState:
        numpy_random = sys.modules.get('numpy.random')
        logging_is_settled = _luigi.logging_is_configured() or _luigi.logging_is_left_to_user()
        return cls(
            random.getstate(),
            numpy_random.get_state() if numpy_random is not None else None,
            late_seed.waiting_seed(),
            working_directory(),
            None if logging_is_settled else list(_luigi_logger.handlers),
        )

    def put_back(self) -> None:
        random.setstate(self.random)
        numpy_random = sys.modules.get('numpy.random')
        late_seed.wait_with(self.numpy_seed if numpy_random is None else None)
        if numpy_random is not None and self.numpy_random is not None:
            numpy_random.set_state(self.numpy_random)
        elif numpy_random is not None:
            numpy_random.seed(self.numpy_seed)  # as after a first import, if that is None
        if self.directory is not None and self.directory != working_directory():
            with contextlib.suppress(OSError):  # it was removed meanwhile
                os.chdir(self.directory)
        if self.luigi_handlers is not None:
            _luigi_logger.handlers[:] = self.luigi_handlers
            _luigi.set_logging_configured(False)


def _take_levels() -> dict[str, int]:
    return {name: logging.getLogger(name).level for name in LOGGERS}


def _set_levels(levels: dict[str, int]) -> None:
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


_luigi_logger = logging.getLogger('luigi-interface')
_levels = Kept(_take_levels, _set_levels)
_process = Kept(_ProcessState.take, _ProcessState.put_back)


def _release_fork_lock() -> None:
    # It was taken by the thread that forked, in the process that forked; here is nobody else to release it, and a
    # build inside of the forked task would wait for ever.
    if fork_lock.locked():
        fork_lock.release()


if hasattr(os, 'register_at_fork'):
    os.register_at_fork(after_in_child=_release_fork_lock)
