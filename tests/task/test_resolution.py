"""The values of parameters are looked up as Luigi looks them up, but only where something may give them, and once."""

from __future__ import annotations

import warnings

import luigi
import pytest
from luigi.configuration import LuigiConfigParser
from luigi.parameter import UnconsumedParameterWarning

import gokart
from gokart.errors import ConfigError


class Several(gokart.TaskOnKart):
    number = luigi.IntParameter()
    word = luigi.Parameter(default='plain')
    size = luigi.IntParameter(default=3)
    elsewhere = luigi.IntParameter(default=4, config_path={'section': 'Elsewhere', 'name': 'elsewhere'})
    listed = luigi.ListParameter(default=[1])


@pytest.fixture
def asked(monkeypatch):
    """The options that were asked for, by section and name."""
    options = []
    original = LuigiConfigParser.get

    def get(parser, section, option, *args, **kwargs):
        options.append((section, option))
        return original(parser, section, option, *args, **kwargs)

    monkeypatch.setattr(LuigiConfigParser, 'get', get)
    return options


def test_only_options_that_may_be_there_are_asked_for(config, asked):
    config.set('Several', 'word', 'own')
    Several(number=1)
    assert {option for _, option in asked} == {'word', 'elsewhere'}


def test_an_option_with_dashes_counts(config):
    class Dashed(gokart.TaskOnKart):
        long_name = luigi.IntParameter(default=1)

    config.set('Dashed', 'long-name', '2')
    with pytest.warns(DeprecationWarning, match='underscores'):
        assert Dashed().long_name == 2


def test_an_option_of_the_section_of_defaults_counts_where_there_is_an_own_section(config):
    config.read_string('[DEFAULT]\nword = for everybody')
    assert Several(number=1).word == 'plain'
    config.set('Several', 'size', '5')
    assert (Several(number=1).word, Several(number=1).size) == ('for everybody', 5)


def test_an_own_section_beats_a_section_of_another_name(config):
    config.set('Elsewhere', 'elsewhere', '5')
    with warnings.catch_warnings():
        warnings.simplefilter('ignore', DeprecationWarning)  # of Luigi, for the other name
        assert Several(number=1).elsewhere == 5
    config.set('Several', 'elsewhere', '6')
    assert Several(number=1).elsewhere == 6


def test_a_list_of_the_own_section_becomes_a_tuple(config):
    config.set('Several', 'listed', '[1, [2]]')
    assert Several(number=1).listed == (1, (2,))


def test_an_option_that_does_not_parse_is_named(config):
    config.set('Several', 'size', 'large')
    with pytest.raises(ConfigError, match=r'\[Several\], option size.*large'):
        Several(number=1)


def test_an_option_that_is_no_parameter_warns_once(config):
    class Warned(gokart.TaskOnKart):
        number = luigi.IntParameter(default=1)

    config.set('Warned', 'nmber', '2')
    with pytest.warns(UnconsumedParameterWarning, match='nmber'):
        Warned()
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        Warned(number=2)


def test_a_default_that_is_computed_is_computed_each_time():
    class Computed(luigi.IntParameter):
        now = 0

        def _value_iterator(self, task_name, param_name):
            yield Computed.now, None

    class Fresh(gokart.TaskOnKart):
        number = Computed()

    Computed.now = 1
    assert Fresh().number == 1
    Computed.now = 2
    assert Fresh().number == 2


def test_values_are_resolved_once_for_a_new_task():
    class Counting(luigi.IntParameter):
        calls = 0

        def normalize(self, x):
            Counting.calls += 1
            return x

    class Counted(gokart.TaskOnKart):
        number = Counting()

    Counted(number=1)
    assert Counting.calls == 1


def test_a_constructor_that_changes_what_it_was_given_is_obeyed():
    class Doubling(gokart.TaskOnKart):
        number = luigi.IntParameter()

        def __init__(self, number, **kwargs):
            Several(number=number)
            super().__init__(number=number * 2, **kwargs)

    assert Doubling(number=2).number == 4


def test_a_parameter_is_serialized_once_for_all_kinds_of_parameters():
    class Counting(luigi.IntParameter):
        calls = 0

        def serialize(self, x):
            Counting.calls += 1
            return str(x)

    class Counted(gokart.TaskOnKart):
        number = Counting()

    task = Counted(number=1)
    task.make_unique_id()
    task.to_str_params()
    assert Counting.calls == 1
