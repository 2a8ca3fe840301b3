"""Objects in memory that stand for stored ones: while an overlay is in use, targets read and write it alone."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from gokart.errors import TaskInputError


@dataclass(slots=True)
class Overlay:
    """Objects by the path of their target.

    The same objects are handed on, not copies of them.
    """

    objects: dict[str, Any] = field(default_factory=dict)
    modified: dict[str, datetime] = field(default_factory=dict)
    made: datetime = field(default_factory=lambda: datetime.now(timezone.utc))

    def load(self, path: str) -> Any:
        """Return the object.

        Raises:
            TaskInputError: there is none.
        """
        if path not in self.objects:
            raise TaskInputError(
                f'{path} is loaded, but no object was given for it. Give one for the required task that makes it: '
                f"inputs={{'name in requires()': obj}}, or inputs={{TaskClass: obj}}."
            )
        return self.objects[path]

    def dump(self, path: str, obj: Any) -> None:
        """Keep `obj`."""
        self.objects[path] = obj
        self.modified[path] = datetime.now(timezone.utc)

    def last_modification_time(self, path: str) -> datetime:
        """Return when the object was given or dumped.

        Raises:
            FileNotFoundError: there is none.
        """
        if path not in self.objects:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
        return self.modified.get(path, self.made)

    def remove(self, path: str) -> None:
        """Forget the object, if there is one."""
        self.objects.pop(path, None)


_in_use: ContextVar[Overlay | None] = ContextVar('overlay_in_use', default=None)


def current_overlay() -> Overlay | None:
    """Return the overlay that is in use in this context; None almost always."""
    return _in_use.get()


@contextmanager
def overlaid(overlay: Overlay) -> Iterator[Overlay]:
    """Use `overlay` while the block lasts; threads that the block starts see what is stored."""
    token = _in_use.set(overlay)
    try:
        yield overlay
    finally:
        _in_use.reset(token)
