"""What Slack did not do."""

from __future__ import annotations

from gokart.errors.root import GokartError


class SlackError(GokartError, RuntimeError):
    """Slack did not do what it was asked.

    Attributes:
        code: Slack's word for the reason, such as ``missing_scope``; empty if it gave none.
    """

    def __init__(self, message: str = '', code: str = '') -> None:
        super().__init__(message)
        self.code = code


class ChannelListNotLoadedError(SlackError):
    """Slack did not list its channels."""


class ChannelNotFoundError(SlackError):
    """There is no channel of the name, or the token may not see it."""


class FileNotUploadedError(SlackError):
    """A message or a file was not posted."""
