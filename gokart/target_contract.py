"""The contract of a target: one stored object, which exists or not."""

from __future__ import annotations

from abc import abstractmethod
from datetime import datetime, timezone
from typing import Any

import luigi

from gokart import target_locks
from gokart.overlay import current_overlay


class TargetOnKart(luigi.Target):
    """One stored object: it exists or not, and can be loaded, dumped and removed.

    Subclasses say how, in `_exists`, `_load`, `_dump`, `_remove`, `_last_modification_time` and `_path`.
    """

    def exists(self) -> bool:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Whether there is a complete object."""
        overlay = current_overlay()
        return self._placed()._exists() if overlay is None else self.path() in overlay.objects

    def load(self) -> Any:
        """Return the stored object.

        Raises:
            FileNotFoundError: there is none.
            BrokenFileError: what is stored cannot be read.
        """
        overlay = current_overlay()
        if overlay is not None:
            return overlay.load(self.path())
        locks = self._lock_wrappers()
        return locks.wrap_load_with_lock(func=self._placed()._load, task_lock_params=self._get_task_lock_params())()

    def dump(
        self,
        obj: Any,
        lock_at_dump: bool = True,
        task_params: dict[str, str] | None = None,
        custom_labels: dict[str, str] | None = None,
        required_task_outputs: Any = None,
    ) -> None:
        """Store `obj` in place of what is there; if that fails, what was there stays.

        Args:
            obj: the object.
            lock_at_dump: False if no lock is to be taken: the caller holds one that covers this target.
            task_params: parameters of the task, for storages that label their objects.
            custom_labels: further labels, which win over `task_params`.
            required_task_outputs: where the inputs of the task are, in the structure of ``requires()``.
        """
        overlay = current_overlay()
        if overlay is not None:
            overlay.dump(self.path(), obj)
            return
        dump = self._placed()._dump
        if lock_at_dump:
            locks = self._lock_wrappers()
            dump = locks.wrap_dump_with_lock(
                func=dump, task_lock_params=self._get_task_lock_params(), exist_check=_never
            )
        dump(
            obj=obj,
            task_params=task_params,
            custom_labels=custom_labels,
            required_task_outputs=required_task_outputs,
        )

    def remove(self) -> None:
        """Remove the object; does nothing if there is none."""
        overlay = current_overlay()
        if overlay is not None:
            overlay.remove(self.path())
        elif self.exists():
            locks = self._lock_wrappers()
            locks.wrap_remove_with_lock(func=self._placed()._remove, task_lock_params=self._get_task_lock_params())()

    def last_modification_time(self) -> datetime:
        """Return when the object was written: aware, in UTC.

        Raises:
            FileNotFoundError: there is no object.
        """
        overlay = current_overlay()
        if overlay is None:
            found = self._placed()._last_modification_time()
        else:
            found = overlay.last_modification_time(self.path())
        return found.astimezone(timezone.utc)

    def path(self) -> str:
        """Return the path or URL of the object."""
        return self._path()

    def version(self) -> str | None:
        """Return an opaque mark of the state of the object, which each dump changes; None if there is no object."""
        return self._placed()._version() if current_overlay() is None else TargetOnKart._version(self)

    def may_be_in_memory(self) -> bool:
        """Whether a build may keep the object in memory instead, as nothing but this class knows where it is."""
        return False

    def _placed(self) -> TargetOnKart:
        """Return the target of the place where the object is: this one, or one in the memory of the build."""
        return self

    def __str__(self) -> str:
        return self.path()

    def __repr__(self) -> str:
        return f'{type(self).__name__}({self.path()!r})'

    @abstractmethod
    def _exists(self) -> bool: ...

    @abstractmethod
    def _load(self) -> Any: ...

    @abstractmethod
    def _dump(
        self,
        obj: Any,
        task_params: dict[str, str] | None = None,
        custom_labels: dict[str, str] | None = None,
        required_task_outputs: Any = None,
    ) -> None: ...

    @abstractmethod
    def _remove(self) -> None: ...

    @abstractmethod
    def _last_modification_time(self) -> datetime: ...

    @abstractmethod
    def _path(self) -> str: ...

    def _get_task_lock_params(self) -> Any:
        return None

    def _lock_wrappers(self) -> Any:
        return target_locks

    def _version(self) -> str | None:
        try:
            return str(self.last_modification_time())
        except FileNotFoundError:
            return None


def _never() -> bool:
    # Earlier versions keep what is there; whether there is anything to be done is a question to the task.
    return False


def target_path(target: Any) -> str:
    """Return the path of a target of ours or of Luigi's; its text form if it has none."""
    path = getattr(target, 'path', target)
    return str(path() if callable(path) else path)
