"""The section ``[TaskOnKart]``: options for all tasks, beaten by whatever is nearer."""

from __future__ import annotations

import warnings

import luigi
import pytest
from luigi.cmdline_parser import CmdlineParser
from luigi.configuration.cfg_parser import InterpolationMissingEnvvarError
from luigi.parameter import ParameterVisibility

import gokart
from gokart.config import UnknownOptionWarning, apply_section
from gokart.errors import ConfigError, MissingVariableError


class TaskOnKart(luigi.Task):
    """As far as the section is concerned, the task of all tasks."""

    workspace = luigi.Parameter(default='default')
    port = luigi.OptionalIntParameter(default=None)
    secret = luigi.IntParameter(default=0, visibility=ParameterVisibility.PRIVATE)


class Mine(TaskOnKart):
    mine = luigi.IntParameter(default=0)


class Spaced(TaskOnKart):
    task_namespace = 'deep.space'


def values(task_class, **kwargs):
    apply_section(task_class, kwargs, 'TaskOnKart', dict(task_class.get_params()), task_class.get_task_family())
    return kwargs


def test_options_are_parsed_by_the_parameters(config):
    config.set('TaskOnKart', 'workspace', '/w')
    config.set('TaskOnKart', 'port', '80')
    assert values(Mine) == {'workspace': '/w', 'port': 80}


def test_without_a_section_there_is_nothing(config):
    assert values(Mine) == {}


def test_an_empty_text_is_none_for_an_optional_parameter(config):
    config.set('TaskOnKart', 'port', '')
    assert values(Mine) == {'port': None}


class Dashed(TaskOnKart):
    time_out = luigi.IntParameter(default=0)


def test_dashes_count_as_underscores(config):
    config.set('TaskOnKart', 'time-out', '1')
    assert values(Dashed) == {'time_out': 1}


@pytest.mark.parametrize('order', [['time-out', 'time_out'], ['time_out', 'time-out']])
def test_underscores_win_over_dashes(config, order):
    for option in order:
        config.set('TaskOnKart', option, '2' if '_' in option else '1')
    assert values(Dashed) == {'time_out': 2}


class TestNearerValues:
    def test_of_the_caller_win(self, config):
        config.set('TaskOnKart', 'workspace', '/all')
        assert values(Mine, workspace='/given') == {'workspace': '/given'}

    @pytest.mark.parametrize(
        ('task_class', 'option'), [(Mine, 'workspace'), (Spaced, 'workspace')], ids=['plain', 'namespace']
    )
    def test_of_the_own_section_win(self, config, task_class, option):
        config.set('TaskOnKart', option, '/all')
        config.set(task_class.get_task_family(), option, '/own')
        assert values(task_class) == {}
        assert task_class().workspace == '/own'

    def test_with_a_dash_in_the_own_section_win(self, config):
        config.set('TaskOnKart', 'time_out', '1')
        config.set('Dashed', 'time-out', '2')
        assert values(Dashed) == {}

    @pytest.mark.parametrize('task_class', [Mine, Spaced])
    def test_of_the_command_line_win(self, config, task_class):
        config.set('TaskOnKart', 'workspace', '/all')
        family = task_class.get_task_family()
        with CmdlineParser.global_instance([family, f'--{family}-workspace', '/line']):
            assert values(task_class) == {}
            assert values(TaskOnKart) == {'workspace': '/all'}  # a class whose own section is this one
            assert task_class().workspace == '/line'

    def test_of_another_class_on_the_command_line_do_not_count(self, config):
        config.set('TaskOnKart', 'workspace', '/all')
        with CmdlineParser.global_instance(['Mine', '--deep.space.Spaced-workspace', '/line']):
            assert values(Mine) == {'workspace': '/all'}

    def test_of_a_config_path_win(self, config):
        class Pathed(TaskOnKart):
            host = luigi.Parameter(default='', config_path={'section': 'old', 'name': 'host'})

        config.set('TaskOnKart', 'host', 'all')
        assert values(Pathed) == {'host': 'all'}
        config.set('old', 'host', 'pathed')
        assert values(Pathed) == {}

    def test_of_the_defaults_of_all_sections_do_not_win(self, config):
        config.read_string('[DEFAULT]\nworkspace=/default\nport=1\n[TaskOnKart]\nworkspace=/all\n[Mine]\nmine=2\n')
        assert values(Mine) == {'workspace': '/all', 'port': 1}

    def test_of_the_defaults_of_all_sections_count_where_there_is_a_section(self, config):
        """As for any section of Luigi's."""
        config.read_string('[DEFAULT]\nworkspace=/default\n')
        assert values(Mine) == {}
        config.read_string('[TaskOnKart]\n')
        assert values(Mine) == {'workspace': '/default'}


