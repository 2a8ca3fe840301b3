"""With ``cache='memory'`` a build stores what it is there for, and hands on the rest with the same results."""

from __future__ import annotations

import pickle
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import ClassVar

import luigi
import pandas as pd
import pytest

import gokart
from gokart.build import GokartBuildError, build
from gokart.errors import ConfigError
from gokart.storage.registry import storage_for

ran: list[str] = []


@pytest.fixture(autouse=True)
def _nothing_ran():
    ran.clear()


@pytest.fixture(autouse=True)
def _nothing_is_left():
    before = list(storage_for('memory://').list('memory://'))
    yield
    assert list(storage_for('memory://').list('memory://')) == before


class Words(gokart.TaskOnKart):
    def run(self):
        ran.append('Words')
        self.dump(['a', ('b', 1)])


class Frame(gokart.TaskOnKart):
    def output(self):
        return {'csv': self.make_target('frame.csv'), 'text': self.make_target('frame.txt')}

    def run(self):
        ran.append('Frame')
        self.dump(pd.DataFrame({'a': ['01', '02']}, index=[5, 6]), 'csv')
        self.dump(['x', 7], 'text')


class Model(gokart.TaskOnKart):
    def output(self):
        return self.make_model_target('model.zip', lambda obj, path: Path(path).write_text(obj), lambda path: 'loaded')

    def run(self):
        self.dump('saved')


class Whole(gokart.TaskOnKart):
    def requires(self):
        return {'words': Words(), 'frame': Frame(), 'model': Model()}

    def run(self):
        ran.append('Whole')
        frames = self.load('frame')
        self.dump([self.load('words'), frames['csv'].to_dict(), frames['text'], self.load('model')])


def stored():
    return {path.name.partition('_')[0].partition('.')[0] for path in Path('resources').rglob('*') if path.is_file()
            and 'log' not in path.parts}  # fmt: skip


@pytest.mark.parametrize('executor', [None, 'threads'])
def test_result_is_the_same_and_the_root_alone_is_stored(executor, config):
    config.set('TaskOnKart', 'workspace_directory', 'elsewhere')
    expected = build(Whole())
    config.set('TaskOnKart', 'workspace_directory', 'resources')
    assert build(Whole(), cache='memory', executor=executor) == build(Whole()) == expected
    assert stored() == {'Whole'}


def test_each_body_runs_once():
    build(Whole(), cache='memory')
    assert sorted(ran) == ['Frame', 'Whole', 'Words']


@pytest.mark.parametrize('options', [{'workers': 2}, {'executor': 'processes'}])
def test_bodies_of_other_processes_store_everything(options):
    build(Whole(), cache='memory', **options)
    assert stored() == {'Whole', 'Words', 'frame', 'model'}


class Pickling(ThreadPoolExecutor):
    """Runs copies in this process, as Dask does with ``processes=False``; the next one might run anywhere."""

    def submit(self, function, /, *args, **kwargs):
        copied, args, kwargs = pickle.loads(pickle.dumps((function, args, kwargs)))
        return super().submit(copied, *args, **kwargs)


def test_bodies_that_travel_as_copies_store_everything_although_they_end_here():
    with Pickling(2) as executor:
        build(Whole(), cache='memory', executor=executor)
    assert stored() == {'Whole', 'Words', 'frame', 'model'}


def test_consumer_that_changes_what_it_loads_changes_nothing_for_the_next():
    class Source(gokart.TaskOnKart):
        def run(self):
            self.made = {'list': [1]}
            self.dump(self.made)
            self.made['list'].append('after the dump')

    class Changing(gokart.TaskOnKart):
        number = luigi.IntParameter()

        def requires(self):
            return Source()

        def run(self):
            loaded = self.load()
            seen = list(loaded['list'])
            loaded['list'].append(self.number)
            self.dump(seen)

    class Both(gokart.TaskOnKart):
        def requires(self):
            return [Changing(number=number) for number in (1, 2)]

        def run(self):
            self.dump(self.load())

    assert build(Both(), cache='memory') == [[1], [1]]


def test_what_a_body_yields_is_handed_on():
    class Top(gokart.TaskOnKart):
        def run(self):
            target = yield Words()
            self.dump(target.load())

    assert build(Top(), cache='memory') == ['a', ('b', 1)]
    assert stored() == {'Top'}


def test_root_without_output_stores_what_it_requires():
    class All(luigi.WrapperTask):
        def requires(self):
            return [Words(), Whole()]

    build(All(), cache='memory', return_value=False)
    assert stored() == {'Words', 'Whole'}


