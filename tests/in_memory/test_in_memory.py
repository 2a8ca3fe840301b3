"""Objects that stay in the memory of the process."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from types import SimpleNamespace

import pytest

import gokart
from gokart.in_memory import InMemoryCacheRepository, InMemoryTarget, make_in_memory_target


@pytest.fixture(autouse=True)
def _empty():
    InMemoryCacheRepository().clear()
    yield
    InMemoryCacheRepository().clear()


def test_all_repositories_share_their_objects():
    obj = object()
    InMemoryCacheRepository().set_value('key', obj)
    repository = InMemoryCacheRepository()
    assert repository.get_value('key') is obj
    assert repository.has('key')
    assert not repository.empty()
    assert (repository.size, list(repository.get_gen())) == (1, [('key', obj)])


def test_clear_forgets_all():
    repository = InMemoryCacheRepository()
    repository.set_value('key', 1)
    repository.clear()
    assert repository.empty()
    assert not repository.has('key')


def test_objects_may_be_kept_while_going_through():
    repository = InMemoryCacheRepository()
    repository.set_value('key', 1)
    for key, value in repository.get_gen():
        repository.set_value(f'{key} again', value)
    assert repository.size == 2


@pytest.mark.parametrize('verb', ['get_value', 'remove', 'get_last_modification_time'])
@pytest.mark.parametrize('builtin', [KeyError, AssertionError])
def test_a_missing_key_is_named(verb, builtin):
    with pytest.raises(builtin, match='missing'):
        getattr(InMemoryCacheRepository(), verb)('missing')


def test_a_target_keeps_and_forgets():
    target = make_in_memory_target('key')
    assert isinstance(target, InMemoryTarget)
    assert not target.exists()
    target.dump({'a': 1})
    assert (target.exists(), target.load(), target.path(), str(target)) == (True, {'a': 1}, 'key', 'key')
    target.remove()
    target.remove()
    assert not target.exists()


def test_a_target_tells_its_time_in_utc():
    target = make_in_memory_target('key')
    target.dump(1)
    modified = target.last_modification_time()
    assert modified.utcoffset() == timedelta(0)
    assert abs(modified - datetime.now(timezone.utc)) < timedelta(minutes=1)


def test_each_dump_is_a_new_version():
    target = make_in_memory_target('key')
    versions = [target.version()]
    for _ in range(3):
        target.dump('same')
        versions.append(target.version())
    assert len(set(versions)) == 4


@pytest.mark.parametrize('builtin', [ValueError, FileNotFoundError])
def test_what_is_not_kept_has_no_time(builtin):
    with pytest.raises(builtin, match='key'):
        make_in_memory_target('key').last_modification_time()


def test_a_lock_is_refused():
    with pytest.raises(ValueError, match='Redis with `InMemoryTarget` is not currently supported'):
        make_in_memory_target('key', SimpleNamespace(should_task_lock=True))


class Kept(gokart.TaskOnKart):
    def output(self):
        return make_in_memory_target('kept')

    def run(self):
        self.dump([1, 2])


def test_a_task_may_keep_its_output_in_memory():
    assert gokart.build(Kept()) == [1, 2]
    assert gokart.build(Kept(rerun=True)) == [1, 2]
