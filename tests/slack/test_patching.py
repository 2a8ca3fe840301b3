"""Test suites of users put clients of their own in the place of slack_sdk's."""

from __future__ import annotations

import subprocess
import sys
from unittest import mock

import pytest
import slack_sdk

import gokart.slack.slack_api
from gokart.slack import SlackAPI

PAGES = [
    {'ok': True, 'channels': [{'name': 'x', 'id': 'CX'}]},
    {'ok': True, 'channels': [{'name': 'chan', 'id': 'CC'}]},
]


@pytest.fixture
def client():
    client = mock.MagicMock()
    client.conversations_list.return_value = PAGES
    return client


def warnings(caplog):
    return [(record.name, record.levelname, record.getMessage()) for record in caplog.records]


@pytest.mark.parametrize('target', ['gokart.slack.slack_api.slack_sdk.WebClient', 'slack_sdk.WebClient'])
def test_class_of_the_client_can_be_patched(target):
    with mock.patch(target) as web_client:
        SlackAPI(token='dummy', channel='chan', to_user='')
    web_client.assert_called_once_with(token='dummy')


def test_slack_sdk_itself_can_be_patched():
    with mock.patch('gokart.slack.slack_api.slack_sdk') as sdk:
        SlackAPI(token='dummy', channel='chan', to_user='')
    sdk.WebClient.assert_called_once_with(token='dummy')
    assert gokart.slack.slack_api.slack_sdk is slack_sdk


@pytest.mark.parametrize('name', ['gokart.slack.slack_api.slack_sdk.WebClient', 'gokart.slack.slack_api.slack_sdk'])
def test_patch_of_pytest_works_as_well(monkeypatch, name):
    fake = mock.MagicMock()
    with monkeypatch.context() as patches:
        patches.setattr(name, fake)
        SlackAPI(token='dummy', channel='chan', to_user='')
    assert fake.mock_calls
    assert gokart.slack.slack_api.slack_sdk is slack_sdk


def test_client_may_be_a_function_of_the_token_alone(client):
    def make_client(token):
        return client

    with mock.patch('gokart.slack.slack_api.slack_sdk.WebClient', make_client):
        SlackAPI(token='dummy', channel='chan', to_user='').send_snippet(comment='c', title='t', content='x')
    assert client.files_upload_v2.call_args.kwargs['content'] == 'x'


def test_patched_client_that_lists_channels_is_silent(client, caplog):
    client.api_call.return_value = {'ok': True}
    with mock.patch('gokart.slack.slack_api.slack_sdk.WebClient', return_value=client):
        SlackAPI(token='dummy', channel='chan', to_user='u').send_snippet(comment='c', title='t', content='x')
    assert warnings(caplog) == []
    assert client.files_upload_v2.call_args.kwargs['channel'] == 'CC'


@pytest.mark.parametrize(
    ('channel', 'pages', 'reason'),
    [
        ('nn', PAGES, 'Channel nn is not found in public channels.'),
        ('chan', [{}], 'Channel list is empty.'),
        ('chan', [{'ok': False, 'error': 'reason'}], 'Channel chan is not found in public channels.'),
        ('chan', RuntimeError('by hand'), 'by hand'),
    ],
)
def test_what_is_wrong_with_a_channel_is_told_as_before(client, caplog, channel, pages, reason):
    client.conversations_list.side_effect = pages if isinstance(pages, Exception) else [pages]
    with mock.patch('gokart.slack.slack_api.slack_sdk.WebClient', return_value=client):
        SlackAPI(token='dummy', channel=channel, to_user='u')
    line = f'The job will start without slack notification: {reason}'
    assert warnings(caplog) == [('gokart.slack.slack_api', 'WARNING', line)]


def test_functions_in_the_client_may_take_what_earlier_versions_gave(client, caplog):
    def conversations_list(params=None):
        return PAGES

    def api_call(method, data=None):
        return {'ok': False, 'error': 'why'}

    client.conversations_list, client.api_call = conversations_list, api_call
    with mock.patch('gokart.slack.slack_api.slack_sdk.WebClient', return_value=client):
        SlackAPI(token='dummy', channel='chan', to_user='u').send_snippet(comment='c', title='t', content='x')
    line = 'Failed to send slack notification: Error while uploading file. The error reason is "why".'
    assert warnings(caplog) == [('gokart.slack.slack_api', 'WARNING', line)]


def test_refused_call_is_told_as_before(client, caplog):
    client.api_call.return_value = {'ok': False, 'error': 'why'}
    with mock.patch('gokart.slack.slack_api.slack_sdk.WebClient', return_value=client):
        SlackAPI(token='dummy', channel='chan', to_user='u').send_snippet(comment='c', title='t', content='x')
    line = 'Failed to send slack notification: Error while uploading file. The error reason is "why".'
    assert warnings(caplog) == [('gokart.slack.slack_api', 'WARNING', line)]


def test_slack_sdk_is_imported_when_it_is_first_used():
    code = """
import sys
import gokart.slack.run_report
assert 'slack_sdk' not in sys.modules
from gokart.slack.slack_api import slack_sdk
assert slack_sdk is sys.modules['slack_sdk']
"""
    subprocess.run([sys.executable, '-c', code], check=True)


def test_other_names_of_the_module_are_unknown():
    with pytest.raises(AttributeError, match='no_such_name'):
        gokart.slack.slack_api.no_such_name  # noqa: B018
