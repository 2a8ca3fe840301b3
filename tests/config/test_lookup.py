"""When Luigi cannot look up a parameter, the option at fault is named."""

from __future__ import annotations

import luigi
import pytest
from luigi.cmdline_parser import CmdlineParser
from luigi.parameter import MissingParameterException, ParameterVisibility

from gokart.config import explained_lookup
from gokart.errors import ConfigError, MissingVariableError


class Asked(luigi.Task):
    number = luigi.IntParameter(default=0)
    secret = luigi.IntParameter(default=0, visibility=ParameterVisibility.PRIVATE)
    choice = luigi.ChoiceParameter(choices=['a', 'b'], default='a')


def make(task_class=Asked, **kwargs):
    with explained_lookup(task_class, kwargs):
        return task_class(**kwargs)


def test_what_works_is_left_alone(config):
    config.set('Asked', 'number', '3')
    assert make().number == 3


def test_option_of_the_own_section(config):
    config.set('Asked', 'number', 'three')
    with pytest.raises(ConfigError, match=r"section \[Asked\], option number = 'three' .*'number' \(IntParameter\)"):
        make()


def test_option_of_the_command_line():
    with CmdlineParser.global_instance(['Asked', '--Asked-number', 'three']):
        with pytest.raises(ConfigError, match=r"option --Asked-number = 'three' .*'number'"):
            make()


def test_option_that_needs_a_missing_variable(config, monkeypatch):
    monkeypatch.delenv('UNSET', raising=False)
    config.set('Asked', 'number', '${UNSET}')
    with pytest.raises(MissingVariableError, match=r'\[Asked\], option number .* UNSET'):
        make()


def test_value_of_a_private_parameter_is_in_no_part_of_the_error(config):
    config.set('Asked', 'secret', 's3cret')
    with pytest.raises(ConfigError) as caught:
        make()
    error: BaseException | None = caught.value
    while error is not None:
        assert 's3cret' not in str(error)
        error = error.__cause__ if error.__suppress_context__ else error.__cause__ or error.__context__


def test_given_value_that_is_wrong_is_luigis_error():
    with pytest.raises(ValueError, match='not a valid choice') as caught:
        make(choice='c')
    assert not isinstance(caught.value, ConfigError)


def test_wrong_option_that_is_not_needed_is_not_named(config):
    config.set('Asked', 'number', 'three')
    with pytest.raises(ValueError, match='not a valid choice'):
        make(number=3, choice='c')


def test_missing_parameter_is_luigis_error():
    class Needy(luigi.Task):
        needed = luigi.IntParameter()

    with pytest.raises(MissingParameterException, match='needed'):
        make(Needy)
