"""A user's own target: which hooks are called, and what comes for free."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import luigi
import pytest

from gokart.target import TargetOnKart


class Kept(TargetOnKart):
    """Keeps the object itself, the way users subclass."""

    def __init__(self, time: datetime | None = None) -> None:
        self.objects: list[Any] = []
        self.calls: list[Any] = []
        self.time = time

    def _exists(self) -> bool:
        return bool(self.objects)

    def _get_task_lock_params(self) -> Any:
        return None

    def _load(self) -> Any:
        return self.objects[-1]

    def _dump(self, **kwargs: Any) -> None:
        self.calls.append(kwargs)
        self.objects.append(kwargs['obj'])

    def _remove(self) -> None:
        self.calls.append('remove')
        self.objects.clear()

    def _last_modification_time(self) -> datetime:
        if self.time is None:
            raise FileNotFoundError(self._path())
        return self.time

    def _path(self) -> str:
        return 'kept'


def test_it_is_a_target_of_luigi() -> None:
    assert isinstance(Kept(), luigi.Target)


def test_a_target_without_the_hooks_cannot_be_made() -> None:
    with pytest.raises(TypeError, match='_dump'):
        TargetOnKart()  # type: ignore[abstract]


def test_dump_hands_everything_on_by_name() -> None:
    target = Kept()
    target.dump(1, lock_at_dump=False, task_params={'a': 'b'}, custom_labels={'c': 'd'}, required_task_outputs=['e'])
    assert target.calls == [
        {'obj': 1, 'task_params': {'a': 'b'}, 'custom_labels': {'c': 'd'}, 'required_task_outputs': ['e']}
    ]
    assert target.exists()
    assert target.load() == 1


def test_remove_is_called_only_for_what_exists() -> None:
    target = Kept()
    target.remove()
    target.dump(1)
    target.remove()
    target.remove()
    assert target.calls[1:] == ['remove']


def test_a_naive_time_is_local_time() -> None:
    naive = datetime(2020, 1, 2, 3, 4, 5)
    time = Kept(naive).last_modification_time()
    assert time.utcoffset() == timedelta(0)
    assert time == naive.astimezone()


def test_an_aware_time_is_told_in_utc() -> None:
    aware = datetime(2020, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=9)))
    time = Kept(aware).last_modification_time()
    assert time == aware
    assert time.tzinfo == timezone.utc


def test_the_version_follows_the_time() -> None:
    target = Kept(datetime(2020, 1, 1))
    before = target.version()
    target.time = datetime(2020, 1, 1, microsecond=1)
    assert None not in (before, target.version())
    assert before != target.version()


def test_there_is_no_version_without_an_object() -> None:
    assert Kept().version() is None


def test_it_shows_its_path() -> None:
    assert str(Kept()) == 'kept'
    assert repr(Kept()) == "Kept('kept')"


def test_lock_parameters_are_optional() -> None:
    class Unlocked(Kept):
        _get_task_lock_params = TargetOnKart._get_task_lock_params

    assert Unlocked()._get_task_lock_params() is None
