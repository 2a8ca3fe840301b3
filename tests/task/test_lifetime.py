"""A task lives as long as somebody holds it, or a task that requires it."""

from __future__ import annotations

import gc
import pickle
import weakref

import luigi

import gokart


class Leaf(gokart.TaskOnKart):
    number = luigi.IntParameter()

    def run(self):
        self.dump(self.number)


class Root(gokart.TaskOnKart):
    def requires(self):
        return [Leaf(number=number) for number in range(3)]

    def run(self):
        self.dump(self.load())


def test_equal_tasks_are_one_instance():
    task = Leaf(number=1)
    assert Leaf(number=1) is task


def test_memory_does_not_grow_with_builds():
    tasks = [Root(), *Root().requires()]
    gokart.build(tasks[0], return_value=False)
    seen = [weakref.ref(task) for task in tasks]
    del tasks
    gc.collect()
    assert [task() for task in seen] == [None] * 4


def test_requirements_live_as_long_as_what_requires_them():
    root = Root()
    root.make_unique_id()
    leaf = weakref.ref(Leaf(number=0))
    gc.collect()
    assert leaf() is not None


def test_pickled_task_does_not_carry_its_requirements():
    root = Root()
    root.make_unique_id()
    assert b'Leaf' not in pickle.dumps(root)


def test_chain_of_tasks_that_is_dropped_does_not_recurse():
    class Link(gokart.TaskOnKart):
        number = luigi.IntParameter()

        def requires(self):
            return Link(number=self.number - 1) if self.number else []

    assert Link(number=20000).make_unique_id()