class TestEnvironment:
    def test_variables_are_filled_in(self, config, monkeypatch):
        monkeypatch.setenv('WORK_SPACE', '/env')
        config.set('TaskOnKart', 'workspace', '${WORK_SPACE}/x')
        assert values(Mine) == {'workspace': '/env/x'}

    def test_variables_are_looked_up_each_time(self, config, monkeypatch):
        config.set('TaskOnKart', 'workspace', '${WORK_SPACE}')
        for value in ('/one', '/two'):
            monkeypatch.setenv('WORK_SPACE', value)
            assert values(Mine) == {'workspace': value}

    @pytest.mark.parametrize('error', [MissingVariableError, ConfigError, InterpolationMissingEnvvarError, ValueError])
    def test_a_missing_variable_is_named_and_no_other_is_shown(self, config, monkeypatch, error):
        monkeypatch.setenv('SET', 's3cret')
        monkeypatch.delenv('UNSET', raising=False)
        config.set('TaskOnKart', 'workspace', 'inline-s3cret${SET}/${UNSET}')
        with pytest.raises(error, match=r'\[TaskOnKart\], option workspace .* UNSET, which is not set') as caught:
            values(Mine)
        assert 's3cret' not in str(caught.value)
        assert caught.value.__cause__ is None
        assert caught.value.__suppress_context__
        assert (caught.value.section, caught.value.option, caught.value.variable) == (
            'TaskOnKart',
            'workspace',
            'UNSET',
        )

    def test_a_missing_variable_that_is_not_needed_does_no_harm(self, config, monkeypatch):
        monkeypatch.delenv('UNSET', raising=False)
        config.set('TaskOnKart', 'workspace', '${UNSET}')
        assert values(Mine, workspace='/given') == {'workspace': '/given'}

    def test_what_a_variable_holds_is_not_shown(self, config, monkeypatch):
        monkeypatch.setenv('PORT', 's3cret')
        config.set('TaskOnKart', 'port', '${PORT}')
        with pytest.raises(ConfigError, match=r"\[TaskOnKart\], option port = '\$\{PORT\}'.*ValueError") as caught:
            values(Mine)
        assert 's3cret' not in str(caught.value)
        assert caught.value.__cause__ is None


class TestErrors:
    def test_value_that_does_not_parse(self, config):
        config.set('TaskOnKart', 'port', 'eighty')
        with pytest.raises(
            ConfigError,
            match=r"\[TaskOnKart\], option port = 'eighty' is no value of the parameter 'port' "
            r'\(OptionalIntParameter\): ValueError: invalid literal',
        ) as caught:
            values(Mine)
        assert isinstance(caught.value.__cause__, ValueError)

    def test_value_of_a_private_parameter_is_not_shown(self, config):
        config.set('TaskOnKart', 'secret', 's3cret')
        with pytest.raises(ConfigError, match=r'option secret = \*\*\* is no value .* ValueError\.$') as caught:
            values(Mine)
        assert caught.value.__cause__ is None

    @pytest.mark.parametrize(
        ('text', 'message'),
        [
            ('50%', 'a percent sign that stands for itself is written %%'),
            ('%(nowhere)s', 'neither the section nor .* has the option nowhere'),
            ('%(workspace)s', 'it refers to itself'),
        ],
    )
    def test_value_that_cannot_be_filled_in(self, config, text, message):
        config.read_string(f'[TaskOnKart]\nworkspace={text}\n')
        with pytest.raises(ConfigError, match=rf'\[TaskOnKart\], option workspace cannot be filled in: {message}'):
            values(Mine)