def test_what_is_no_output_is_stored():
    class Aside(gokart.TaskOnKart):
        def run(self):
            self.dump('x', self.make_target('aside.txt', use_unique_id=False))
            self.dump('y')

    class Top(gokart.TaskOnKart):
        def requires(self):
            return Aside()

        def run(self):
            self.dump(self.load())

    build(Top(), cache='memory')
    assert stored() == {'aside', 'Top'}


def test_what_replaces_a_stored_output_is_stored():
    class Old(gokart.TaskOnKart):
        def run(self):
            self.dump(len(ran))

    class Top(gokart.TaskOnKart):
        old = gokart.TaskInstanceParameter()

        def run(self):
            self.dump(self.load('old'))

    build(Old())
    ran.append('later')
    assert build(Top(old=Old(rerun=True)), cache='memory') == 1
    assert build(Old()) == 1


def test_task_with_a_lock_stores_its_output():
    class Top(gokart.TaskOnKart):
        def requires(self):
            return Words(lock='workspace')

        def run(self):
            self.dump(self.load())

    build(Top(), cache='memory')
    assert stored() == {'Words', 'Top'}


def test_class_says_what_is_done_with_its_outputs():
    class Kept(gokart.TaskOnKart):
        cache: ClassVar = 'memory'

        def run(self):
            self.dump('kept')

    class Stored(gokart.TaskOnKart):
        cache: ClassVar = 'disk'

        def run(self):
            self.dump('stored')

    class Top(gokart.TaskOnKart):
        number = luigi.IntParameter()

        def requires(self):
            return [Kept(), Stored(), Words()]

        def run(self):
            self.dump(self.load())

    build(Top(number=1))
    assert stored() == {'Stored', 'Words', 'Top'}
    assert build(Kept()) == 'kept'
    assert 'Kept' in stored()


def test_parameter_of_the_user_may_be_called_cache():
    class Own(gokart.TaskOnKart):
        cache = luigi.Parameter(default='memory')

        def run(self):
            self.dump(self.cache)

    class Top(gokart.TaskOnKart):
        def requires(self):
            return Own()

        def run(self):
            self.dump(self.load())

    assert build(Top()) == 'memory'
    assert stored() == {'Own', 'Top'}


def test_build_in_a_body_shares_the_memory_and_stores_its_own_root():
    class Inner(gokart.TaskOnKart):
        def requires(self):
            return Words()

        def run(self):
            self.dump(self.load())

    class Outer(gokart.TaskOnKart):
        def requires(self):
            return Words()

        def run(self):
            self.dump(build(Inner()))

    assert build(Outer(), cache='memory') == ['a', ('b', 1)]
    assert ran == ['Words']
    assert stored() == {'Inner', 'Outer'}


def test_failed_build_leaves_nothing_and_the_next_one_makes_it_anew():
    class Failing(gokart.TaskOnKart):
        def requires(self):
            return Words()

        def run(self):
            raise ValueError('trouble')

    for _ in range(2):
        with pytest.raises(GokartBuildError, match='trouble'):
            build(Failing(), cache='memory', log_level=50)
    assert ran == ['Words', 'Words']
    assert stored() == set()


def test_thread_that_outlives_its_build_stores_what_it_dumps():
    gate, done = threading.Event(), threading.Event()

    class Late(gokart.TaskOnKart):
        worker_timeout = 1

        def run(self):
            gate.wait(20)
            self.dump('late')
            done.set()

    class Top(gokart.TaskOnKart):
        def requires(self):
            return Late()

    with pytest.raises(GokartBuildError, match='took longer'):
        build(Top(), cache='memory', executor='threads', log_level=50)
    gate.set()
    assert done.wait(20)
    assert stored() == {'Late'}


def test_inputs_in_order_of_time_are_seen_in_memory():
    class Checked(gokart.TaskOnKart):
        def requires(self):
            return Words()

        def run(self):
            self.dump(self.load())

    class Top(gokart.TaskOnKart):
        def requires(self):
            return Checked(modification_time_check=True)

        def run(self):
            self.dump(self.load())

    assert build(Top(), cache='memory') == ['a', ('b', 1)]


def test_other_caches_are_an_error():
    with pytest.raises(ConfigError, match=r"cache is 'ram'. It must be 'memory' or 'disk'"):
        build(Words(), cache='ram')
