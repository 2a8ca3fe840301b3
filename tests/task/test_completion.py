"""A task is complete when nothing is to be done, and asking changes nothing on disk."""

from __future__ import annotations

import os

import luigi
import numpy as np
import pytest

import gokart
from gokart.completion import Cause, Reason, reasons


class Leaf(gokart.TaskOnKart):
    number = luigi.IntParameter(default=1)

    def output(self):
        return self.make_target(f'leaf_{self.number}.txt', use_unique_id=False)

    def run(self):
        self.dump('x')


class Top(gokart.TaskOnKart):
    def requires(self):
        return [Leaf(number=1), Leaf(number=2)]

    def output(self):
        return self.make_target('top.txt', use_unique_id=False)

    def run(self):
        self.dump('x')


@pytest.fixture
def built():
    """All outputs exist, the inputs older than the output."""
    for age, task in enumerate([Top(), Leaf(number=2), Leaf(number=1)]):
        task.run()
        os.utime(task.output().path(), (1_000_000 - age, 1_000_000 - age))


def causes(task):
    return [reason.cause for reason in reasons(task)]


def snapshot(path):
    return {file: file.stat().st_mtime_ns for file in path.rglob('*')}


def test_a_missing_output_is_named():
    assert list(reasons(Leaf())) == [Reason(Cause.OUTPUT_MISSING, './resources/leaf_1.txt')]


def test_existing_outputs_make_a_task_complete(built):
    assert Top().complete() is True


def test_a_plain_luigi_target_counts(tmp_path):
    class Foreign(gokart.TaskOnKart):
        def output(self):
            return luigi.LocalTarget(str(tmp_path / 'foreign'))

    assert not Foreign().complete()
    (tmp_path / 'foreign').touch()
    assert Foreign().complete()


class TestRerun:
    def test_the_output_is_stale_until_it_is_replaced(self, built):
        task = Leaf(rerun=True)
        assert [task.complete(), task.complete()] == [False, False]
        task.run()
        assert task.complete()

    def test_asking_deletes_nothing(self, built, tmp_path):
        before = snapshot(tmp_path)
        Leaf(rerun=True).complete()
        str(Leaf(rerun=True))
        assert snapshot(tmp_path) == before

    def test_the_reason_names_the_stale_output(self, built):
        assert next(reasons(Leaf(rerun=True))) == Reason(Cause.FORCED, './resources/leaf_1.txt')

    def test_a_task_without_outputs_is_complete_from_the_second_look_on(self):
        class Wrapper(gokart.TaskOnKart):
            def output(self):
                return []

        task = Wrapper(rerun=True)
        assert [task.complete(), task.complete()] == [False, True]

    def test_the_state_tells_whether_somebody_has_looked(self, built):
        task = Leaf(rerun=True)
        assert task._rerun_state is True
        task.complete()
        assert task._rerun_state is False


class TestStrictCheck:
    def test_a_missing_input_makes_it_incomplete(self, built):
        os.remove('resources/leaf_2.txt')
        assert Top().complete()
        assert causes(Top(strict_check=True)) == [Cause.REQUIREMENT_INCOMPLETE]

    def test_a_complete_answer_that_is_no_bool_is_fine(self, built):
        class Numpy(Leaf):
            def complete(self):
                return np.bool_(True)

        class Needing(Top):
            def requires(self):
                return Numpy()

        assert Needing(strict_check=True).complete()

    def test_each_task_of_many_diamonds_is_asked_once(self):
        asked = []

        class Diamond(gokart.TaskOnKart):
            layer = luigi.IntParameter()
            side = luigi.Parameter(default='left')

            def requires(self):
                below = range(2 if self.layer else 0)
                return [Diamond(layer=self.layer - 1, side=str(i), strict_check=True) for i in below]

            def output(self):
                return []

            def complete(self):
                asked.append(self)
                return super().complete()

        assert Diamond(layer=60, strict_check=True).complete()
        assert len(asked) == 121

    def test_a_long_chain_is_asked_without_recursion(self):
        class Chain(gokart.TaskOnKart):
            depth = luigi.IntParameter()

            def requires(self):
                return Chain(depth=self.depth - 1, strict_check=True) if self.depth else []

            def output(self):
                return []

        assert Chain(depth=3_000, strict_check=True).complete()


class TestModificationTimeCheck:
    def test_newer_inputs_make_it_incomplete(self, built):
        os.utime('resources/leaf_1.txt', (2_000_000, 2_000_000))
        assert Top(strict_check=True).complete()
        assert causes(Top(modification_time_check=True)) == [Cause.INPUT_NEWER]

    def test_equal_times_are_fine(self, built):
        os.utime('resources/leaf_1.txt', (1_000_000, 1_000_000))
        assert Top(modification_time_check=True).complete()

    def test_a_path_that_is_input_and_output_is_left_out(self, built):
        class InPlace(gokart.TaskOnKart):
            def requires(self):
                return Leaf()

            def output(self):
                return Leaf().output()

        assert InPlace(modification_time_check=True).complete()

    def test_without_inputs_there_is_nothing_to_compare(self, built):
        assert Leaf(modification_time_check=True).complete()

    def test_a_missing_output_is_a_reason_not_an_error(self, built):
        os.remove('resources/top.txt')
        assert causes(Top(modification_time_check=True)) == [Cause.OUTPUT_MISSING]

    def test_an_overridden_check_decides(self, built):
        class Never(Top):
            def _check_modification_time(self):
                return False

        assert not Never(modification_time_check=True).complete()
