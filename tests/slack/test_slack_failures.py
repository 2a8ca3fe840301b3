"""Whatever Slack does, it costs a line of the log: no run, no minute, and no token."""

from __future__ import annotations

import logging
import time
from urllib.error import HTTPError, URLError

import pytest
import slack_sdk
from support.fake_slack import TOKEN

from gokart.errors import ConfigError, SlackError
from gokart.slack import ChannelListNotLoadedError, ChannelNotFoundError, FileNotUploadedError, SlackAPI
from gokart.slack.failures import in_one_line, reason, without_tokens

START = 'The job will start without slack notification: '
END = 'Failed to send slack notification: '


@pytest.fixture
def sleeps(monkeypatch):
    """The seconds that were slept; nobody sleeps."""
    slept = []
    monkeypatch.setattr(time, 'sleep', slept.append)
    return slept


@pytest.fixture(autouse=True)
def everything_logged(caplog):
    caplog.set_level(logging.DEBUG)


def warnings(caplog):
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


def send(channel='C001', token=TOKEN):
    SlackAPI(token, channel, '').send_snippet('comment', 'event.txt', 'content')


@pytest.mark.parametrize('error', [ChannelListNotLoadedError, ChannelNotFoundError, FileNotUploadedError])
def test_errors_are_caught_as_before(error):
    assert issubclass(error, SlackError)
    assert issubclass(error, RuntimeError)


def test_unknown_channel_is_told_before_the_work(fake_slack, caplog):
    SlackAPI(TOKEN, 'nowhere', '')
    assert warnings(caplog) == [f'{START}Channel nowhere is not found in public channels.']


def test_private_channel_without_the_app_is_not_found(fake_slack, caplog):
    SlackAPI(TOKEN, 'hidden', '')
    assert warnings(caplog) == [f'{START}Channel hidden is not found in public channels.']


def test_channel_that_was_made_during_the_work_is_used(fake_slack, caplog):
    api = SlackAPI(TOKEN, 'nowhere', '')
    fake_slack.channels.append(type(fake_slack.channels[0])('C999', 'nowhere'))
    api.send_snippet('comment', 'event.txt', 'content')
    assert fake_slack.files[0].channel == 'C999'


def test_channel_without_the_app_is_told_with_the_cure(fake_slack, caplog):
    send('strangers')
    assert warnings(caplog) == [
        f'{END}Error while uploading file. The error reason is "not_in_channel". Invite the app to the channel.'
    ]


def test_wrong_token_is_one_line_with_the_cure(fake_slack, caplog):
    send('C001', 'xoxb-wrong-token')
    (line,) = warnings(caplog)
    assert line.startswith(f'{END}Error while uploading file. The error reason is "invalid_auth". Check the token')


def test_scope_that_is_missing_is_named(fake_slack, caplog):
    fake_slack.scopes = {'chat:write'}
    send()
    assert warnings(caplog) == [
        f'{END}Error while uploading file. The error reason is "missing_scope". The token needs the scope files:write.'
    ]


def test_refused_list_of_channels_is_one_line(fake_slack, caplog):
    fake_slack.fail('conversations.list', 200, body={'ok': False, 'error': 'fatal_error'})
    SlackAPI(TOKEN, 'general', '')
    assert warnings(caplog) == [f'{START}Error while loading channels. The error reason is "fatal_error".']


def test_refused_upload_is_one_line(fake_slack, caplog):
    fake_slack.fail('upload', 400, body=b'no')
    send()
    assert warnings(caplog) == [f'{END}HTTP Error 400: Bad Request']


@pytest.mark.parametrize('body', [b'<html>\n<h1>Bad gateway</h1>\n' + b'x' * 5000, b'[]', b'null', b''])
@pytest.mark.parametrize('status', [200, 502])
def test_answer_that_is_none_of_slack_is_one_line(fake_slack, caplog, body, status):
    fake_slack.fail('chat.postMessage', status, body=body)
    send()
    (line,) = warnings(caplog)
    assert line.startswith(END)
    assert '\n' not in line
    assert len(line) < 500


# Out of reach


@pytest.mark.parametrize('channel', ['general', 'C001'])
def test_slack_that_is_out_of_reach_is_one_line(fake_slack, sleeps, caplog, channel):
    fake_slack.stop()
    started = time.monotonic()
    send(channel)
    assert time.monotonic() - started < 2
    (line,) = warnings(caplog)
    assert f'Slack does not answer at {fake_slack.base_url}: ' in line


def test_what_could_not_be_delivered_is_tried_once_more(fake_slack, sleeps):
    fake_slack.stop()
    send('C001')
    assert sleeps == [1]


def test_slack_that_went_away_during_the_work_is_told(fake_slack, sleeps, caplog):
    api = SlackAPI(TOKEN, 'general', '')
    fake_slack.stop()
    api.send_snippet('comment', 'event.txt', 'content')
    assert len(warnings(caplog)) == 1


def test_slack_that_never_answers_is_left_after_seconds(fake_slack, monkeypatch, caplog):
    monkeypatch.setattr('gokart.slack.slack_api.TIMEOUT_SECONDS', 0.2)
    fake_slack.fail('chat.postMessage', None, seconds=1)
    started = time.monotonic()
    send()
    assert time.monotonic() - started < 0.9
    assert warnings(caplog) == [f'{END}Slack does not answer at {fake_slack.base_url}: timed out']


