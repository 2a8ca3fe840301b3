"""Tasks as parameters: the very task that was given, its text, and what is refused."""

from __future__ import annotations

import bz2
import json

import luigi
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gokart
from gokart.errors import ParameterTypeError, ParameterValueError
from gokart.parameter.task_text import serialize_task


class Twig(gokart.TaskOnKart):
    number = luigi.IntParameter(default=1)
    label = luigi.Parameter(default='x')
    noise = luigi.IntParameter(default=0, significant=False)


class SubTwig(Twig):
    pass


class Stone(gokart.TaskOnKart):
    pass


class PlainTask(luigi.Task):
    pass


class HoldsOne(gokart.TaskOnKart):
    task = gokart.TaskInstanceParameter()


class HoldsTwo(gokart.TaskOnKart):
    first = gokart.TaskInstanceParameter()
    second = gokart.TaskInstanceParameter()
    number = luigi.IntParameter()


class HoldsTwig(gokart.TaskOnKart):
    task = gokart.TaskInstanceParameter(expected_type=Twig)


class HoldsMany(gokart.TaskOnKart):
    tasks = gokart.ListTaskInstanceParameter(default=[])


class HoldsTwigs(gokart.TaskOnKart):
    tasks = gokart.ListTaskInstanceParameter(expected_elements_type=Twig)


class TestText:
    def test_it_is_the_one_of_the_contract(self):
        """Recorded with gokart 1.12.2: compressed JSON of the significant parameters, in hex."""

        class Recorded(gokart.TaskOnKart):
            number = luigi.IntParameter(default=1)

        Recorded.__name__ = 'Leaf'
        assert gokart.TaskInstanceParameter().serialize(Recorded()) == (
            '{"type": "Leaf", "params": "425a683931415926535948baca3b0000069980500020101203120a2000220680d040d0340361'
            '994cb234f0f17724538509048baca3b0"}'
        )

    def test_of_a_list_is_a_json_list_of_the_texts_of_its_tasks(self):
        text = gokart.ListTaskInstanceParameter().serialize([Twig(), Stone()])
        assert json.loads(text) == [serialize_task(Twig()), serialize_task(Stone())]

    @settings(derandomize=True, max_examples=25, deadline=None)
    @given(number=st.integers(), label=st.text())
    def test_parses_to_an_equal_task(self, number, label):
        parameter = gokart.TaskInstanceParameter()
        task = Twig(number=number, label=label)
        assert parameter.parse(parameter.serialize(task)) == task

    def test_of_nested_tasks_parses(self):
        task = HoldsOne(task=HoldsMany(tasks=[HoldsOne(task=Twig(number=3)), Stone()]))
        assert gokart.TaskInstanceParameter().parse(serialize_task(task)) == task

    def test_is_made_once_for_a_task(self, monkeypatch):
        """A task that many tasks share is not written out once for each of the paths that lead to it."""
        written: list[luigi.Task] = []
        original = Twig.to_str_params
        monkeypatch.setattr(Twig, 'to_str_params', lambda task, **kind: written.append(task) or original(task, **kind))
        shared = Twig(number=3)
        for level in range(20):
            shared_twice = HoldsMany(tasks=[shared, shared, HoldsOne(task=shared)], workspace_directory=f'/{level}')
            serialize_task(shared_twice)
        serializations = [task for task in written if task is shared]
        assert len(serializations) <= 3  # luigi's task id, ours, the text

    def test_that_occurs_often_is_parsed_once(self, monkeypatch):
        """The texts of this task hold that of the innermost one 2**20 times."""
        task = Twig(number=3)
        for number in range(20):
            task = HoldsTwo(first=task, second=task, number=number)
        text = serialize_task(task)
        decompressed: list[bytes] = []
        original = bz2.decompress
        monkeypatch.setattr(bz2, 'decompress', lambda data: decompressed.append(data) or original(data))
        assert gokart.TaskInstanceParameter().parse(text) == task
        assert len(decompressed) == 21

    def test_may_be_written_plainly(self):
        text = '{"type": "Twig", "params": {"number": 7, "label": "seven"}}'
        assert gokart.TaskInstanceParameter().parse(text) == Twig(number=7, label='seven')
        assert gokart.ListTaskInstanceParameter().parse(f'[{text}]') == [Twig(number=7, label='seven')]


