"""The directory that relative workspaces refer to while a build runs, whatever a body does to the working directory."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_anchor: ContextVar[str | None] = ContextVar('anchor', default=None)


@contextmanager
def anchored(directory: str | None = None) -> Iterator[None]:
    """Refer relative paths to `directory`, by default the working directory of now, while the block lasts."""
    token = _anchor.set(directory or working_directory())
    try:
        yield
    finally:
        _anchor.reset(token)


def anchored_path(path: str) -> str:
    """Return `path` as it is, or from the anchor on if it is relative and the working directory was changed."""
    anchor = _anchor.get()
    if anchor is None or '://' in path or working_directory() == anchor:
        return path
    return os.path.normpath(os.path.join(anchor, path))  # noqa: PTH118


def working_directory() -> str | None:
    """Return the working directory; None if somebody removed it."""
    try:
        return os.getcwd()  # noqa: PTH109 (as text, at every make_target)
    except FileNotFoundError:
        return None
