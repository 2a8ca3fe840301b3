"""Remote inputs are fetched side by side, and come as if they had been loaded one after the other."""

from __future__ import annotations

import gc
import threading
import time
from typing import ClassVar

import luigi
import pytest

import gokart
from gokart.errors import BrokenFileError
from gokart.file_processor import FileProcessor
from gokart.loading import load_structure
from gokart.target import SingleFileTarget, make_target
from gokart.target_locks import make_task_lock_params


class Number(gokart.TaskOnKart):
    value = luigi.IntParameter()

    def run(self):
        self.dump(self.value)


class Sum(gokart.TaskOnKart):
    def requires(self):
        return [Number(value=value) for value in range(40)]


class Nested(gokart.TaskOnKart):
    def requires(self):
        return {'pair': (Number(value=1), Number(value=2)), 'one': Number(value=3), 'none': []}


class Decoding(FileProcessor):
    """Notes in which thread it reads."""

    threads: ClassVar[set[int]] = set()

    def format(self):
        return None

    def load(self, file):
        self.threads.add(threading.get_ident())
        return file.read()

    def dump(self, obj, file):
        file.write(obj)


@pytest.fixture(autouse=True)
def stored(far):
    """All inputs; each request takes 20 ms from now on."""
    for task in Sum().requires():
        task.run()
    far.requests.clear()
    far.most_at_once.clear()
    far.seconds = 0.02


def test_they_are_fetched_side_by_side_by_one_request_each(far):
    assert Sum().load() == list(range(40))
    assert far.kinds() == {'get': 40}
    assert 1 < far.most_at_once['get'] <= 11  # the one that is awaited and ten ahead


def test_no_thread_is_left(new_threads):
    Sum().load()
    assert new_threads() == []


def test_the_structure_is_that_of_the_requirements():
    assert Nested().load() == {'pair': [1, 2], 'one': 3, 'none': []}


def test_one_input_is_loaded_by_one_request(far):
    assert Nested().load('one') == 3
    assert far.kinds() == {'get': 1}


def test_an_input_that_is_required_twice_is_loaded_twice():
    class Twice(gokart.TaskOnKart):
        def requires(self):
            return [Number(value=1), Number(value=2), Number(value=1)]

    assert Twice().load() == [1, 2, 1]


def test_the_first_missing_input_in_order_is_the_error(far, new_threads):
    paths = [task.output().path() for task in Sum().requires()]
    far.vanish(paths[5])
    far.vanish(paths[30])
    with pytest.raises(FileNotFoundError) as caught:
        Sum().load()
    assert paths[5].removeprefix('far') in str(caught.value.filename)
    assert new_threads() == []


def test_a_broken_input_is_named_with_the_task(far):
    path = Number(value=7).output().path()
    far.appear(path, b'no pickle')
    with pytest.raises(BrokenFileError, match=r'Loaded by Sum'):
        Sum().load()


def test_they_are_decoded_in_the_thread_of_the_caller():
    targets = [make_target(f'far://bucket/{number}.txt', processor=Decoding()) for number in range(20)]
    for target in targets:
        target.dump('text')
    assert load_structure(Sum(), targets) == ['text'] * 20
    assert Decoding.threads == {threading.get_ident()}


def test_a_target_of_the_users_is_left_to_itself(far):
    class Remembering(SingleFileTarget):
        def load(self):
            return 'remembered'

    number = make_target('far://bucket/number.pkl')
    number.dump(1)
    far.requests.clear()
    own = Remembering(number._target, number._processor)
    assert load_structure(Sum(), [own, own, number]) == ['remembered', 'remembered', 1]
    assert far.kinds() == {'get': 1}


def test_a_locked_target_is_not_read_before_its_turn(far, redis_server):
    paths = [task.output().path() for task in Sum().requires()[:3]]
    locked = [
        make_target(path, task_lock_params=make_task_lock_params(path, None, '127.0.0.1', redis_server.port))
        for path in paths
    ]
    assert load_structure(Sum(), locked) == [0, 1, 2]
    assert far.most_at_once['get'] == 1


class TestLoadGenerator:
    def test_yields_in_order(self, far):
        assert list(Sum().load_generator()) == list(range(40))
        assert far.kinds() == {'get': 40}

    def test_fetches_a_small_window_only(self, far, new_threads):
        values = Sum().load_generator()
        assert next(values) == 0
        time.sleep(0.1)
        assert len(far.requests) <= 12
        values.close()
        assert new_threads() == []

    def test_may_be_dropped(self, new_threads):
        values = Sum().load_generator()
        next(values)
        del values
        gc.collect()
        assert new_threads() == []

    def test_leaves_what_its_caller_loads_meanwhile_alone(self, far):
        outer = Sum().load_generator()
        inner = Sum().load_generator()
        assert [next(outer), next(inner), next(outer), next(inner)] == [0, 0, 1, 1]
        assert Sum().load()[:3] == [0, 1, 2]
        assert [next(outer), next(inner)] == [2, 2]
        outer.close()
        assert next(inner) == 3
        inner.close()


def test_build_returns_several_outputs_by_one_request_each(far):
    class Many(gokart.TaskOnKart):
        def output(self):
            return {name: self.make_target(f'{name}.pkl') for name in 'abcdefgh'}

        def run(self):
            for name in self.output():
                self.dump(name, name)

    gokart.build(Many(), return_value=False)
    far.requests.clear()
    assert gokart.build(Many()) == {name: name for name in 'abcdefgh'}
    assert far.kinds() == {'list': 1, 'get': 8}
