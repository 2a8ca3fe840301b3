"""`gokart.testing.run_task` runs one task on plain objects."""

from __future__ import annotations

import random
from pathlib import Path

import luigi
import numpy as np
import pandas as pd
import pytest

import gokart
from gokart.errors import EmptyDumpError, MissingOutputError, TaskInputError
from gokart.testing import run_task


class Numbers(gokart.TaskOnKart):
    def run(self):
        raise AssertionError('it is not run')


class Pair(gokart.TaskOnKart):
    def output(self):
        return {'left': self.make_target('left.pkl'), 'right': self.make_target('right.pkl')}

    def run(self):
        self.dump(1, 'left')
        self.dump(2, 'right')


class Sum(gokart.TaskOnKart):
    factor = luigi.IntParameter(default=1)

    def requires(self):
        return {'numbers': Numbers(), 'pair': Pair()}

    def run(self):
        pair = self.load('pair')
        self.dump(self.factor * (sum(self.load('numbers')) + pair['left'] + pair['right']))


class EveryWay(gokart.TaskOnKart):
    def requires(self):
        return [Numbers(), Pair()]

    def run(self):
        numbers = self.requires()[0]
        self.dump(
            [
                self.load()[0],
                self.load(numbers),
                numbers.output().load(),
                self.input()[0].load(),
                next(self.load_generator()),
                self.input()[1]['left'].exists(),
            ]
        )


class Alone(gokart.TaskOnKart):
    fail_on_empty_dump = True

    def requires(self):
        return Numbers()

    def run(self):
        self.dump(self.load_data_frame(required_columns={'a'}))


class Model(gokart.TaskOnKart):
    def output(self):
        return self.make_model_target('model.zip', save_function=np.save, load_function=np.load)

    def run(self):
        self.dump(np.ones(3))


class Yielding(gokart.TaskOnKart):
    def run(self):
        target = yield Numbers()
        both = yield [Numbers(), Pair()]
        self.dump([target.load(), both[1]['left'].load(), Numbers().output().load()])


class Random(gokart.TaskOnKart):
    def run(self):
        self.dump((random.random(), np.random.rand()))


class Silent(gokart.TaskOnKart):
    def run(self):
        pass


def test_inputs_are_given_by_name():
    assert run_task(Sum(factor=2), {'numbers': [1, 2], 'pair': {'left': 10, 'right': 20}}) == 66


def test_inputs_are_given_by_class_or_task():
    assert run_task(Sum(), {Numbers: [1, 2], Pair(): {'left': 10, 'right': 20}}) == 33


def test_inputs_are_given_by_number():
    given = [5]
    result = run_task(EveryWay(), {0: given, 1: {'left': 1, 'right': 2}})
    assert result == [given] * 5 + [True]


def test_several_tasks_under_a_name_get_their_objects_in_their_structure():
    class Nested(gokart.TaskOnKart):
        def requires(self):
            return {'numbers': [Numbers(), {'two': Numbers(workspace_directory='other')}]}

        def run(self):
            self.dump(self.load('numbers'))

    assert run_task(Nested(), inputs={'numbers': [5, {'two': 6}]}) == [5, {'two': 6}]
    assert run_task(Nested(), inputs={Numbers: 7}) == [7, {'two': 7}]
    with pytest.raises(TaskInputError, match='several requirements there'):
        run_task(Nested(), inputs={'numbers': [5]})


def test_names_and_tasks_are_nearer_than_classes():
    class Item(gokart.TaskOnKart):
        number = luigi.IntParameter()

    class All(gokart.TaskOnKart):
        def requires(self):
            return [Item(number=number) for number in range(3)]

        def run(self):
            self.dump(self.load())

    assert run_task(All(), inputs={Item(number=0): 1, 1: 2, Item: 3}) == [1, 2, 3]


def test_a_single_input_is_a_frame():
    frame = pd.DataFrame({'a': [1]})
    pd.testing.assert_frame_equal(run_task(Alone(), {Numbers: frame}), frame)


def test_checks_of_dumps_hold():
    with pytest.raises(EmptyDumpError):
        run_task(Alone(), {Numbers: pd.DataFrame({'a': []})})


def test_several_outputs_keep_their_structure():
    assert run_task(Pair()) == {'left': 1, 'right': 2}


def test_a_model_is_not_archived():
    assert run_task(Model()).tolist() == [1, 1, 1]


def test_yielded_tasks_are_given_by_class():
    assert run_task(Yielding(), {Numbers: [7], Pair: {'left': 'l', 'right': 'r'}}) == [[7], 'l', [7]]


def test_the_disk_is_not_touched(tmp_path):
    """No workspace, no log file, no file of the run at all."""
    run_task(Sum(), {'numbers': [1], 'pair': {'left': 1, 'right': 2}})
    run_task(Model())
    assert list(Path(tmp_path).iterdir()) == []


def test_the_body_is_seeded_as_in_a_build_and_the_state_of_the_caller_stays():
    state = random.getstate()
    assert run_task(Random()) == gokart.build(Random())
    assert random.getstate() == state


def test_a_stored_output_does_not_count():
    gokart.build(Pair())
    with pytest.raises(TaskInputError, match='no object was given'):
        run_task(Sum(), {'numbers': [1]})


def test_an_unknown_input_is_named():
    with pytest.raises(TaskInputError, match=r"inputs has the key 'number'.*\['numbers', 'pair'\]"):
        run_task(Sum(), {'number': [1]})


def test_an_input_of_another_structure_is_named():
    with pytest.raises(TaskInputError, match='has several outputs'):
        run_task(Sum(), {'pair': 3})


def test_a_yielded_task_without_object_is_named():
    with pytest.raises(TaskInputError, match='yields Numbers'):
        run_task(Yielding())


def test_a_body_that_dumps_nothing_is_an_error():
    with pytest.raises(MissingOutputError, match='Silent'):
        run_task(Silent())


def test_afterwards_outputs_are_stored_again():
    run_task(Pair())
    assert not Pair().complete()
    assert gokart.build(Pair()) == {'left': 1, 'right': 2}
