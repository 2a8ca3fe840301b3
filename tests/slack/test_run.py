"""A run of the command line ends with a report to Slack, whatever became of its tasks."""

from __future__ import annotations

import logging
import sys
from unittest import mock

import luigi
import pytest
from support.fake_slack import TOKEN

import gokart


class Part(gokart.TaskOnKart):
    task_namespace = 'slack.run'
    number = luigi.IntParameter()

    def run(self):
        self.dump(self.number)


class Whole(gokart.TaskOnKart):
    task_namespace = 'slack.run'
    fails = luigi.BoolParameter()

    def requires(self):
        return [Part(number=1), Part(number=2)]

    def run(self):
        if self.fails:
            raise ValueError('boom')
        self.dump(sum(self.load()))


@pytest.fixture(autouse=True)
def configured(config, monkeypatch, own_pid_lock):
    config.set('core', 'log_level', 'CRITICAL')
    config.set('SlackConfig', 'channel', 'reports')
    monkeypatch.setenv('SLACK_TOKEN', TOKEN)


def run(*arguments):
    with pytest.raises(SystemExit) as caught:
        gokart.run(['slack.run.Whole', '--local-scheduler', *arguments])
    return caught.value.code


@pytest.mark.parametrize('workers', ['1', '2'])
@pytest.mark.parametrize(('fails', 'code', 'counts'), [([], 0, (3, 0)), (['--fails'], 40, (2, 1))])
def test_run_is_reported(fake_slack, workers, fails, code, counts):
    assert run('--workers', workers, *fails) == code
    assert fake_slack.posts[0]['text'] == 'Report of Whole\nSuccess: {}; Failure: {}'.format(*counts)
    assert (b'Exception: boom' in fake_slack.files[0].data) == bool(fails)


def test_tree_is_reported_with_what_became_of_the_tasks(fake_slack):
    run('--SlackConfig-send-tree-info')
    assert fake_slack.files[0].data.count(b'(COMPLETE)') == 3


def test_run_without_slack_ends_the_same(fake_slack, caplog):
    fake_slack.stop()
    assert run() == 0
    lines = [record for record in caplog.records if 'Slack' in record.getMessage() and record.levelno >= logging.INFO]
    assert len(lines) == 1


def test_report_can_be_replaced():
    with (
        mock.patch('gokart.slack.slack_api.slack_sdk.WebClient'),
        mock.patch.object(sys.modules['gokart.run'], '_try_to_send_event_summary_to_slack') as send,
    ):
        run()
    _, events, arguments = send.call_args.args
    assert arguments == ['slack.run.Whole', '--local-scheduler']
    assert events.get_summary() == 'Success: 3; Failure: 0'


def test_run_leaves_no_handler():
    callbacks = luigi.Task._event_callbacks
    before = {cls: {event: set(found) for event, found in events.items()} for cls, events in callbacks.items()}
    with mock.patch('gokart.slack.slack_api.slack_sdk.WebClient'):
        run('--fails')
    assert callbacks == before
