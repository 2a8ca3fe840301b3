"""Tasks are made by Luigi's rules, told apart by all that they are given, and pickle."""

from __future__ import annotations

import copy
import pickle
import warnings

import luigi
import pytest
from luigi.parameter import MissingParameterException, ParameterVisibility, UnknownParameterException

import gokart
from gokart.parameter_table import ParameterTable


class Two(gokart.TaskOnKart):
    first = luigi.IntParameter()
    second = luigi.ListParameter(default=[1, 2])
    secret = luigi.Parameter(default='s', visibility=ParameterVisibility.PRIVATE)

    def run(self):
        self.dump(self.first)


def test_equal_parameters_give_the_same_instance():
    assert Two(first=1) is Two(first=1, second=[1, 2])


def test_other_insignificant_parameters_give_another_instance():
    assert Two(first=1, workspace_directory='/a') is not Two(first=1, workspace_directory='/b')


def test_a_task_parameter_holds_the_very_task_that_was_given():
    class Holder(gokart.TaskOnKart):
        task = gokart.TaskInstanceParameter()

    near, far = Two(first=1, workspace_directory='/near'), Two(first=1, workspace_directory='/far')
    assert Holder(task=near).task is near
    assert Holder(task=far).task is far


def test_lists_become_tuples():
    assert Two(first=1, second=[3, [4]]).second == (3, (4,))


def test_base_parameters_come_first_by_position():
    """The order is part of the contract: code may give the workspace by position."""
    assert Two('/somewhere', first=1).workspace_directory == '/somewhere'


@pytest.mark.parametrize(
    ('kwargs', 'error'), [({}, MissingParameterException), ({'first': 1, 'third': 2}, UnknownParameterException)]
)
def test_wrong_parameters_are_luigis_errors(kwargs, error):
    with pytest.raises(error, match='Two'):
        Two(**kwargs)


def test_a_parameter_added_to_a_class_counts_for_its_subclasses_at_once():
    class Base(gokart.TaskOnKart):
        pass

    class Derived(Base):
        pass

    Derived()
    Base.added = luigi.IntParameter(default=7)
    Base.added.__set_name__(Base, 'added')
    assert Derived().added == 7
    del Base.added
    assert 'added' not in Derived().param_kwargs


def test_a_default_that_normalizes_otherwise_each_time_is_normalized_each_time():
    class Counting(luigi.IntParameter):
        calls = 0

        def normalize(self, x):
            Counting.calls += 1
            return x + Counting.calls

    class Fresh(gokart.TaskOnKart):
        number = Counting(default=0)

    assert Fresh().number != Fresh().number


def test_resolution_looks_up_the_parameters_of_a_class_once(monkeypatch):
    class Many(gokart.TaskOnKart):
        number = luigi.IntParameter()

    made = []
    original = ParameterTable.of.__func__
    monkeypatch.setattr(ParameterTable, 'of', classmethod(lambda cls, task: made.append(task) or original(cls, task)))
    for number in range(100):
        Many(number=number)
    assert made == [Many]


