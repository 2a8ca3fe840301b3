"""Tasks that take parameters from a config."""

from __future__ import annotations

import pickle
import warnings

import luigi
import pytest
from luigi.cmdline_parser import CmdlineParser
from luigi.task_register import Register

import gokart
from gokart.config_params import inherits_config_params
from gokart.errors import ConfigError, ParameterTypeError, ParameterValueError


class Estate(luigi.Config):
    first = luigi.Parameter(default='estate first')
    second = luigi.Parameter(default='estate second')
    number = luigi.IntParameter(default=42)


class Others(luigi.Config):
    first = luigi.Parameter(default='others first')
    third = luigi.Parameter(default='others third')


@inherits_config_params(Estate)
class Heir(gokart.TaskOnKart):
    """Takes what it can."""

    first = luigi.Parameter()
    second = luigi.Parameter(default='own default')
    mine = luigi.Parameter(default='mine')


class Child(Heir):
    number = luigi.IntParameter(default=0)
    second = luigi.Parameter(default='child default')


@inherits_config_params(Estate, parameter_alias={'first': 'second', 'number': 'size'})
class Aliased(gokart.TaskOnKart):
    first = luigi.Parameter(default='own default')
    second = luigi.Parameter(default='own default')
    size = luigi.IntParameter(default=0)


def test_parameters_of_the_same_name_are_filled():
    assert (Heir().first, Heir().second, Heir().mine) == ('estate first', 'estate second', 'mine')


def test_subclasses_inherit_too():
    assert (Child().first, Child().second, Child().number) == ('estate first', 'estate second', 42)


def test_alias_maps_names_of_the_config_to_names_of_the_task():
    assert (Aliased().first, Aliased().second, Aliased().size) == ('own default', 'estate first', 42)


def test_plain_luigi_tasks_inherit_too():
    @inherits_config_params(Estate)
    class Plain(luigi.Task):
        first = luigi.Parameter()

    assert Plain().first == 'estate first'
    assert Plain(first='given').first == 'given'


class TestOrder:
    def test_given_values_win(self):
        assert Heir(first='given').first == 'given'

    def test_values_given_by_position_win(self):
        @inherits_config_params(Estate)
        class Positional(luigi.Task):
            first = luigi.Parameter()
            second = luigi.Parameter()

        task = Positional('given')
        assert (task.first, task.second) == ('given', 'estate second')

    @pytest.mark.parametrize('arguments', [['--first', 'line'], ['--Heir-first', 'line']])
    def test_the_command_line_wins(self, arguments):
        with CmdlineParser.global_instance(['Heir', *arguments]) as parser:
            assert parser.get_task_obj().first == 'line'

    def test_the_command_line_of_the_config_counts(self):
        with CmdlineParser.global_instance(['Heir', '--Estate-first', 'line']):
            assert Heir().first == 'line'

    def test_the_own_section_wins(self, config):
        config.set('Estate', 'first', 'config')
        config.set('Heir', 'first', 'own')
        assert Heir().first == 'own'
        assert Child().first == 'config'

    def test_the_section_of_all_tasks_does_not_win(self, config):
        config.set('TaskOnKart', 'first', 'all')
        assert Heir().first == 'estate first'

    def test_the_config_is_read_when_the_task_is_made(self, config):
        assert Heir().first == 'estate first'
        config.set('Estate', 'first', 'changed')
        assert Heir().first == 'changed'

    def test_a_clone_keeps_its_values(self, config):
        task = Heir()
        config.set('Estate', 'first', 'changed')
        assert task.clone(mine='other').first == 'estate first'


class TestStacks:
    def test_outermost_decorator_wins(self):
        @inherits_config_params(Others)
        @inherits_config_params(Estate)
        class Stacked(gokart.TaskOnKart):
            first = luigi.Parameter()
            second = luigi.Parameter()
            third = luigi.Parameter()

        task = Stacked()
        assert (task.first, task.second, task.third) == ('others first', 'estate second', 'others third')

    def test_decorator_of_the_subclass_wins(self):
        @inherits_config_params(Others)
        class Grandchild(Child):
            pass

        assert (Grandchild().first, Grandchild().second) == ('others first', 'estate second')
        assert Child().first == 'estate first'

    def test_configs_of_all_bases_count(self):
        @inherits_config_params(Others)
        class Third(gokart.TaskOnKart):
            third = luigi.Parameter()

        class Both(Child, Third):
            pass

        assert (Both().second, Both().third) == ('estate second', 'others third')


class TestClass:
    def test_stays_itself(self):
        assert (Heir.__name__, Heir.__qualname__, Heir.__module__) == ('Heir', 'Heir', __name__)
        assert Heir.__doc__ == 'Takes what it can.'
        assert Heir.__mro__[1] is gokart.TaskOnKart

    def test_is_the_one_of_its_family(self):
        assert Register.get_task_cls('Heir') is Heir

    def test_makes_tasks_that_pickle(self):
        assert pickle.loads(pickle.dumps(Heir())) == Heir()

    def test_can_call_super_by_its_name(self):
        @inherits_config_params(Estate)
        class Careful(gokart.TaskOnKart):
            first = luigi.Parameter()

            def __init__(self, *args, **kwargs):
                super(Careful, self).__init__(*args, **kwargs)

        assert Careful().first == 'estate first'


class TestErrors:
    @pytest.mark.parametrize('config_class', [Estate(), 3, dict, None, 'Estate'])
    def test_what_is_no_config_is_refused(self, config_class):
        with pytest.raises(ParameterTypeError, match=r'takes a subclass of luigi\.Config, but was given'):
            inherits_config_params(config_class)

    def test_alias_of_an_unknown_parameter_of_the_config_is_refused(self):
        with pytest.raises(ParameterValueError, match=r"\['frist'\], but .*Estate has only .*'first'"):
            inherits_config_params(Estate, parameter_alias={'frist': 'second'})

    def test_alias_of_an_unknown_parameter_of_the_task_warns(self):
        """A subclass may have it."""

        class Base(gokart.TaskOnKart):
            pass

        with pytest.warns(UserWarning, match=r"Estate names \['later'\], but .*Base has no such parameter"):
            inherits_config_params(Estate, parameter_alias={'first': 'later'})(Base)

        class Later(Base):
            later = luigi.Parameter()

        assert Later().later == 'estate first'

    def test_right_use_warns_of_nothing(self):
        with warnings.catch_warnings():
            warnings.simplefilter('error')
            inherits_config_params(Estate)(type('Fine', (gokart.TaskOnKart,), {}))

    def test_wrong_option_of_the_config_is_named(self, config):
        config.set('Estate', 'number', 'many')
        with pytest.raises(ConfigError, match=r"\[Estate\], option number = 'many'"):
            Child()

    def test_config_that_is_not_needed_is_not_read(self, config):
        config.set('Estate', 'number', 'many')
        assert Heir(first='a', second='b').first == 'a'
