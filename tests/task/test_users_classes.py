"""What classes of users may hold, override and be used for."""

from __future__ import annotations

import pickle
import subprocess
import sys
from datetime import datetime

import dill
import luigi
import numpy as np
import pytest

import gokart
from gokart.errors import CyclicRequirementError
from gokart.required_task_output import RequiredTaskOutput
from gokart.target import TargetOnKart

# Members that TaskOnKart of 1.12.2 has, apart from those that Luigi gives it.
PUBLISHED_MEMBERS = {
    'FIX_RANDOM_SEED_VALUE_NONE_MAGIC_NUMBER',
    '_add_configuration',
    '_check_modification_time',
    '_get_input_targets',
    '_get_output_target',
    '_lock_at_dump',
    '_rerun_state',
    'clone',
    'complete',
    'dump',
    'get_code',
    'get_info',
    'get_own_code',
    'get_processing_time',
    'get_task_log',
    'get_task_params',
    'input',
    'is_task_on_kart',
    'load',
    'load_generator',
    'make_large_data_frame_target',
    'make_model_target',
    'make_target',
    'make_task_instance_dictionary',
    'make_unique_id',
    'output',
    'priority',
    'requires',
    'restore',
    'task_log',
    'task_unique_id',
    'try_set_seed',
}
NEW_MEMBERS = {'load_data_frame', 'parameter_table', 'trigger_event'}


def test_no_member_takes_a_name_that_users_may_have_given():
    class Plain(luigi.Task):
        pass

    members = {name for name in [*dir(gokart.TaskOnKart), *vars(gokart.TaskOnKart())] if not name.startswith('__')}
    settings = {name for name, _ in gokart.TaskOnKart.get_params()}
    foreign = members - settings - set(dir(Plain)) - set(vars(Plain())) - PUBLISHED_MEMBERS - NEW_MEMBERS
    assert {name for name in foreign if 'gokart' not in name and not name.startswith('_abc')} <= {
        '_is_protocol',
        '_is_task_on_kart_root',
        '_parameter_table',
    }


def test_an_id_of_the_users_own_need_not_be_hexadecimal():
    class Named(gokart.TaskOnKart):
        def make_unique_id(self):
            return 'v1'

        def run(self):
            self.dump(1)

    assert gokart.build(Named()) == 1


def test_a_class_as_parameter_reads_as_its_name():
    class Generic(gokart.TaskOnKart):
        kind = luigi.TaskParameter(default=luigi.Task)

    assert 'kind=Task' in str(Generic())


def test_a_task_log_that_is_no_dict_does_no_harm():
    class Noting(gokart.TaskOnKart):
        def run(self):
            self.task_log = [1]
            self.dump('done')

    assert gokart.build(Noting()) == 'done'


class Labelling(TargetOnKart):
    """A target of a user, who labels what is stored."""

    def __init__(self):
        self.labels = None

    def _exists(self):
        return self.labels is not None

    def _dump(self, obj, task_params=None, custom_labels=None, required_task_outputs=None):
        self.labels = task_params, custom_labels, required_task_outputs

    def _path(self):
        return 'somewhere'

    def _load(self):
        return None

    def _remove(self):
        self.labels = None

    def _last_modification_time(self):
        return datetime.now()


def test_a_target_of_the_users_own_gets_labels():
    class Leaf(gokart.TaskOnKart):
        task_namespace = 'ns'

    class Labelled(gokart.TaskOnKart):
        number = luigi.IntParameter(default=1)
        target = Labelling()

        def requires(self):
            return {'leaf': [Leaf()]}

        def output(self):
            return self.target

    Labelled().dump('x', custom_labels={'a': 'b'})
    required = {'leaf': [RequiredTaskOutput('ns.Leaf', Leaf().output().path())]}
    assert Labelled.target.labels == ({'number': '1'}, {'a': 'b'}, required)


def test_requires_that_asks_for_its_own_id_is_a_clear_error():
    class Asking(gokart.TaskOnKart):
        def requires(self):
            self.make_target('a.pkl')

    with pytest.raises(CyclicRequirementError, match=r'Asking.*asks for the id of its own task.*use_unique_id=False'):
        Asking().make_unique_id()


class Pickled(gokart.TaskOnKart):
    number = luigi.IntParameter(default=1)


@pytest.mark.parametrize('pickler', [pickle, dill])
def test_a_task_pickles_by_the_name_of_its_class(pickler):
    assert type(pickler.loads(pickler.dumps(Pickled(number=3)))) is Pickled


def test_a_stored_task_of_the_main_module_is_of_its_class():
    program = (
        'import gokart, luigi\n'
        'class A(gokart.TaskOnKart):\n'
        '    n = luigi.IntParameter(default=1)\n'
        '    def run(self): self.dump({"me": self})\n'
        'me = gokart.build(A(n=3))["me"]\n'
        'P = gokart.TaskInstanceParameter()\n'
        'assert type(me) is A and me == A(n=3) and P.parse(P.serialize(me)) == A(n=3)\n'
    )
    done = subprocess.run([sys.executable, '-W', 'ignore', '-c', program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_any_buffer_can_be_stored_as_an_image():
    class Image(gokart.TaskOnKart):
        def output(self):
            return self.make_target('image.png')

        def run(self):
            self.dump(np.frombuffer(b'abc', 'uint8'))

    assert gokart.build(Image()) == b'abc'
