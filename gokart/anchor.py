"""Paths below workspaces: which directory relative ones refer to while a build runs, and how names are joined."""

from __future__ import annotations

import os
import posixpath
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
    if anchor is None or '://' in path or os.path.isabs(path) or working_directory() == anchor:  # noqa: PTH117
        return path
    return os.path.normpath(os.path.join(anchor, path))  # noqa: PTH118


def joined(directory: str, *names: str) -> str:
    """Return a path below `directory`, which may be a URL: that is joined by slashes on every system."""
    if '://' in directory:
        return posixpath.join(directory, *names)
    return os.path.join(directory, *names)  # noqa: PTH118


def working_directory() -> str | None:
    """Return the working directory; None if somebody removed it."""
    try:
        return os.getcwd()  # noqa: PTH109 (as text, at every make_target)
    except FileNotFoundError:
        return None
