"""Objects and files that do not go together."""

from __future__ import annotations

from gokart.errors.root import GokartError


class FormatError(GokartError):
    """An object and a file format do not go together."""


class UnknownFormatError(FormatError, AssertionError):
    """No file processor is known for the extension."""


class UnsupportedObjectError(FormatError, TypeError, ValueError, AssertionError):
    """The format cannot hold the object."""


class BrokenFileError(FormatError, ValueError):
    """A stored file cannot be read."""


class LossyFormatWarning(UserWarning):
    """A file keeps less than the object that was dumped to it."""
