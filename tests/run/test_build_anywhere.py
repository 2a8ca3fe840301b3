"""A build works wherever it is called: in any thread, in a running event loop, inside of a task."""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from concurrent.futures import ThreadPoolExecutor

import luigi
import pytest

import gokart
from gokart.build import GokartBuildError, build

both = pytest.mark.parametrize('workers', [1, 2])


class Number(gokart.TaskOnKart):
    value = luigi.IntParameter(default=1)

    def run(self):
        self.dump(self.value)


class Sum(gokart.TaskOnKart):
    values = luigi.ListParameter()

    def requires(self):
        return [Number(value=value) for value in self.values]

    def run(self):
        time.sleep(0.02)
        self.dump(sum(self.load()))


@both
def test_in_a_thread(workers):
    with ThreadPoolExecutor(1) as executor:
        assert executor.submit(build, Number(value=3), workers=workers).result() == 3


@both
def test_in_several_threads_at_once(workers):
    with ThreadPoolExecutor(4) as executor:
        futures = [executor.submit(build, Sum(values=[n, n + 1]), workers=workers) for n in range(0, 12, 2)]
        assert [future.result() for future in futures] == [1, 5, 9, 13, 17, 21]


def test_in_a_running_event_loop():
    async def main():
        return build(Number(value=4)), await asyncio.to_thread(build, Number(value=5), workers=2)

    assert asyncio.run(main()) == (4, 5)


@pytest.mark.parametrize('inner', [1, 2])
@pytest.mark.parametrize('outer', [1, 2])
def test_inside_of_a_task(outer, inner):
    class Outer(gokart.TaskOnKart):
        def run(self):
            time.sleep(0.01)
            self.dump(build(Sum(values=[1, 2]), workers=inner))

    assert build(Outer(), workers=outer) == 3


@pytest.mark.parametrize('outer', [1, 2])
def test_error_of_an_inner_build_names_the_inner_task(outer):
    class Inner(gokart.TaskOnKart):
        def run(self):
            raise ValueError('deep inside')

    class Outer(gokart.TaskOnKart):
        def run(self):
            build(Inner())

    with pytest.raises(GokartBuildError) as caught:
        build(Outer(), workers=outer)
    assert 'ValueError: deep inside' in str(caught.value)
    inner_error = caught.value.__cause__
    assert isinstance(inner_error, GokartBuildError)
    assert str(inner_error.raised_exceptions[Inner().make_unique_id()][0]) == 'deep inside'


def _build_in_child(queue):
    queue.put(build(Sum(values=[2, 3])))


def test_in_a_process_of_the_users():
    context = multiprocessing.get_context('fork')
    queue = context.SimpleQueue()
    process = context.Process(target=_build_in_child, args=(queue,))
    process.start()
    assert queue.get() == 5
    process.join()