class TestUnknownOptions:
    def test_warn_with_the_nearest_name(self, config):
        config.set('TaskOnKart', 'wrokspace', '/w')
        with pytest.warns(UnknownOptionWarning, match=r"\[TaskOnKart\] .*'wrokspace'.*Did you mean 'workspace'\?"):
            assert values(Mine) == {}

    def test_warn_with_all_names_if_none_is_near(self, config):
        config.set('TaskOnKart', 'xyzzy', '/w')
        with pytest.warns(UnknownOptionWarning, match=r"'xyzzy'.*Known are .*'mine'.*'workspace'"):
            values(Mine)

    def test_warn_once_for_a_class(self, config):
        config.set('TaskOnKart', 'unheard_of', '1')

        class Once(TaskOnKart):
            pass

        with pytest.warns(UnknownOptionWarning):
            values(Once)
        with warnings.catch_warnings():
            warnings.simplefilter('error')
            values(Once)

    def test_of_one_class_are_none_for_another(self, config):
        config.set('TaskOnKart', 'mine', '3')
        with warnings.catch_warnings():
            warnings.simplefilter('error')
            assert values(Spaced) == {}
            assert values(Mine) == {'mine': 3}

    def test_of_the_defaults_of_all_sections_do_not_warn(self, config):
        config.read_string('[DEFAULT]\nroot=/r\n[TaskOnKart]\nworkspace=%(root)s/w\n')

        class Quiet(TaskOnKart):
            pass

        with warnings.catch_warnings():
            warnings.simplefilter('error')
            assert values(Quiet) == {'workspace': '/r/w'}

    def test_in_a_section_of_another_name_do_not_warn(self, config):
        config.set('Shared', 'whatever', '1')
        config.set('Shared', 'mine', '4')
        kwargs = {}
        with warnings.catch_warnings():
            warnings.simplefilter('error')
            apply_section(Mine, kwargs, 'Shared', dict(Mine.get_params()), 'Mine')
        assert kwargs == {'mine': 4}


class TestRealTasks:
    def test_a_parameter_without_default_may_come_from_the_section(self, config):
        class Needy(gokart.TaskOnKart):
            needed = luigi.IntParameter()

        config.set('TaskOnKart', 'needed', '3')
        assert Needy().needed == 3

    def test_a_misspelled_option_warns(self, config):
        class Written(gokart.TaskOnKart):
            pass

        config.set('TaskOnKart', 'workspace_direktory', '/w')
        with pytest.warns(UnknownOptionWarning, match="Did you mean 'workspace_directory'"):
            Written()

    def test_a_wrong_value_in_the_own_section_is_named(self, config):
        class Numbered(gokart.TaskOnKart):
            task_namespace = 'deep'
            number = luigi.IntParameter(default=0)

        config.set('deep.Numbered', 'number', 'one')
        with pytest.raises(ConfigError, match=r"section \[deep\.Numbered\], option number = 'one' .*'number'"):
            Numbered()

    def test_a_missing_variable_in_the_own_section_is_named(self, config, monkeypatch):
        class Tested(gokart.TaskOnKart):
            is_test = luigi.BoolParameter()

        config.set('Tested', 'is_test', '${IS_TEST}')
        monkeypatch.setenv('IS_TEST', 'true')
        assert Tested().is_test is True
        monkeypatch.delenv('IS_TEST')
        with pytest.raises(MissingVariableError, match=r'\[Tested\], option is_test .* IS_TEST'):
            Tested()
