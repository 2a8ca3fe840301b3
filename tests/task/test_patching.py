"""What test suites of users put in the place of targets, configuration and functions is what tasks use."""

from __future__ import annotations

from unittest import mock

import luigi
import pytest

import gokart
from gokart.target import TargetOnKart


class Patched(gokart.TaskOnKart):
    task_namespace = 'patched'
    number = luigi.IntParameter(default=1)
    names = luigi.ListParameter(default=('a', 'b'))
    flag = luigi.BoolParameter()


@pytest.fixture(params=[mock.Mock, mock.MagicMock, lambda: mock.MagicMock(spec=TargetOnKart)])
def target(request):
    """A mock; a `MagicMock` can be iterated, and is one target nevertheless."""
    made = request.param()
    made.load.return_value = 5
    return made


@pytest.mark.parametrize('source', ['input', '_get_input_targets'])
def test_mocks_of_targets_are_loaded_one_by_one_and_in_their_structure(target, source):
    task = Patched()
    for structure, loaded in [(target, 5), ((target, [target]), [5, [5]]), ({'a': target}, {'a': 5})]:
        setattr(task, source, mock.Mock(return_value=structure))
        assert task.load() == loaded
        assert set(task.load_generator()) == {5}


def test_mock_of_a_target_is_loaded_and_dumped_to(target):
    assert Patched().load(target) == 5
    Patched().dump('x', target)
    target.dump.assert_called_once()


def test_a_dict_in_the_place_of_the_configuration_is_read():
    kwargs = {}
    sections = {'patched.Patched': {'names': '["c", "d"]', 'number': '3', 'flag': 'True'}}
    with mock.patch('luigi.configuration.get_config', return_value=sections):
        Patched._add_configuration(kwargs, 'patched.Patched')
    assert kwargs == {'names': ('c', 'd'), 'number': 3, 'flag': True}


@pytest.mark.parametrize('name', ['make_target', 'make_model_target'])
def test_makers_of_targets_are_looked_up_at_each_call(name):
    with mock.patch(f'gokart.target.{name}') as maker:
        made = [Patched().make_target('a.pkl'), Patched().make_model_target('a.zip', print, print)]
    assert maker.return_value in made
    assert maker.call_args.kwargs['unique_id'] == Patched().make_unique_id()


def test_any_class_forgets_the_instances_of_all():
    class Other(gokart.TaskOnKart):
        pass

    before = Patched()
    Other.clear_instance_cache()
    assert Patched() is not before
