"""The interpreter does not end before the steps that threads of polars have begun."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gokart.file_processor.steps import awaited

TESTS = Path(__file__).parent.parent


def run(code):
    command = [sys.executable, '-W', 'ignore', '-c', code]
    return subprocess.run(command, cwd=TESTS, capture_output=True, text=True, timeout=60)


def test_items_come_as_they_are():
    assert list(awaited(iter([1, 2, 3]))) == [1, 2, 3]


def test_dropping_the_items_closes_their_source():
    def count():
        try:
            yield from range(10)
        finally:
            closed.append(True)

    closed = []
    items = awaited(count())
    assert next(items) == 0
    del items
    assert closed == [True]


def test_step_that_has_begun_is_ended():
    done = run("""
import _thread, time
import pytest

from gokart.file_processor.steps import awaited

def items():
    begun.release()
    time.sleep(0.3)
    print('ended', flush=True)
    yield

begun = _thread.allocate_lock()
begun.acquire()
_thread.start_new_thread(next, (awaited(items()),))
begun.acquire()
""")
    assert (done.returncode, done.stdout) == (0, 'ended\n')


def test_process_may_end_while_polars_still_fetches():
    """A slice needs no rows of the last portions, which polars fetches ahead nevertheless."""
    done = run("""
import io, time
import polars as pl
from support.ranges import CountingSource
from gokart.file_processor import make_file_processor

class SlowSource(CountingSource):
    def download(self, start, stop):
        answer = super().download(start, stop)
        readinto = answer.readinto
        answer.readinto = lambda buffer: time.sleep(0.1) or readinto(buffer)
        return answer

file = io.BytesIO()
pl.DataFrame({'a': range(1_000_000)}).write_parquet(file, row_group_size=50_000, compression='uncompressed')
frame = make_file_processor('x.parquet', dataframe_type='polars-lazy').load(SlowSource(file.getvalue()).open())
print(frame.slice(200_000, 2).collect().to_dict(as_series=False))
""")
    assert (done.returncode, done.stdout) == (0, "{'a': [200000, 200001]}\n"), done.stderr


@pytest.mark.skipif(not hasattr(os, 'fork'), reason='no fork there')
def test_forked_child_does_not_wait_for_the_steps_of_its_parent():
    done = run("""
import _thread, os, sys, time
import pytest

from gokart.file_processor.steps import awaited

def items():
    begun.release()
    time.sleep(10)
    yield

begun = _thread.allocate_lock()
begun.acquire()
_thread.start_new_thread(next, (awaited(items()),))
begun.acquire()
start = time.monotonic()
if os.fork() == 0:
    sys.exit()
os.wait()
print(time.monotonic() - start < 5, flush=True)
os._exit(0)
""")
    assert done.stdout == 'True\n', done.stderr
