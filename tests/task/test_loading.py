"""A task loads its inputs in the structure it asked for, and says clearly what it cannot load or dump."""

from __future__ import annotations

import luigi
import pandas as pd
import pytest

import gokart
from gokart.errors import BrokenFileError, EmptyDumpError, RequiredColumnError, TaskInputError, UnsupportedObjectError


class Leaf(gokart.TaskOnKart):
    number = luigi.IntParameter(default=1)

    def run(self):
        self.dump(self.number)


class Frame(gokart.TaskOnKart):
    rows = luigi.ListParameter(default=[1])

    def run(self):
        self.dump(pd.DataFrame({'a': list(self.rows), 'b': 'x'}))


class Requiring(gokart.TaskOnKart):
    structure: object = None

    def requires(self):
        return self.structure() if callable(self.structure) else self.structure


@pytest.fixture
def requiring():
    """A task that requires a structure of complete tasks."""

    def make(structure):
        task = Requiring()
        task.structure = structure
        for requirement in luigi.task.flatten(task.requires()):
            requirement.run()
        return task

    return make


@pytest.mark.parametrize(
    ('structure', 'loaded'),
    [
        (lambda: Leaf(), 1),
        (lambda: [Leaf(), Leaf(number=2)], [1, 2]),
        (lambda: (Leaf(), (Leaf(number=2),)), [1, [2]]),
        (lambda: {'a': Leaf(), 'b': {'c': [Leaf(number=2)]}}, {'a': 1, 'b': {'c': [2]}}),
        (lambda: iter([Leaf(), Leaf(number=2)]), [1, 2]),
        (lambda: [], []),
    ],
    ids=['task', 'list', 'tuple', 'dict', 'generator', 'nothing'],
)
def test_inputs_come_in_the_structure_of_requires(requiring, structure, loaded):
    assert requiring(structure).load() == loaded


def test_a_set_is_loaded_in_the_order_of_ids(requiring):
    leaves = sorted((Leaf(number=number) for number in range(5)), key=lambda leaf: leaf.make_unique_id())
    assert requiring(set(leaves)).load() == [leaf.number for leaf in leaves]


def test_a_key_loads_its_entry(requiring):
    assert requiring({'a': Leaf(), 'b': [Leaf(number=2)]}).load('b') == [2]


def test_a_target_is_loaded(requiring):
    task = requiring([Leaf()])
    assert task.load(Leaf().output()) == 1


def test_a_required_task_is_loaded(requiring):
    task = requiring({'a': [Leaf(), Leaf(number=2)]})
    assert task.load(Leaf(number=2)) == 2
    assert task.load([Leaf(number=2), Leaf()]) == [2, 1]


def test_the_generator_yields_the_loaded_values_of_a_dict(requiring):
    assert list(requiring({'a': Leaf(), 'b': [Leaf(number=2)]}).load_generator()) == [1, 2]


def test_the_generator_loads_one_at_a_time(requiring):
    task = requiring([Leaf(), Leaf(number=2)])
    values = task.load_generator()
    Leaf(number=2).output().remove()
    assert next(values) == 1
    with pytest.raises(FileNotFoundError):
        next(values)


class TestBadInput:
    def test_an_unknown_key_lists_the_keys(self, requiring):
        with pytest.raises(TaskInputError, match=r"Requiring.*no key 'z'; its keys are \['a'\]"):
            requiring({'a': Leaf()}).load('z')

    def test_it_is_the_builtin_error_of_earlier_versions(self, requiring):
        with pytest.raises(KeyError):
            requiring({'a': Leaf()}).load('z')

    def test_a_key_where_there_are_none_says_what_there_is(self, requiring):
        with pytest.raises(TaskInputError, match=r'requires\(\) must be a dict for that and is list'):
            requiring([Leaf()]).load('z')

    def test_a_task_that_is_not_required_is_named(self, requiring):
        with pytest.raises(AssertionError, match=r'Leaf\[.*\]\(number=9\) should be in requires method'):
            requiring([Leaf()]).load(Leaf(number=9))

    def test_anything_else_is_refused(self, requiring):
        with pytest.raises(TaskInputError, match='not 3 of type int'):
            requiring([Leaf()]).load(3)

    def test_a_broken_file_names_file_and_task(self, requiring):
        task = requiring([Leaf()])
        path = Leaf().output().path()
        with open(path, 'wb') as file:
            file.write(b'\x80')
        with pytest.raises(BrokenFileError) as caught:
            task.load()
        assert path in str(caught.value)
        assert 'Requiring[' in str(caught.value)


