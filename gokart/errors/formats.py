"""Objects and files that do not go together."""

from __future__ import annotations

from gokart.errors.root import GokartError


class FormatError(GokartError):
    """An object and a file format do not go together."""


class UnknownFormatError(FormatError, AssertionError):
    """No file processor is known for the extension."""


class UnsupportedObjectError(FormatError, TypeError, ValueError, AssertionError):
    """The format cannot hold the object."""


class UnencodableTextError(UnsupportedObjectError, UnicodeEncodeError):
    """The encoding of the file has no form for a character of a text.

    The attributes that `UnicodeEncodeError` adds are those of the cause.
    """

    def __init__(self, message: str = '', cause: UnicodeEncodeError | None = None) -> None:
        if cause is not None:
            UnicodeEncodeError.__init__(self, *cause.args)
        self.args = (message,)  # not the whole text, which may be long or secret

    __str__ = Exception.__str__  # UnicodeEncodeError tells its attributes


class BrokenFileError(FormatError, ValueError):
    """A stored file cannot be read."""


class LossyFormatWarning(UserWarning):
    """A file keeps less than the object that was dumped to it."""
