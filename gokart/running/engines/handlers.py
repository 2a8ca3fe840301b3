"""Event handlers on their way to another process, where the module that registers them may not be imported."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import Any, TypeAlias

import luigi

from gokart import _luigi
from gokart.running.engines.portable import dumps, loads

logger = logging.getLogger(__name__)

PackedHandlers: TypeAlias = 'list[tuple[str, bytes]]'
"""The name of an event, and the pickled function that listens to it."""


def packed_handlers(task: luigi.Task) -> PackedHandlers:
    """Return the handlers that listen to events of `task` here, but for those that cannot be pickled."""
    packed = []
    for event, handler in _luigi.event_handlers(task):
        try:
            packed.append((event, dumps(handler)))
        except Exception as error:
            logger.warning('%r, which handles %s, stays in this process: %r', handler, event, error)
    return packed


def attach_handlers(task: luigi.Task, packed: PackedHandlers) -> None:
    """Let the handlers hear of the events of `task`, as far as they are not registered here anyway."""
    known = {(event, _name(handler)) for event, handler in _luigi.event_handlers(task)}
    handlers = [(event, loads(data)) for event, data in packed]
    missing = [(event, handler) for event, handler in handlers if (event, _name(handler)) not in known]
    if missing:
        # On the instance: in the register of Luigi they would hear of the tasks of other builds, too.
        vars(task)['trigger_event'] = partial(_trigger, task, missing)


def _trigger(task: luigi.Task, handlers: list[tuple[str, Callable[..., Any]]], event: str, *args: Any) -> None:
    type(task).trigger_event(task, event, *args)
    for wanted, handler in handlers:
        if wanted == event:
            try:
                handler(*args)
            except KeyboardInterrupt:
                return
            except BaseException:
                logger.exception('Error in event callback for %r', event)


def _name(handler: Any) -> Any:
    name = getattr(handler, '__qualname__', None)
    module = getattr(handler, '__module__', None)
    return handler if name is None else ('__main__' if module == '__mp_main__' else module, name)