class TestBrokenText:
    @pytest.mark.parametrize(
        ('text', 'reason'),
        [
            ('Twig', 'no JSON'),
            ('[]', "no JSON object with 'type' and 'params'"),
            ('{"type": "Twig"}', "no JSON object with 'type' and 'params'"),
            ('{"type": 3, "params": {}}', "'type' is no string"),
            ('{"type": "Twig", "params": 3}', "'params' is neither a string nor an object"),
            ('{"type": "Twig", "params": "zz"}', "'params' are damaged"),
            ('{"type": "Twig", "params": "425a68"}', "'params' are damaged"),
            ('{"type": "Twgi", "params": {}}', "no task class of the family 'Twgi'.*import.*'Twig'"),
            ('{"type": "Twig", "params": {"nmber": 1}}', "no parameter \\['nmber'\\]"),
            ('{"type": "Twig", "params": {"number": "one"}}', 'the task Twig cannot be made: ValueError.*one'),
            ('{"type": "Stone", "params": {}}', 'a task of .*Stone, not of .*Twig'),
        ],
    )
    def test_is_refused_with_parameter_reason_and_example(self, text, reason):
        with pytest.raises(ParameterValueError, match=rf"(?s)'task' \(TaskInstanceParameter\).*{reason}.*\"params\""):
            HoldsTwig.task.parse(text)

    @pytest.mark.parametrize('text', ['Twig', '{}', '3', '["Twig"]', '[3]'])
    def test_of_a_list_is_refused(self, text):
        with pytest.raises(ParameterValueError, match=r"'tasks' \(ListTaskInstanceParameter\).*Write a JSON list"):
            HoldsTwigs.tasks.parse(text)

    def test_of_a_private_parameter_is_not_shown(self):
        private = gokart.TaskInstanceParameter(visibility=luigi.parameter.ParameterVisibility.PRIVATE)
        with pytest.raises(ParameterValueError) as caught:
            private.parse('s3cret')
        assert 's3cret' not in str(caught.value)
        assert caught.value.__cause__ is None

    def test_is_abbreviated(self):
        with pytest.raises(ParameterValueError) as caught:
            HoldsTwig.task.parse('x' * 10_000)
        assert len(str(caught.value)) < 600


class TestFamilies:
    def test_of_two_places_are_named(self):
        class Twice(luigi.Task):
            pass

        first = Twice

        class Twice(luigi.Task):  # type: ignore[no-redef]
            __qualname__ = 'Elsewhere.Twice'

        assert first is not Twice
        with pytest.raises(ParameterValueError, match=r"(?s)several .*'Twice'.*Elsewhere\.Twice.*test_of_two_places"):
            gokart.TaskInstanceParameter().parse('{"type": "Twice", "params": {}}')

    def test_defined_again_in_the_same_place_mean_the_last_definition(self):
        """As in a notebook, where a cell runs again."""

        def define():
            class Again(luigi.Task):
                pass

            return Again

        define()
        last = define()
        assert type(gokart.TaskInstanceParameter().parse('{"type": "Again", "params": {}}')) is last


