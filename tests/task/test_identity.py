"""The unique id depends on what made the result, and on nothing else."""

from __future__ import annotations

import hashlib
import pickle
import subprocess
import sys
from collections import Counter

import luigi
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gokart
from gokart.errors import CyclicRequirementError, TaskDefinitionError
from gokart.identity import identified


class Leaf(gokart.TaskOnKart):
    number = luigi.IntParameter(default=1)
    noise = luigi.Parameter(default='', significant=False)


class Plain(luigi.Task):
    value = luigi.IntParameter(default=0)


class Requiring(gokart.TaskOnKart):
    """Requires what it is given, in any shape."""

    structure: object = None

    def __init__(self, structure, **kwargs):
        super().__init__(**kwargs)
        self.structure = structure

    def requires(self):
        return self.structure() if callable(self.structure) else self.structure


def requiring(structure):
    """A task past the instance cache, which knows no structures."""
    return type.__call__(Requiring, structure)


def md5(parts):
    return hashlib.md5(str(parts).encode()).hexdigest()


class TestFormula:
    def test_parameters_and_name_make_the_id_of_a_leaf(self):
        assert Leaf(number=5).make_unique_id() == md5([{'number': '5'}, 'Leaf'])

    def test_ids_of_requirements_come_first(self):
        leaf = Leaf()
        assert requiring([leaf]).make_unique_id() == md5([leaf.make_unique_id(), {}, 'Requiring'])

    def test_a_plain_luigi_requirement_joins_with_its_parameters(self):
        assert requiring(Plain(value=3)).make_unique_id() == md5([{'value': '3'}, {}, 'Requiring'])

    def test_an_insignificant_requirement_does_not_join(self):
        assert requiring([Leaf(significant=False)]).make_unique_id() == md5([{}, 'Requiring'])

    @settings(derandomize=True, max_examples=30, deadline=None)
    @given(st.dictionaries(st.text(max_size=5), st.lists(st.integers(0, 3), max_size=4), max_size=4))
    def test_structure_is_flattened_in_order(self, numbers):
        structure = {key: tuple(Leaf(number=number) for number in values) for key, values in numbers.items()}
        ids = [Leaf(number=number).make_unique_id() for values in numbers.values() for number in values]
        assert requiring(structure).make_unique_id() == md5([*ids, {}, 'Requiring'])


class TestStability:
    def test_insignificant_parameters_change_nothing(self):
        assert Leaf(noise='x', workspace_directory='/w', rerun=True).make_unique_id() == Leaf().make_unique_id()

    def test_equal_numbers_of_other_types_do_not_share_an_instance(self):
        """1 == True == 1.0, but their serialized forms differ."""

        class Any(gokart.TaskOnKart):
            value = luigi.Parameter()

        with pytest.warns(UserWarning, match='not of type string'):
            ids = {Any(value=value).make_unique_id() for value in (1, 1.0, True)}
        assert len(ids) == 3

    def test_a_set_of_requirements_gives_one_id_for_every_hash_seed(self):
        program = (
            'import gokart, luigi\n'
            'class L(gokart.TaskOnKart):\n    n = luigi.Parameter()\n'
            'class R(gokart.TaskOnKart):\n    def requires(self): return {L(n=str(i)) for i in range(9)}\n'
            'print(R().make_unique_id())'
        )
        ids = {
            subprocess.run(
                [sys.executable, '-c', program],
                env={'PYTHONHASHSEED': seed},
                capture_output=True,
                text=True,
                check=True,
            ).stdout
            for seed in ('1', '2', '3')
        }
        assert len(ids) == 1

    def test_a_generator_of_requirements_counts_like_a_list(self):
        leaves = [Leaf(number=1), Leaf(number=2)]
        assert requiring(lambda: iter(leaves)).make_unique_id() == requiring(leaves).make_unique_id()

    def test_the_id_survives_pickling(self):
        task = pickle.loads(pickle.dumps(Leaf(number=4)))
        assert task.make_unique_id() == Leaf(number=4).make_unique_id()

    def test_the_id_is_computed_anew_where_it_is_not_cached(self):
        task = Leaf(cache_unique_id=False)
        task.make_unique_id()
        assert task.task_unique_id is None

    def test_an_overridden_method_is_asked(self):
        class Own(gokart.TaskOnKart):
            def make_unique_id(self):
                return 'own'

        assert requiring([Own()]).make_unique_id() == md5(['own', {}, 'Requiring'])


