"""A run of the command line reports to the channel that ``[SlackConfig]`` names, and ends the same if that fails."""

from __future__ import annotations

import logging
import sys
from unittest import mock

import luigi
import pytest
from luigi.cmdline_parser import CmdlineParser
from support.fake_slack import TOKEN

import gokart
from gokart.slack import EventAggregator, SlackAPI
from gokart.slack.run_report import configured_slack_api, events_of, send_event_summary

ARGUMENTS = ['slack.report.Daily', '--number', '3', '--local-scheduler']


class Daily(gokart.TaskOnKart):
    task_namespace = 'slack.report'
    number = luigi.IntParameter()
    secret = luigi.Parameter(default='hidden', visibility=luigi.parameter.ParameterVisibility.PRIVATE)

    def complete(self):
        if self.number < 0:
            raise ValueError('complete() fails')
        return super().complete()


@pytest.fixture
def section(config, monkeypatch):
    def fill(**options):
        monkeypatch.setenv('SLACK_TOKEN', TOKEN)
        for name, value in options.items():
            config.set('SlackConfig', name, value)

    return fill


def sent(**options):
    api = mock.create_autospec(SlackAPI, instance=True)
    arguments = options.get('arguments', ARGUMENTS)
    others = {name: options[name] for name in ('draw_tree',) if name in options}
    send_event_summary(api, options.get('events', EventAggregator()), arguments, **others)
    return api.send_snippet.call_args.kwargs


def logged(caplog, level=logging.WARNING):
    return [record.getMessage() for record in caplog.records if record.levelno >= level]


# Who reports


def test_nobody_reports_by_default():
    assert configured_slack_api(ARGUMENTS) is None


def test_channel_and_token_are_all_that_it_takes(fake_slack, section):
    section(channel='general')
    api = configured_slack_api(ARGUMENTS)
    send_event_summary(api, EventAggregator(), ARGUMENTS)
    assert fake_slack.posts[0]['text'] == 'Report of Daily\nSuccess: 0; Failure: 0'
    assert fake_slack.files[0].title == 'event.txt'


def test_command_line_names_another_channel(fake_slack, section):
    section(channel='general')
    arguments = [*ARGUMENTS, '--SlackConfig-channel', 'reports']
    send_event_summary(configured_slack_api(arguments), EventAggregator(), arguments)
    assert fake_slack.posts[0]['channel'] == 'C003'


def test_project_of_old_writes_the_token_into_the_section(fake_slack, section, monkeypatch):
    section(channel='general', token='${MY_TOKEN}', to_user='someone')
    monkeypatch.setenv('MY_TOKEN', TOKEN)
    monkeypatch.delenv('SLACK_TOKEN')
    send_event_summary(configured_slack_api(ARGUMENTS), EventAggregator(), ARGUMENTS)
    assert fake_slack.posts[0]['text'].startswith('<@someone> Report of Daily')


@pytest.mark.parametrize('options', [{'channel': 'general'}, {'channel': 'general', 'token': '${NOT_SET}'}])
def test_machine_without_the_token_does_not_report(section, monkeypatch, caplog, options):
    section(**options)
    monkeypatch.delenv('SLACK_TOKEN')
    with caplog.at_level(logging.INFO):
        assert configured_slack_api(ARGUMENTS) is None
    (line,) = logged(caplog, logging.INFO)
    assert line.startswith('Slack is not told: ')
    assert logged(caplog) == []


@pytest.mark.parametrize('line', ['token = xoxb-12 34', 'token = xoxb-12%34', 'send_tree_info = xoxb-1234'])
def test_section_that_is_wrong_is_one_line_and_no_report(config, section, caplog, line):
    section(channel='general')
    config.read_string(f'[SlackConfig]\n{line}')
    assert configured_slack_api(ARGUMENTS) is None
    (line,) = logged(caplog)
    assert line.startswith('The job will start without slack notification: ')
    assert 'xoxb-12' not in line


def test_broken_client_is_one_line_and_no_report(section, caplog):
    section(channel='general')
    with mock.patch('gokart.slack.slack_api.slack_sdk.WebClient', side_effect=OSError('broken')):
        assert configured_slack_api(ARGUMENTS) is None
    assert logged(caplog) == ['The job will start without slack notification: broken']


# What it says


def test_run_without_a_worker_has_no_events():
    assert events_of(None).get_summary() == 'Success: 0; Failure: 0'


def test_worker_that_cannot_be_asked_is_one_line(caplog):
    assert events_of(mock.NonCallableMock(spec=['failures'])).get_summary() == 'Success: 0; Failure: 0'
    (line,) = logged(caplog)
    assert line.startswith('The report for Slack is not complete: ')


def test_summary_and_events_are_told():
    events = EventAggregator()
    events._success(Daily(number=3))
    assert sent(events=events) == {
        'comment': 'Report of Daily\nSuccess: 1; Failure: 0',
        'title': 'event.txt',
        'content': (
            f'===== Event List ====\n{events.get_event_list()}\n\n\n'
            '==== Tree Info ====\nPlease add SlackConfig.send_tree_info to include tree-info'
        ),
    }


def test_tree_is_told_if_wanted(section):
    section(send_tree_info='true')
    with CmdlineParser.global_instance(ARGUMENTS):
        unique_id = Daily(number=3).make_unique_id()
    content = sent()['content']
    assert f'└─-(PENDING) Daily[{unique_id}]' in content
    assert 'hidden' not in content


def test_tree_that_cannot_be_drawn_does_not_keep_the_events(section):
    section(send_tree_info='true')
    content = sent(draw_tree=mock.Mock(side_effect=ValueError('boom')))['content']
    assert content.endswith('Tree Info ====\nThe tree cannot be drawn: ValueError: boom')


def test_nothing_is_sent_without_an_api():
    send_event_summary(None, EventAggregator(), ['nonsense'])


def test_api_that_fails_is_one_line(caplog):
    api = mock.create_autospec(SlackAPI, instance=True)
    api.send_snippet.side_effect = RuntimeError('of a user')
    send_event_summary(api, EventAggregator(), ARGUMENTS)
    assert logged(caplog) == ['Failed to send slack notification: of a user']


def test_what_suites_put_in_the_place_of_the_tree_is_sent(config):
    api = mock.create_autospec(SlackAPI, instance=True)
    config.set('SlackConfig', 'send_tree_info', 'true')
    with mock.patch('gokart.make_tree_info', return_value='a tree'):
        sys.modules['gokart.run']._try_to_send_event_summary_to_slack(api, EventAggregator(), ARGUMENTS)
    assert api.send_snippet.call_args.kwargs['content'].endswith('==== Tree Info ====\na tree')
