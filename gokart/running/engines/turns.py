"""Whose settings a process has that runs tasks of many builds: one build's at a time, as there is one configuration."""

from __future__ import annotations

import logging
import os
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from luigi.task_register import Register

from gokart.running.engines.portable import loads
from gokart.running.process_settings import GlobalSettings

logger = logging.getLogger(__name__)

_IMPATIENCE_SECONDS = 10.0


class Turns:
    """Lets bodies with equal settings run side by side, and those with others wait for their turn, first come first.

    When nobody is left, the process gets back the settings that it had.
    """

    def __init__(self) -> None:
        self._reset()

    def _reset(self) -> None:
        self._changed = threading.Condition()
        self._waiting: deque[object] = deque()
        self._running: list[str] = []
        self._current = ''
        self._before: GlobalSettings | None = None
        self._read: tuple[bytes, GlobalSettings] | None = None
        self._build_id = ''

    @contextmanager
    def turn(self, name: str, settings: bytes, key: str, build_id: str) -> Iterator[None]:
        """Run the block with the pickled `GlobalSettings` in use.

        Args:
            name: of the task, for whoever waits for it.
            settings: of the driver.
            key: equal for settings that make no difference to tasks, such as those of a build in a task of a build.
            build_id: of the build; tasks that were made for another one are not used for it.
        """
        self._begin(name, key, settings, build_id)
        try:
            yield
        finally:
            self._end(name)

    def _begin(self, name: str, key: str, settings: bytes, build_id: str) -> None:
        ticket = object()

        def is_due() -> bool:
            return self._waiting[0] is ticket and (not self._running or self._current == key)

        with self._changed:
            self._waiting.append(ticket)
            try:
                while not self._changed.wait_for(is_due, _IMPATIENCE_SECONDS):
                    logger.warning(
                        '%s waits in this process (%d) for %s, of a build with another configuration. Give each of '
                        'the builds an executor of its own, or the same configuration.',
                        *(name, os.getpid(), ', '.join(self._running) or 'its turn'),
                    )
                if not self._running:
                    self._take_over(key, settings)
                self._running.append(name)
            finally:
                self._waiting.remove(ticket)
                self._changed.notify_all()
            if build_id != self._build_id:
                self._build_id = build_id
                Register.clear_instance_cache()

    def _take_over(self, key: str, settings: bytes) -> None:
        before = GlobalSettings.of_this_process()
        if self._read is None or self._read[0] != settings:
            self._read = settings, loads(settings)
        self._read[1].apply()
        self._before, self._current = before, key

    def _end(self, name: str) -> None:
        with self._changed:
            self._running.remove(name)
            if not self._running and self._before is not None:
                self._before.apply()
                self._before = None
            self._changed.notify_all()


turns_of_process = Turns()

if hasattr(os, 'register_at_fork'):
    # Nobody whose turn it was goes on in the child; bodies of a build inside of a body would wait for them.
    os.register_at_fork(after_in_child=turns_of_process._reset)