class TestSource:
    def test_source_of_own_members_joins_when_asked(self):
        class Coded(gokart.TaskOnKart):
            def run(self):
                self.dump('a')

            @staticmethod
            def helper():
                return 1

        source = (
            '            @staticmethod\n            def helper():\n                return 1\n'
            "            def run(self):\n                self.dump('a')\n"
        )
        task = Coded(serialized_task_definition_check=True)
        assert task.get_own_code() == source
        assert task.make_unique_id() == md5([{}, 'Coded', source])

    def test_missing_source_is_an_error_that_names_task_and_member(self):
        namespace = {'gokart': gokart}
        exec('class Dark(gokart.TaskOnKart):\n    def run(self): pass', namespace)
        with pytest.raises(TaskDefinitionError, match=r'Dark has serialized_task_definition_check=True.*run\(\)'):
            namespace['Dark'](serialized_task_definition_check=True).make_unique_id()


class TestScale:
    def test_a_chain_of_ten_thousand_tasks_has_an_id(self):
        class Chain(gokart.TaskOnKart):
            depth = luigi.IntParameter()

            def requires(self):
                return Chain(depth=self.depth - 1) if self.depth else []

        assert len(Chain(depth=10_000).make_unique_id()) == 32

    def test_each_task_of_a_hundred_diamonds_is_asked_once_for_its_requirements(self):
        asked = []

        class Diamond(gokart.TaskOnKart):
            layer = luigi.IntParameter()
            side = luigi.Parameter(default='left')

            def requires(self):
                asked.append(self)
                if not self.layer:
                    return []
                return [Diamond(layer=self.layer - 1, side=side) for side in ('left', 'right')]

        Diamond(layer=100).make_unique_id()
        assert len(asked) == 201


class TestBadRequirements:
    def test_an_item_that_is_no_task_is_named(self):
        with pytest.raises(TaskDefinitionError, match="type str: 'bad'"):
            requiring('bad').make_unique_id()

    def test_it_is_the_builtin_error_of_earlier_versions(self):
        with pytest.raises(ValueError, match='int'):
            requiring([Leaf(), 3]).make_unique_id()

    def test_a_cycle_is_an_error_that_shows_it(self):
        class Round(gokart.TaskOnKart):
            step = luigi.IntParameter(default=0)

            def requires(self):
                return Round(step=(self.step + 1) % 3)

        with pytest.raises(CyclicRequirementError, match=r'Round_0.* -> Round_1.* -> Round_2.* -> Round_0'):
            Round().make_unique_id()


class TestIdentified:
    """The walk that finds the ids of a graph on its way."""

    def test_it_yields_each_task_with_its_requirements_after_them(self):
        leaves = [Leaf(number=1), Leaf(number=2)]
        middle = requiring(leaves)
        assert list(identified(middle)) == [
            (leaves[0], []),
            (leaves[1], []),
            (middle, leaves),
        ]

    def test_the_ids_are_those_of_make_unique_id(self):
        root = requiring([requiring([Leaf(number=1)]), Leaf(number=2)])
        ids = [task.task_unique_id for task, _ in identified(root)]
        for task, _ in identified(root):
            task.task_unique_id = None
        assert [task.make_unique_id() for task, _ in identified(root)] == ids
        assert None not in ids

    def test_requires_is_asked_once(self):
        asked = Counter()

        class Asked(gokart.TaskOnKart):
            number = luigi.IntParameter()

            def requires(self):
                asked[self.number] += 1
                return [Asked(number=below) for below in range(self.number)]

        root = Asked(number=3)
        list(identified(root))
        root.make_unique_id()
        assert asked == {0: 1, 1: 1, 2: 1, 3: 1}

    def test_an_overridden_method_is_asked(self):
        class Own(gokart.TaskOnKart):
            def make_unique_id(self):
                return 'own'

        root = requiring([Own()])
        list(identified(root))
        assert root.task_unique_id == md5(['own', {}, 'Requiring'])

    def test_no_id_is_kept_where_none_is_cached(self):
        task = Leaf(cache_unique_id=False)
        list(identified(requiring([task])))
        assert task.task_unique_id is None

    def test_what_plain_tasks_require_is_met_too(self):
        class Plain(luigi.Task):
            def requires(self):
                return Leaf(number=5)

        assert [type(task).__name__ for task, _ in identified(requiring([Plain()]))] == ['Leaf', 'Plain', 'Requiring']
