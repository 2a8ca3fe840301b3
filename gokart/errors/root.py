"""The root of all exceptions of gokart."""

from __future__ import annotations


class GokartError(Exception):
    """Root of all exceptions that gokart raises itself."""