class TestConfiguration:
    def test_the_section_of_all_tasks_counts(self, config):
        config.set('TaskOnKart', 'workspace_directory', '/all')
        assert Two(first=1).workspace_directory == '/all'

    def test_a_given_value_beats_the_section_of_all_tasks(self, config):
        config.set('TaskOnKart', 'workspace_directory', '/all')
        assert Two(first=1, workspace_directory='/given').workspace_directory == '/given'

    def test_the_own_section_beats_the_section_of_all_tasks(self, config):
        config.set('TaskOnKart', 'workspace_directory', '/all')
        config.set('Two', 'workspace_directory', '/own')
        assert Two(first=1).workspace_directory == '/own'

    def test_the_command_line_beats_the_section_of_all_tasks(self, config):
        config.set('TaskOnKart', 'workspace_directory', '/all')
        with luigi.cmdline_parser.CmdlineParser.global_instance(
            ['Two', '--first', '1', '--Two-workspace-directory=/line']
        ):
            assert Two(first=2).workspace_directory == '/line'

    def test_an_override_of_the_hook_decides(self, config):
        class Stubborn(gokart.TaskOnKart):
            @classmethod
            def _add_configuration(cls, kwargs, section):
                kwargs.setdefault('workspace_directory', f'/{section}')

        config.set('TaskOnKart', 'workspace_directory', '/all')
        assert Stubborn().workspace_directory == '/TaskOnKart'

    def test_a_change_of_the_configuration_reaches_the_next_task(self, config):
        config.set('TaskOnKart', 'workspace_directory', '/one')
        first = Two(first=1)
        config.set('TaskOnKart', 'workspace_directory', '/two')
        assert (first.workspace_directory, Two(first=1).workspace_directory) == ('/one', '/two')


class TestCopies:
    def test_a_pickled_task_is_equal_and_hashes_alike(self):
        task = pickle.loads(pickle.dumps(Two(first=3)))
        assert task == Two(first=3)
        assert hash(task) == hash(Two(first=3))

    def test_a_pickle_holds_no_hash_of_this_process(self):
        assert b'_Task__hash' not in pickle.dumps(Two(first=3))

    def test_a_running_task_pickles(self):
        task = Two(first=3)
        task.set_status_message = lambda message: None
        assert pickle.loads(pickle.dumps(task)).set_status_message is None

    def test_a_task_can_be_copied(self):
        assert copy.deepcopy(Two(first=3)) == Two(first=3)

    def test_a_clone_takes_shared_parameters_over(self):
        class Other(gokart.TaskOnKart):
            first = luigi.IntParameter(default=0)

        assert Two(first=8, workspace_directory='/w').clone(Other) == Other(first=8)
        assert Two(first=8, workspace_directory='/w').clone(Other).workspace_directory == '/w'
        assert Two(first=8).clone(first=9) is Two(first=9)

    @pytest.mark.parametrize('name', ['rerun', 'strict_check', 'modification_time_check'])
    def test_a_clone_takes_no_check_over_unless_it_is_asked_to(self, name):
        task = Two(first=1, **{name: True})
        assert getattr(task.clone(), name) is False
        assert getattr(task.clone(**{name: True}), name) is True


class TestText:
    def test_repr_names_family_id_and_significant_parameters(self):
        task = Two(first=1)
        assert repr(task) == f'Two[{task.make_unique_id()}](first=1, second=[1, 2], secret=s)'

    def test_str_leaves_private_parameters_out(self):
        assert 'secret' not in str(Two(first=1))

    def test_task_parameters_read_as_family_and_id(self):
        class Holder(gokart.TaskOnKart):
            task_namespace = 'ns'
            one = gokart.TaskInstanceParameter()
            many = gokart.ListTaskInstanceParameter()

        leaf = Two(first=1)
        text = f'Two({leaf.make_unique_id()})'
        holder = Holder(one=leaf, many=[leaf])
        assert str(holder) == f'ns.Holder[{holder.make_unique_id()}](one={text}, many=[{text}])'

    def test_a_task_without_id_can_still_be_named(self):
        class Broken(gokart.TaskOnKart):
            def requires(self):
                raise RuntimeError('no')

        assert str(Broken()) == 'Broken[?]()'


def test_default_requirements_are_the_tasks_among_the_attributes():
    class Holder(gokart.TaskOnKart):
        one = gokart.TaskInstanceParameter()
        many = gokart.ListTaskInstanceParameter()
        none = gokart.ListTaskInstanceParameter(default=[])

    leaf = Two(first=1)
    assert Holder(one=leaf, many=[leaf]).requires() == {'one': leaf, 'many': (leaf,)}
    assert leaf.requires() == []


def test_making_a_task_warns_of_nothing():
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        Two(first=5)