class TestValues:
    @pytest.mark.parametrize('task_class', [HoldsOne, HoldsTwig])
    @pytest.mark.parametrize('task', [Twig(), SubTwig()])
    def test_of_the_expected_type_are_taken(self, task_class, task):
        assert task_class(task=task).task is task

    @pytest.mark.parametrize(
        ('task_class', 'value', 'message'),
        [
            (HoldsTwig, Stone(), r'instance of .*Twig, but was given a task of .*Stone'),
            (HoldsTwig, None, r'instance of .*Twig, but was given an object of NoneType'),
            (HoldsOne, PlainTask(), r'instance of gokart\.TaskOnKart, but was given a task of .*PlainTask'),
            (HoldsOne, None, r'instance of gokart\.TaskOnKart'),
            (HoldsOne, 3, r'instance of .* given an object of int'),
            (HoldsOne, 'Twig', r"instance of .* given the string 'Twig'; a text becomes a task by parse\(\)"),
            (HoldsOne, Twig, r'instance of .* given the class .*Twig itself; call it'),
        ],
    )
    def test_of_another_type_are_a_type_error_that_names_the_parameter(self, task_class, value, message):
        with pytest.raises(ParameterTypeError, match=rf"'task' \(TaskInstanceParameter\) takes an {message}"):
            task_class(task=value)

    @pytest.mark.parametrize('value', [[Twig(), SubTwig()], (Twig(), SubTwig()), {Twig(): 1, SubTwig(): 2}.keys()])
    def test_of_lists_become_a_tuple(self, value):
        assert HoldsTwigs(tasks=value).tasks == (Twig(), SubTwig())

    def test_of_a_set_are_in_an_order_that_does_not_depend_on_hashes(self):
        tasks = {Twig(number=number) for number in range(20)}
        assert HoldsTwigs(tasks=tasks).tasks == tuple(sorted(tasks, key=serialize_task))

    @pytest.mark.parametrize(
        ('value', 'message'),
        [
            ([Twig(), Stone()], r"'tasks\[1\]'.*given a task of .*Stone"),
            ([[Twig()]], r"'tasks\[0\]'.*given an object of (list|tuple)"),
            (Twig(), r"'tasks'.*takes a list of tasks, but was given a task of .*Twig"),
            ('Twig', r"'tasks'.*takes a list of tasks, but was given the string"),
            (None, r"'tasks'.*takes a list of tasks, but was given an object of NoneType"),
            ({'a': Twig()}, r"'tasks'.*takes a list of tasks, but was given an object of dict"),
            (iter([Twig()]), r"'tasks'.*takes a list of tasks, but was given an object of list_iterator"),
        ],
    )
    def test_of_lists_of_something_else_are_a_type_error(self, value, message):
        with pytest.raises(ParameterTypeError, match=message):
            HoldsTwigs(tasks=value)

    @pytest.mark.parametrize('expected', ['Twig', 3, Twig(), [Twig]])
    def test_expected_type_must_be_a_class(self, expected):
        with pytest.raises(TypeError, match='expected_type must be a class'):
            gokart.TaskInstanceParameter(expected_type=expected)
        with pytest.raises(TypeError, match='expected_elements_type must be a class'):
            gokart.ListTaskInstanceParameter(expected_elements_type=expected)


class TestIdentity:
    def test_a_task_holds_the_very_task_that_it_was_given(self):
        tasks = [Twig(noise=number) for number in range(3)]
        assert [HoldsOne(task=task).task.noise for task in tasks] == [0, 1, 2]

    def test_a_task_holds_the_very_tasks_of_a_list(self):
        lists = [[Twig(noise=number), Stone()] for number in range(3)]
        assert [HoldsMany(tasks=tasks).tasks[0].noise for tasks in lists] == [0, 1, 2]

    def test_the_same_task_gives_the_same_instance(self):
        assert HoldsOne(task=Twig()) is HoldsOne(task=Twig())
        assert HoldsMany(tasks=[Twig()]) is HoldsMany(tasks=(Twig(),))

    def test_key_of_a_value_keeps_it_alive(self):
        """Else another object at the same address would be taken for it."""
        import gc
        import weakref

        class Thing:
            pass

        thing = Thing()
        key, alive = HoldsOne.task.cache_key(thing), weakref.ref(thing)
        del thing
        gc.collect()
        assert alive() is key.value


def test_default_of_a_list_may_be_a_list():
    class WithDefault(gokart.TaskOnKart):
        tasks = gokart.ListTaskInstanceParameter(default=[Twig()])

    assert WithDefault().tasks == (Twig(),)


def test_a_task_on_the_command_line():
    text = json.dumps({'type': 'Twig', 'params': {'number': 5}})
    with luigi.cmdline_parser.CmdlineParser.global_instance(['HoldsOne', '--task', text]) as parser:
        assert parser.get_task_obj().task == Twig(number=5)


def test_a_class_that_is_defined_once_more_is_still_the_expected_one():
    """As after a cell of a notebook ran again: tasks of both definitions are taken, whichever was there first."""

    def define():
        class Redefined(gokart.TaskOnKart):
            pass

        return Redefined

    before, after = define(), define()
    for expected, task_class in [(before, after), (after, before)]:

        class OfExpected(gokart.TaskOnKart):
            task = gokart.TaskInstanceParameter(expected_type=expected)
            tasks = gokart.ListTaskInstanceParameter(expected_elements_type=expected)

        task = OfExpected(task=task_class(), tasks=[task_class()])
        assert type(task.task) is task_class
        assert OfExpected.from_str_params(task.to_str_params()).task.make_unique_id() == task_class().make_unique_id()