class TestFrames:
    def test_nested_lists_are_stacked(self, requiring):
        task = requiring([Frame(rows=[1]), [Frame(rows=[2, 3])]])
        assert task.load_data_frame()['a'].tolist() == [1, 2, 3]

    def test_a_dict_of_one_entry_stands_for_its_value(self, requiring):
        assert requiring({'only': [Frame(rows=[1]), Frame(rows=[2])]}).load_data_frame()['a'].tolist() == [1, 2]

    def test_a_dict_of_several_asks_for_a_key(self, requiring):
        with pytest.raises(UnsupportedObjectError, match=r"\['x', 'y'\].*Name one"):
            requiring({'x': Frame(), 'y': Frame(rows=[2])}).load_data_frame()

    def test_a_missing_column_is_named(self, requiring):
        with pytest.raises(RequiredColumnError, match=r"lacks the required columns \['c'\]"):
            requiring(Frame()).load_data_frame(required_columns={'a', 'c'})

    def test_other_columns_can_be_dropped(self, requiring):
        assert list(requiring(Frame()).load_data_frame(required_columns={'a'}, drop_columns=True)) == ['a']

    def test_an_empty_result_has_the_required_columns(self, requiring):
        frame = requiring([]).load_data_frame(required_columns={'b', 'a'})
        assert (list(frame), len(frame)) == (['a', 'b'], 0)

    def test_what_is_no_frame_is_named(self, requiring):
        with pytest.raises(UnsupportedObjectError, match='an input is a int'):
            requiring(Leaf()).load_data_frame()


class Several(gokart.TaskOnKart):
    def output(self):
        return {'a': self.make_target('a.pkl'), 'b': self.make_target('b.txt')}


class TestDump:
    def test_a_key_dumps_to_its_target(self):
        task = Several()
        task.dump(3, 'a')
        assert task.output()['a'].load() == 3

    def test_a_target_is_dumped_to(self):
        task = Several()
        task.dump(3, task.output()['a'])
        assert task.output()['a'].load() == 3

    def test_an_unknown_key_lists_the_keys(self):
        with pytest.raises(TaskInputError, match=r"no key 'c'; its keys are \['a', 'b'\]"):
            Several().dump(1, 'c')

    def test_several_targets_ask_for_one(self):
        with pytest.raises(TaskInputError, match=r"dump\(\) needs one target.*self.dump\(obj, 'a'\)"):
            Several().dump(1)

    def test_no_target_is_refused(self):
        class Nothing(gokart.TaskOnKart):
            def output(self):
                return []

        with pytest.raises(TaskInputError, match='no output to dump to'):
            Nothing().dump(1)

    def test_an_empty_frame_is_refused_when_asked(self):
        with pytest.raises(EmptyDumpError, match=r'Leaf.*empty DataFrame'):
            Leaf(fail_on_empty_dump=True).dump(pd.DataFrame({'a': []}))
        Leaf().dump(pd.DataFrame({'a': []}))

    def test_a_dump_opens_and_renames_once_and_walks_no_requirements(self, monkeypatch):
        class Small(gokart.TaskOnKart):
            def requires(self):
                calls.append('requires')
                return []

        calls: list[str] = []
        task = Small()
        Leaf().run()
        task.make_unique_id()
        calls.clear()
        import os

        original_open, original_replace = os.open, os.replace
        monkeypatch.setattr(os, 'open', lambda *a, **k: calls.append('open') or original_open(*a, **k))
        monkeypatch.setattr(os, 'replace', lambda *a, **k: calls.append('replace') or original_replace(*a, **k))
        task.dump(1)
        assert calls.count('replace') == 1
        assert 'requires' not in calls


class TestPaths:
    def test_the_default_output_is_named_after_module_class_and_id(self):
        task = Leaf()
        module = Leaf.__module__.replace('.', '/')
        assert task.output().path() == f'./resources/{module}/Leaf_{task.make_unique_id()}.pkl'

    def test_the_id_goes_before_the_extension(self):
        task = Leaf()
        assert task.make_target('d/x.tar.csv').path() == f'./resources/d/x.tar_{task.make_unique_id()}.csv'

    def test_the_id_can_be_left_out(self):
        assert Leaf().make_target('d/x.csv', use_unique_id=False).path() == './resources/d/x.csv'

    def test_a_model_must_be_a_zip(self):
        with pytest.raises(AssertionError, match=r'extension must be zip, but .*model\.pkl is passed'):
            Leaf().make_model_target('model.pkl', pd.to_pickle, pd.read_pickle)
