"""What went wrong with a request to Slack, in one line that shows no token."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError

from gokart.errors import SlackError

_TOKEN = re.compile(r'\b(?:xox[a-z](?:\.xox[a-z])?|xapp)-[\w-]+')
_MAX_CHARACTERS = 300

_CHECK_TOKEN = 'Check the token, its name and the environment variable.'
_CURES = {
    'invalid_auth': _CHECK_TOKEN,
    'not_authed': _CHECK_TOKEN,
    'account_inactive': _CHECK_TOKEN,
    'token_revoked': _CHECK_TOKEN,
    'token_expired': _CHECK_TOKEN,
    'not_in_channel': 'Invite the app to the channel.',
    'channel_not_found': 'Check the name, and invite the app if the channel is private.',
    'is_archived': 'Name a channel that is not archived.',
}


@contextmanager
def refusals_as(error_class: type[SlackError], what: str) -> Iterator[None]:
    """Raise `error_class`, with `what` and the reason, where Slack refuses what is asked in the ``with`` block."""
    from slack_sdk.errors import SlackApiError

    try:
        yield
    except SlackApiError as error:
        raise refusal(error_class, what, error.response) from None


def refusal(error_class: type[SlackError], what: str, answer: Any) -> SlackError:
    """Return the error for an answer of Slack's that is not ok."""
    code = str(answer.get('error') or 'unknown')
    needed = answer.get('needed')
    cure = f'The token needs the scope {needed}.' if needed else _CURES.get(code, '')
    return error_class(f'{what} The error reason is "{code}". {cure}'.rstrip(), code)


def reason(error: Exception, address: Any) -> str:
    """Say in one line why a request to Slack at `address` failed."""
    if isinstance(error, (OSError, HTTPException)) and not isinstance(error, HTTPError):
        return in_one_line(f'Slack does not answer at {address}: {getattr(error, "reason", None) or error}')
    return in_one_line(str(error) or type(error).__name__)


def in_one_line(text: str) -> str:
    """Return `text` as a line of a log, cut if it is long."""
    line = ' '.join(without_tokens(text).split())
    return line if len(line) <= _MAX_CHARACTERS else f'{line[:_MAX_CHARACTERS]} ...'


def without_tokens(text: str) -> str:
    """Return `text` without anything that looks like a token of Slack's."""
    return _TOKEN.sub('(token)', text)
