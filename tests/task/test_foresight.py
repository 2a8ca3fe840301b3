"""Looks at many tasks ask remote storages for all of them at once, and what they find is what each would find alone."""

from __future__ import annotations

import luigi
import pytest
from luigi.parameter import ParameterVisibility

import gokart
from gokart.completion import Cause, reasons
from gokart.foresight import Foresight, foreseen
from gokart.storage.snapshot import snapshot
from gokart.target import make_target


class Leaf(gokart.TaskOnKart):
    number = luigi.IntParameter(default=1)

    def run(self):
        self.dump(self.number)


class Strict(gokart.TaskOnKart):
    count = luigi.IntParameter(default=20)
    strict_check = True

    def requires(self):
        return [Leaf(number=number) for number in range(self.count)]

    def run(self):
        self.dump(self.count)


class Wrapper(luigi.WrapperTask):
    count = luigi.IntParameter(default=20)

    def requires(self):
        return [Leaf(number=number) for number in range(self.count)]


class Gathering(gokart.TaskOnKart):
    """Complete when its requirements are, as users write it."""

    def requires(self):
        return [Leaf(number=number) for number in range(20)]

    def output(self):
        return []

    def complete(self):
        return all(task.complete() for task in self.requires())


class Chain(gokart.TaskOnKart):
    length = luigi.IntParameter()

    def requires(self):
        return Chain(length=self.length - 1) if self.length else []

    def run(self):
        self.dump(self.length)


class Secret(gokart.TaskOnKart):
    number = luigi.IntParameter()
    password = luigi.Parameter(visibility=ParameterVisibility.PRIVATE)

    def run(self):
        self.dump('x')


class Broken(gokart.TaskOnKart):
    def output(self):
        raise ValueError('no output today')


@pytest.fixture
def done(far):
    """Twenty finished leaves, and a far storage that has forgotten how."""
    for number in range(20):
        Leaf(number=number).run()
    far.requests.clear()


@pytest.mark.usefixtures('done')
class TestOneRequest:
    @pytest.mark.parametrize('task_class', [Wrapper, Strict, Gathering])
    def test_is_enough_for_all_that_a_task_asks(self, task_class, far):
        task = task_class()
        if task_class is Strict:
            task.run()
            far.requests.clear()
        with foreseen([task]):
            assert task.complete()
        assert far.kinds() == {'list': 1}

    def test_is_enough_for_a_strict_task_that_is_asked_by_itself(self, far):
        Strict().run()
        far.requests.clear()
        assert Strict().complete()
        assert far.kinds() == {'list': 1}

    def test_is_enough_where_private_parameters_have_a_record(self, far):
        tasks = [Secret(number=number, password='p') for number in range(5)]
        with foreseen(tasks):
            assert not any(task.complete() for task in tasks)
        assert far.kinds() == {'list': 1}


@pytest.mark.usefixtures('done')
class TestTheAnswer:
    def test_is_that_of_each_task(self, far):
        far.vanish(Leaf(number=7).output().path())
        leaves = [Leaf(number=number) for number in range(20)]
        with foreseen(leaves):
            assert [leaf.complete() for leaf in leaves] == [number != 7 for number in range(20)]

    def test_names_a_missing_input_of_a_strict_task(self, far):
        task = Strict()
        task.run()
        far.vanish(Leaf(number=7).output().path())
        with foreseen([task]):
            assert [reason.cause for reason in reasons(task)] == [Cause.REQUIREMENT_INCOMPLETE]

    def test_is_new_after_the_look(self, far):
        with foreseen([Leaf(number=7)]):
            pass
        far.vanish(Leaf(number=7).output().path())
        assert not Leaf(number=7).complete()

    def test_is_that_of_a_target_of_the_users(self):
        class Flag(luigi.Target):
            def exists(self):
                return False

        class Flagged(gokart.TaskOnKart):
            def output(self):
                return [make_target('far://bucket/object.pkl'), Flag()]

        make_target('far://bucket/object.pkl').dump(1)
        with foreseen([Flagged()]):
            assert not Flagged().complete()

    def test_of_a_broken_task_is_its_error(self, far):
        leaves = [Leaf(number=1), Broken(), Leaf(number=2)]
        with foreseen(leaves):
            assert leaves[0].complete()
            with pytest.raises(ValueError, match='no output today'):
                leaves[1].complete()
            assert leaves[2].complete()
        assert far.kinds() == {'list': 1}

    def test_of_a_task_that_waits_for_its_output_comes(self, far):
        class Patient(gokart.TaskOnKart):
            def complete(self):
                if super().complete():
                    return True
                far.appear(self.output().path())
                return super().complete()

        with foreseen([Patient()]):
            assert Patient().complete()


class TestLookingAhead:
    @pytest.fixture
    def foresight(self, far):
        with snapshot() as taken:
            yield Foresight(taken)

    def test_a_long_chain_takes_few_requests(self, foresight, far):
        task = Chain(length=200)
        task.make_unique_id()
        while task:
            foresight.look_ahead([task])
            assert not task.complete()
            task = task.requires()
        assert set(far.kinds()) == {'list'}
        assert len(far.requests) < 10

    def test_the_first_look_is_for_the_first_task_only(self, foresight, far):
        task = Chain(length=200)
        task.make_unique_id()
        foresight.look_ahead([task])
        assert far.requests == [('list', '1 paths')]

    def test_requirements_are_asked_for_only_where_they_are_known(self, foresight):
        asked = []

        class Curious(gokart.TaskOnKart):
            number = luigi.IntParameter()

            def output(self):
                return self.make_target('curious.pkl', use_unique_id=False)

            def requires(self):
                asked.append(self.number)
                return Leaf()

        foresight.look_ahead([Leaf()])
        foresight.look_ahead([Curious(number=1)])
        assert asked == []


@pytest.mark.usefixtures('far')
class TestLocalTasks:
    def test_cost_nothing_but_one_look_at_each_class(self, config, tmp_path):
        config.set('TaskOnKart', 'workspace_directory', str(tmp_path))
        made = []

        class Local(gokart.TaskOnKart):
            number = luigi.IntParameter()

            def output(self):
                made.append(self.number)
                return super().output()

        with snapshot() as taken:
            foresight = Foresight(taken)
            foresight.look_ahead([Local(number=1), Local(number=2)])
            foresight.look_ahead([Local(number=3)])
        assert made == [1]

    def test_may_have_remote_outputs(self, config, tmp_path, far):
        config.set('TaskOnKart', 'workspace_directory', str(tmp_path))

        class Elsewhere(gokart.TaskOnKart):
            number = luigi.IntParameter()

            def output(self):
                return make_target(f'far://bucket/{self.number}.pkl')

        tasks = [Elsewhere(number=number) for number in range(10)]
        with snapshot() as taken:
            Foresight(taken).look_ahead(tasks)
            assert not any(task.complete() for task in tasks)
        assert far.kinds() == {'list': 1}
