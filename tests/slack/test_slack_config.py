"""`SlackConfig` finds the token, and shows it to nobody."""

from __future__ import annotations

import warnings

import pytest
from support.fake_slack import TOKEN

from gokart.errors import ConfigError, MissingVariableError
from gokart.slack import SlackConfig
from gokart.slack.slack_config import slack_config


@pytest.fixture
def section(config):
    def fill(**options):
        for name, value in options.items():
            config.set('SlackConfig', name, value)

    return fill


def test_defaults_are_those_of_earlier_versions():
    found = SlackConfig()
    assert (found.token_name, found.channel, found.to_user, found.send_tree_info) == ('SLACK_TOKEN', '', '', False)


def test_options_are_read(section):
    section(channel='general', to_user='U42', send_tree_info='true')
    found = slack_config()
    assert (found.channel, found.to_user, found.send_tree_info) == ('general', 'U42', True)


def test_token_comes_from_the_usual_variable(monkeypatch):
    monkeypatch.setenv('SLACK_TOKEN', TOKEN)
    assert slack_config().find_token() == TOKEN


def test_token_comes_from_the_named_variable(monkeypatch, section):
    monkeypatch.setenv('SLACK_TOKEN', 'another')
    monkeypatch.setenv('MY_TOKEN', TOKEN)
    section(token_name='MY_TOKEN')
    assert slack_config().find_token() == TOKEN


def test_token_of_the_section_wins(monkeypatch, section):
    monkeypatch.setenv('SLACK_TOKEN', 'another')
    monkeypatch.setenv('SOME_VARIABLE', TOKEN)
    section(token='${SOME_VARIABLE}')
    assert slack_config().find_token() == TOKEN


def test_there_may_be_no_token(monkeypatch):
    monkeypatch.delenv('SLACK_TOKEN', raising=False)
    assert slack_config().find_token() == ''


def test_blanks_around_the_token_do_not_belong_to_it(monkeypatch):
    monkeypatch.setenv('SLACK_TOKEN', f'{TOKEN}\n')
    assert slack_config().find_token() == TOKEN


def test_token_is_not_shown(section):
    section(token=TOKEN, channel='general')
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        found = slack_config()
    assert found.find_token() == TOKEN
    assert TOKEN not in f'{found!r} {found} {found.task_id} {found.to_str_params()}'


def test_variable_that_is_not_set_is_named(monkeypatch, section):
    monkeypatch.delenv('SOME_VARIABLE', raising=False)
    section(token='${SOME_VARIABLE}')
    with pytest.raises(MissingVariableError, match='SOME_VARIABLE'):
        slack_config()


def test_section_that_cannot_be_read_is_an_error_without_its_values(config):
    config.read_string('[SlackConfig]\ntoken = xoxb-12%34')
    with pytest.raises(ConfigError) as caught:
        slack_config()
    assert 'xoxb' not in str(caught.value)
