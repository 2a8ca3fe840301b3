"""A client that posts to one channel of Slack."""

from __future__ import annotations

import importlib
import logging
import re
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

from gokart.errors import ChannelListNotLoadedError as ChannelListNotLoadedError
from gokart.errors import ChannelNotFoundError as ChannelNotFoundError
from gokart.errors import ConfigError, SlackError
from gokart.errors import FileNotUploadedError as FileNotUploadedError
from gokart.slack.failures import reason, refusal, refusals_as, without_tokens
from gokart.slack.manners import TIMEOUT_SECONDS, Patience, quiet_client

logger = logging.getLogger(__name__)

# Names of channels are lower case. A message to the id of a member goes to the member.
_ID = re.compile(r'[CDGUW](?=[A-Z]*[0-9])[A-Z0-9]{2,}')
_MISSING_SCOPE = 'missing_scope'
_PAGE_SIZE = 999
_KINDS = ('public_channel,private_channel', 'public_channel')


def __getattr__(name: str) -> Any:
    # Imported when it is first used, and nevertheless an attribute that test suites of users can patch.
    if name == 'slack_sdk':
        return importlib.import_module(name)
    raise AttributeError(f'module {__name__!r} has no attribute {name!r}')


class _Place(NamedTuple):
    channel_id: str | None
    thread: str | None = None


class SlackAPI:
    """Posts to one channel of Slack. Whatever Slack answers, or if it does not, that is logged and nothing is raised.

    Slack is asked for the channel at once, so that a wrong name shows before the work and not after it.

    Args:
        token: of a bot or a user, with the scopes ``chat:write`` and ``files:write``; where `channel` is a name, also
            with ``channels:read``, and with ``groups:read`` if that channel is private.
        channel: the name of a channel, with or without ``#``, or its id.
        to_user: id of the member who is mentioned; an empty string mentions nobody.

    Raises:
        ConfigError: no token looks like this one.
    """

    def __init__(self, token: str, channel: str, to_user: str = '') -> None:
        with quiet_client():
            self._client = _make_client(token)
        self._channel = channel.strip().lstrip('#')
        user = (to_user or '').strip('<@> ')
        self._mention = f'<@{user}> ' if user else ''
        self._last_reason = ''
        self._channel_id: str | None = None
        try:
            with quiet_client():
                self._channel_id = self._get_channel_id(self._channel)
        except Exception as error:
            self._tell('The job will start without slack notification', error)

    def send_snippet(self, comment: str, title: str, content: str) -> None:
        """Post `comment`, and below it `content` as a text file.

        Args:
            comment: text in Slack's own markup (https://docs.slack.dev/messaging/formatting-message-text).
            title: name of the file.
            content: what is in the file; there is none if it is empty.
        """
        try:
            with quiet_client():
                self._send(_sendable(self._mention + comment).strip(), title or 'snippet.txt', _sendable(content or ''))
        except Exception as error:
            self._tell('Failed to send slack notification', error)

    def _get_channel_id(self, channel_name: str) -> str | None:
        """Return the id of a channel; None if the token may not look it up."""
        if _ID.fullmatch(channel_name):
            return channel_name
        for kinds in _KINDS:
            try:
                return self._find_in_list(channel_name, kinds)
            except ChannelListNotLoadedError as error:
                if error.code != _MISSING_SCOPE:
                    raise
                logger.info('The channel %s is not looked up among %s: %s', channel_name, kinds, error)
        return None

    def _find_in_list(self, channel_name: str, kinds: str) -> str:
        with refusals_as(ChannelListNotLoadedError, 'Error while loading channels.'):
            for page in self._pages_of_channels(exclude_archived=True, limit=_PAGE_SIZE, types=kinds):
                if not page:
                    raise ChannelListNotLoadedError('Channel list is empty.')
                for channel in page.get('channels', []):
                    if channel['name'] == channel_name:
                        return str(channel['id'])
        raise _not_found(channel_name)

    def _pages_of_channels(self, **options: Any) -> Any:
        try:
            return self._client.conversations_list(**options)
        except TypeError:
            # Functions that test suites of users put there take what earlier versions gave.
            return self._client.conversations_list(params=options)

    def _send(self, text: str, title: str, content: str) -> None:
        place, comment = _Place(self._channel_id), text
        if text:
            try:
                place, comment = self._post(text), ''
            except SlackError as error:
                # The scope for files alone lets a file with a comment in.
                if error.code != _MISSING_SCOPE or not content or place.channel_id is None:
                    raise
        if content:
            self._upload(place, comment, title, content)

    def _post(self, text: str) -> _Place:
        message = {'channel': self._channel_id or f'#{self._channel}', 'text': text}
        # By `api_call`, because that is what test suites of users replace in the client.
        answer = self._checked(lambda: self._client.api_call('chat.postMessage', data=message))
        return _Place(answer.get('channel') or self._channel_id, answer.get('ts'))

    def _upload(self, place: _Place, comment: str, title: str, content: str) -> None:
        if place.channel_id is None:  # Slack would keep the file and show it to nobody
            raise _not_found(self._channel)
        options = {'channel': place.channel_id, 'thread_ts': place.thread, 'initial_comment': comment or None}
        self._checked(
            lambda: self._client.files_upload_v2(
                filename=title, title=title, content=content, snippet_type='text', **options
            )
        )

    def _checked(self, request: Callable[[], Any]) -> Any:
        what = 'Error while uploading file.'
        with refusals_as(FileNotUploadedError, what):
            answer = request()
        if not answer['ok']:
            raise refusal(FileNotUploadedError, what, answer)
        return answer

    def _tell(self, consequence: str, error: Exception) -> None:
        text = reason(error, getattr(self._client, 'base_url', '?'))
        # A Slack that is out of reach before the work, and after it as well, is told of once.
        logger.log(logging.DEBUG if text == self._last_reason else logging.WARNING, '%s: %s', consequence, text)
        self._last_reason = text


def _not_found(channel_name: str) -> ChannelNotFoundError:
    return ChannelNotFoundError(f'Channel {channel_name} is not found in public channels.')


def _make_client(token: str) -> Any:
    if isinstance(token, str) and not re.fullmatch(r'[!-~]*', token.strip()):
        raise ConfigError('The token for Slack holds blanks or other characters that are in no token. Copy it again.')
    # An attribute of this module, and called with the token alone: users put clients of their own in its place.
    client = sys.modules[__name__].slack_sdk.WebClient(token=token)
    client.timeout = TIMEOUT_SECONDS
    client.retry_handlers = [Patience()]
    return client


def _sendable(text: str) -> str:
    return without_tokens(text).encode('utf-8', 'backslashreplace').decode()
