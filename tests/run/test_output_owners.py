"""Two classes of one graph that would write one path are an error before either of them runs."""

from __future__ import annotations

import luigi
import pytest

import gokart
from gokart.errors import GokartBuildError


def leaf(module, namespace, path='shared.txt'):
    """A class `Leaf` that pretends to be defined in `module`."""

    class Leaf(gokart.TaskOnKart):
        task_namespace = namespace
        ran = False

        def output(self):
            return self.make_target(path)

        def run(self):
            type(self).ran = True
            self.dump(module)

    Leaf.__module__, Leaf.__qualname__ = module, 'Leaf'
    return Leaf


class Both(gokart.TaskOnKart):
    tasks = gokart.ListTaskInstanceParameter()

    def run(self):
        self.dump(self.load())


def test_both_classes_and_the_path_are_named():
    first, second = leaf('one', 'a'), leaf('two', 'b')
    with pytest.raises(
        GokartBuildError, match=r'one\.Leaf and two\.Leaf would both write \./resources/shared_\w+\.txt'
    ):
        gokart.build(Both(tasks=[first(), second()]))
    assert not first.ran
    assert not second.ran


def test_classes_that_one_function_defines_are_told_apart_by_their_namespaces():
    first, second = leaf('one', 'a'), leaf('one', 'b')
    with pytest.raises(GokartBuildError, match=r'one\.Leaf \(a\.Leaf\) and one\.Leaf \(b\.Leaf\) would both write'):
        gokart.build(Both(tasks=[first(), second()]))


def test_two_classes_that_are_one_task_for_luigi_are_named():
    first, second = leaf('one', 'a', 'first.txt'), leaf('two', 'a', 'second.txt')
    with pytest.raises(GokartBuildError, match=r'one\.Leaf and two\.Leaf are one task for Luigi'):
        gokart.build(Both(tasks=[first(), second()]))


def test_a_class_that_is_defined_anew_is_the_same():
    first, second = leaf('one', 'a'), leaf('one', 'a')
    assert gokart.build(Both(tasks=[first(), second()])) == {'tasks': [['one'], ['one']]}


def test_a_task_may_hand_on_the_file_of_its_requirement():
    class Alias(gokart.TaskOnKart):
        name = luigi.Parameter()
        original = gokart.TaskInstanceParameter()

        def output(self):
            return self.original.output()

    original = leaf('one', 'a')()
    aliases = [Alias(name=name, original=original) for name in 'ab']
    assert gokart.build(Both(tasks=aliases)) == {'tasks': [['one'], ['one']]}
