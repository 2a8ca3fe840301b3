"""Inputs are compared with outputs as exactly as their storages know when they were written."""

from __future__ import annotations

import os
import time
from datetime import datetime, timedelta, timezone

import luigi
import pytest

import gokart
from gokart.modification_times import modified_in_order
from gokart.storage.registry import storage_for
from gokart.target import make_target

NOON = datetime(2026, 1, 1, 12, tzinfo=timezone.utc)


class Written(luigi.Target):
    """A target of the user's that knows when it was written."""

    def __init__(self, path, modified):
        self.path = path
        self.modified = modified

    def exists(self):
        return True

    def last_modification_time(self):
        return self.modified


def remote(far, name, seconds):
    """A remote object that was written at noon and some seconds."""
    target = make_target(f'far://bucket/{name}.pkl')
    far.appear(target.path())
    stat = far.stat
    modified = NOON + timedelta(seconds=seconds)

    def changed(path):
        found = stat(path)
        return type(found)(path, found.size_bytes, modified, found.version) if path == target.path() else found

    far.stat = changed
    return target


def local(tmp_path, name, seconds):
    """A local file that was written at noon and some seconds."""
    target = make_target(os.fspath(tmp_path / f'{name}.pkl'))
    target.dump(name)
    os.utime(target.path(), (NOON.timestamp() + seconds,) * 2)
    return target


@pytest.mark.parametrize(
    ('input_seconds', 'output_seconds', 'in_order'),
    [(0, 0, True), (0.4, 0, True), (0, 0.4, True), (0.999, 0, True), (1, 0, False), (1.5, 0, False), (1, 0.4, False)],
)
def test_an_output_whose_time_is_known_to_the_second_is_as_new_as_its_second(
    input_seconds, output_seconds, in_order, far, tmp_path
):
    def written(name, seconds):
        return remote(far, name, seconds) if seconds == int(seconds) else local(tmp_path, name, seconds)

    assert modified_in_order([written('in', input_seconds)], [written('out', output_seconds)]) is in_order


@pytest.mark.parametrize(('input_seconds', 'in_order'), [(0.4, True), (0.5, True), (0.500001, False), (1.2, False)])
def test_exact_times_are_compared_exactly(input_seconds, in_order, far):
    inputs, outputs = remote(far, 'in', input_seconds), remote(far, 'out', 0.5)
    assert modified_in_order([inputs], [outputs]) is in_order


def test_a_local_file_of_a_whole_second_is_exact(tmp_path):
    assert modified_in_order([local(tmp_path, 'in', 1)], [local(tmp_path, 'out', 0.5)]) is False


def test_the_oldest_of_each_kind_of_output_counts(far, tmp_path):
    outputs = [remote(far, 'far', 2), local(tmp_path, 'near', 2.6)]
    assert modified_in_order([local(tmp_path, 'in', 2.6)], outputs) is True
    assert modified_in_order([local(tmp_path, 'in', 2.7)], outputs) is False
    assert modified_in_order([local(tmp_path, 'in', 2.5), remote(far, 'newer', 3)], outputs) is False


def test_targets_of_the_users_are_asked(far):
    assert modified_in_order([Written('in', NOON)], [remote(far, 'out', 0)])
    assert not modified_in_order([Written('in', NOON + timedelta(seconds=2))], [remote(far, 'out', 0)])


def test_each_target_takes_one_request_and_they_go_side_by_side(far):
    inputs = [make_target(f'far://bucket/{number}.pkl') for number in range(30)]
    for target in inputs:
        target.dump('x')
    output = make_target('far://bucket/out.pkl')
    output.dump('x')
    far.requests.clear()
    far.seconds = 0.02
    assert modified_in_order(inputs, [output, inputs[0]])
    assert far.kinds() == {'stat': 30}
    assert far.most_at_once['stat'] > 1


class Raw(gokart.TaskOnKart):
    def run(self):
        self.dump('raw')


class Refined(gokart.TaskOnKart):
    modification_time_check = True
    source = luigi.Parameter(significant=False)

    def requires(self):
        return Raw(workspace_directory=self.source)

    def run(self):
        self.dump('refined')


@pytest.mark.parametrize('scheme', ['s3', 'gcs'])
class TestAcrossStorages:
    @pytest.fixture(params=['local to remote', 'remote to local'])
    def task(self, request, scheme, tmp_path):
        here, there = str(tmp_path / 'workspace'), request.getfixturevalue(f'{scheme}_url')
        if request.param == 'remote to local':
            here, there = there, here
        return Refined(source=here, workspace_directory=there)

    def test_a_task_that_was_just_built_is_complete(self, task):
        gokart.build(task)
        assert task.complete()

    def test_a_newer_input_is_noticed(self, task):
        gokart.build(task)
        target = task.input()
        time.sleep(1.1)
        target.dump('newer')
        assert not task.complete()

    def test_the_storage_knows_both(self, task):
        gokart.build(task)
        for target in (task.input(), task.output()):
            assert storage_for(target.path()).stat(target.path()).modified.tzinfo is timezone.utc