def test_message_whose_answer_was_lost_is_not_posted_twice(fake_slack, sleeps, caplog):
    fake_slack.fail('chat.postMessage', None)
    send()
    assert fake_slack.calls == ['chat.postMessage']
    assert len(warnings(caplog)) == 1


# Limits of the rate


@pytest.mark.parametrize('method', ['conversations.list', 'chat.postMessage', 'files.getUploadURLExternal'])
def test_slack_is_given_the_time_that_it_asks_for(fake_slack, sleeps, caplog, method):
    fake_slack.fail(method, 429, times=2, headers={'Retry-After': '7'})
    send('general')
    assert sleeps == [7, 7]
    assert fake_slack.files[0].data == b'content'
    assert warnings(caplog) == []


def test_slack_that_asks_for_too_much_time_is_left(fake_slack, sleeps, caplog):
    fake_slack.fail('chat.postMessage', 429, headers={'Retry-After': '3600'})
    send()
    assert sleeps == []
    assert warnings(caplog) == [f'{END}Error while uploading file. The error reason is "ratelimited".']


@pytest.mark.parametrize('seconds', ['0', '20'])
def test_waits_come_to_an_end(fake_slack, sleeps, caplog, seconds):
    fake_slack.fail('chat.postMessage', 429, times=1000, headers={'Retry-After': seconds})
    send()
    assert 0 < len(sleeps) <= 5
    assert sum(sleeps) <= 60
    assert len(warnings(caplog)) == 1


@pytest.mark.parametrize('headers', [{}, {'Retry-After': 'Wed, 21 Oct 2026 07:28:00 GMT'}, {'Retry-After': '-1'}])
def test_limit_without_a_time_is_waited_for_a_second(fake_slack, sleeps, headers):
    fake_slack.fail('chat.postMessage', 429, headers=headers)
    send()
    assert sleeps == [1]
    assert len(fake_slack.posts) == 1


def test_unavailable_slack_is_asked_once_more(fake_slack, sleeps):
    fake_slack.fail('chat.postMessage', 503, body=b'{"ok": false, "error": "service_unavailable"}')
    send()
    assert sleeps == [1]
    assert len(fake_slack.posts) == 1


# Nothing secret


def test_log_shows_no_token_and_no_url_of_an_upload(fake_slack, caplog):
    api = SlackAPI(TOKEN, 'general', '')
    api.send_snippet('comment', 'event.txt', 'content')
    assert len(fake_slack.files) == 1
    assert TOKEN not in caplog.text + repr(api) + str(vars(api))
    assert '/upload/' not in caplog.text


def test_client_of_others_logs_as_before(fake_slack, caplog):
    """The log of slack_sdk is quiet for our requests only."""
    send()
    assert 'slack_sdk' not in {record.name.partition('.')[0] for record in caplog.records}
    slack_sdk.WebClient(token=TOKEN).conversations_list()
    assert 'slack_sdk.web.base_client' in {record.name for record in caplog.records}


@pytest.mark.parametrize('token', ['xoxb-12\n34', 'xoxb-12 34', 'xoxb-ü'])
def test_text_that_is_no_token_is_refused_without_showing_it(token):
    with pytest.raises(ConfigError) as caught:
        SlackAPI(token, 'general', '')
    assert 'xoxb' not in str(caught.value)


def test_blanks_around_a_token_do_no_harm(fake_slack):
    send(token=f' {TOKEN}\n')
    assert len(fake_slack.posts) == 1


@pytest.mark.parametrize('token', [TOKEN, 'xapp-1-A111-222-abc', 'xoxe.xoxp-1-Mi0yL', 'xoxp-1-2-3-abc'])
def test_tokens_in_texts_are_replaced(token):
    assert without_tokens(f'env: {token};') == 'env: (token);'


def test_tokens_in_messages_of_tasks_are_not_sent(fake_slack):
    SlackAPI(TOKEN, 'general', '').send_snippet(f'a {TOKEN}', 'event.txt', f'b {TOKEN}')
    assert fake_slack.posts[0]['text'] == 'a (token)'
    assert fake_slack.files[0].data == b'b (token)'


# Reasons


@pytest.mark.parametrize(
    ('error', 'text'),
    [
        (URLError(ConnectionRefusedError(111, 'refused')), 'Slack does not answer at URL: [Errno 111] refused'),
        (ConnectionResetError('gone'), 'Slack does not answer at URL: gone'),
        (HTTPError('https://upload/secret', 413, 'Too Large', None, None), 'HTTP Error 413: Too Large'),
        (ValueError(f'two\nlines with {TOKEN}'), 'two lines with (token)'),
        (ValueError(), 'ValueError'),
    ],
    ids=['refused', 'reset', 'http', 'lines', 'empty'],
)
def test_reason_is_one_line(error, text):
    assert reason(error, 'URL') == text


def test_long_reason_is_cut():
    assert in_one_line('x' * 1000) == 'x' * 300 + ' ...'
