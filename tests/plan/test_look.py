"""One walk over a graph looks at each task once, and changes nothing."""

from __future__ import annotations

import luigi
import pytest

import gokart
from gokart.errors import CyclicRequirementError, TaskDefinitionError
from gokart.plan.look import look_at_graph
from gokart.rerun import honoured

ASKED: list[str] = []


class Leaf(gokart.TaskOnKart):
    number = luigi.IntParameter(default=1)

    def complete(self):
        ASKED.append(f'Leaf {self.number}')
        return super().complete()

    def run(self):
        self.dump(self.number)


class Middle(gokart.TaskOnKart):
    def requires(self):
        return {'one': Leaf(), 'two': Leaf(number=2)}


class Top(gokart.TaskOnKart):
    def requires(self):
        return [Middle(), Leaf()]


class Wrapper(gokart.TaskOnKart):
    """Has no output, so that only the rerun flag tells what is to be done."""

    def output(self):
        return []

    def run(self):
        ASKED.append('run')


@pytest.fixture(autouse=True)
def _asked():
    ASKED.clear()


def names(root, ignored=None):
    return [look.name for look in look_at_graph(root, ignored)]


def test_requirements_come_first_and_each_task_once():
    assert names(Top()) == ['Leaf', 'Leaf', 'Middle', 'Top']


def test_each_task_is_asked_once_whether_it_is_complete():
    look_at_graph(Top())
    assert ASKED == ['Leaf 1', 'Leaf 2']


def test_a_strict_check_asks_nobody_again():
    class Strict(Top):
        def requires(self):
            return [Middle(strict_check=True), Leaf()]

    look_at_graph(Strict(strict_check=True))
    assert ASKED == ['Leaf 1', 'Leaf 2']


def test_what_is_complete_is_told():
    gokart.build(Leaf())
    assert [look.complete for look in look_at_graph(Top())] == [True, False, False, False]


@pytest.mark.parametrize('answer', [1, 'yes', None, 0])
def test_an_answer_that_is_no_truth_value_is_taken_as_one(answer):
    class Odd(gokart.TaskOnKart):
        def complete(self):
            return answer

    assert [look.complete for look in look_at_graph(Odd())] == [bool(answer)]


def test_ignored_classes_are_left_out_with_what_only_they_require():
    assert names(Top(), ['Middle']) == ['Leaf', 'Top']
    assert names(Top(), ['Leaf']) == ['Middle', 'Top']


def test_the_root_is_never_ignored():
    assert names(Leaf(), ['Leaf']) == ['Leaf']


def test_a_plain_task_has_the_id_that_luigi_gives_it():
    class Plain(luigi.ExternalTask):
        def output(self):
            return luigi.LocalTarget('plain.txt')

    class NeedsPlain(gokart.TaskOnKart):
        def requires(self):
            return Plain()

    assert look_at_graph(NeedsPlain())[0].unique_id == Plain().task_id


@pytest.mark.parametrize('shape', [lambda one, two: {one, two}, lambda one, two: iter([one, two])])
def test_any_collection_of_requirements_is_walked(shape):
    class Any(gokart.TaskOnKart):
        def requires(self):
            return shape(Leaf(), Leaf(number=2))

    assert names(Any()) == ['Leaf', 'Leaf', 'Any']


def test_none_requires_nothing():
    class Nothing(gokart.TaskOnKart):
        def requires(self):
            return None

    assert names(Nothing()) == ['Nothing']


@pytest.mark.parametrize(('wrong', 'hint'), [(Leaf, r'write Leaf\(\.\.\.\)'), ('Leaf', "'Leaf' of type str")])
def test_only_an_instance_of_a_task_has_a_graph(wrong, hint):
    with pytest.raises(TypeError, match=hint):
        look_at_graph(wrong)


def test_a_requirement_that_is_no_task_is_named():
    class Wrong(gokart.TaskOnKart):
        def requires(self):
            return [Leaf(), 'Leaf']

    with pytest.raises(TaskDefinitionError, match='type str'):
        look_at_graph(Wrong())


def test_a_cycle_is_shown():
    class Cycle(gokart.TaskOnKart):
        def requires(self):
            return Cycle()

    with pytest.raises(CyclicRequirementError, match='Cycle__99914b932b requires itself'):
        look_at_graph(Cycle())


class TestRerun:
    def test_the_flag_makes_a_task_incomplete_at_each_look(self):
        task = Wrapper(rerun=True)
        assert [look_at_graph(task)[0].complete for _ in range(2)] == [False, False]

    def test_the_next_question_is_still_the_first(self):
        task = Wrapper(rerun=True)
        look_at_graph(task)
        assert task._rerun_state is True
        assert [task.complete(), task.complete()] == [False, True]

    def test_a_look_after_the_first_question_finds_what_the_question_would(self):
        task = Wrapper(rerun=True)
        task.complete()
        assert look_at_graph(task)[0].complete is True

    def test_a_replaced_output_is_complete(self):
        task = Leaf(rerun=True)
        task.run()
        assert look_at_graph(task)[0].complete is False
        task.complete()
        task.run()
        assert look_at_graph(task)[0].complete is True

    def test_a_look_in_a_build_leaves_the_task_to_be_run(self):
        task = Wrapper(rerun=True)
        with honoured(task):
            assert [look_at_graph(task)[0].complete for _ in range(2)] == [False, False]
            assert not task.complete()

    def test_a_strict_check_leaves_its_requirements_as_they_were(self):
        class Strict(gokart.TaskOnKart):
            def requires(self):
                return Wrapper(rerun=True)

            def output(self):
                return []

        assert look_at_graph(Strict(strict_check=True))[1].complete is False
        assert not Wrapper(rerun=True).complete()

    def test_a_later_build_runs_it(self, config):
        config.set('gokart_worker', 'task_completion_check_at_run', 'false')
        task = Wrapper(rerun=True, complete_check_at_run=False)
        look_at_graph(task)
        gokart.build(task, return_value=False)
        assert ASKED == ['run']

    def test_the_outputs_stay(self, tmp_path):
        gokart.build(Leaf())
        before = {file: file.stat().st_mtime_ns for file in tmp_path.rglob('*')}
        look_at_graph(Leaf(rerun=True))
        assert {file: file.stat().st_mtime_ns for file in tmp_path.rglob('*')} == before
