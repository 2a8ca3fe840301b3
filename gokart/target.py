"""The targets of files: a single file, an archive of what a function saved, and the functions that make them."""

from __future__ import annotations

import contextlib
import copy
import hashlib
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from luigi.format import Nop
from luigi.target import FileSystemTarget

from gokart.archive import pack, unpack
from gokart.broken_files import broken_file, may_come_from_content
from gokart.build_memory import place_in_memory
from gokart.errors import UnknownFormatError, UnsupportedObjectError
from gokart.file_processor import FileProcessor, make_file_processor
from gokart.file_processor.small import small_content
from gokart.large_frame import LargeDataFrameProcessor
from gokart.locks.holding import publishing
from gokart.model_files import load_model, save_model
from gokart.object_labels import is_log_file, make_labels
from gokart.storage.local_file import LocalFile
from gokart.storage.scratch import scratch_directory
from gokart.stored_archive import ZipClient, make_zip_client
from gokart.stored_file import StoredFile, file_target, has_stat, label_limit_bytes, stat_of
from gokart.target_contract import TargetOnKart
from gokart.target_locks import TaskLockParams, make_task_lock_params
from gokart.target_locks import wrap_dump_with_lock as wrap_dump_with_lock
from gokart.target_locks import wrap_load_with_lock as wrap_load_with_lock
from gokart.target_locks import wrap_remove_with_lock as wrap_remove_with_lock

__all__ = [
    'LargeDataFrameProcessor',
    'ModelTarget',
    'SingleFileTarget',
    'TargetOnKart',
    'make_model_target',
    'make_target',
]

_dumps_without_stat: Counter[str] = Counter()
"""Dumps of this process by path, for targets of Luigi's that cannot tell when they were written (`MockTarget`)."""


class _FileTarget(TargetOnKart):
    """An object in one file, which is a target of Luigi's."""

    def __init__(self, target: FileSystemTarget, task_lock_params: TaskLockParams | None) -> None:
        self._target: Any = target  # Luigi's targets are untyped
        self._task_lock_params = task_lock_params or make_task_lock_params(self._path(), None)

    def keeps_labels(self) -> bool:
        """Whether the labels that are given to `dump` are stored."""
        return self._label_limit_bytes() > 0

    def may_be_in_memory(self) -> bool:
        """Whether it is a file of ours, which no lock protects, in a format of ours or of a file processor."""
        is_ours = type(self) in (SingleFileTarget, ModelTarget) and isinstance(self._target, LocalFile | StoredFile)
        return is_ours and not self._task_lock_params.should_task_lock

    def _placed(self) -> TargetOnKart:
        place = place_in_memory(self._path())
        if place is None:
            return self
        placed = copy.copy(self)
        placed._target = StoredFile(place, self._target.format)
        return placed

    def _label_limit_bytes(self) -> int:
        limit_bytes = label_limit_bytes(self._target)
        return 0 if limit_bytes and is_log_file(self._path()) else limit_bytes

    @contextlib.contextmanager
    def _open_to_write(self, task_params: Any, custom_labels: Any, required_task_outputs: Any) -> Iterator[Any]:
        limit_bytes = self._label_limit_bytes()
        options = {}
        if limit_bytes:
            options['labels'] = make_labels(task_params, custom_labels, required_task_outputs, limit_bytes)
        with self._target.open('w', **options) as file, publishing(self._version):
            yield file

    def _exists(self) -> bool:
        return bool(self._target.exists())

    def _remove(self) -> None:
        with contextlib.suppress(FileNotFoundError):  # somebody else was quicker
            self._target.remove()

    def _last_modification_time(self) -> datetime:
        return stat_of(self._target).modified

    def _path(self) -> str:
        return str(self._target.path)

    def _get_task_lock_params(self) -> TaskLockParams:
        return self._task_lock_params

    def _lock_wrappers(self) -> Any:
        return sys.modules[__name__]  # tests of users put others in the place of this module's

    def _version(self) -> str | None:
        if not has_stat(self._target):
            return str(_dumps_without_stat[self._path()]) if self._exists() else None
        try:
            return stat_of(self._target).version
        except FileNotFoundError:
            return None

    @contextlib.contextmanager
    def _dumping(self) -> Iterator[None]:
        """Add the path to the error about an object that the format cannot hold."""
        try:
            yield
        except UnsupportedObjectError as error:
            error.args = (f'{self._path()} cannot hold the object. {error}',)
            raise
        if not has_stat(self._target):
            _dumps_without_stat[self._path()] += 1

    @contextlib.contextmanager
    def _reading(self, file_format: str) -> Iterator[None]:
        """Turn what the content of the file makes its reader raise into an error that names the file and the cure."""
        try:
            yield
        except Exception as error:
            if not may_come_from_content(error):
                raise
            raise broken_file(self._path(), file_format, error) from error


class SingleFileTarget(_FileTarget):
    """An object in one file, in the format of a file processor.

    Args:
        target: the file: any file target of Luigi's, which decides how it is opened and replaced.
        processor: the format.
        task_lock_params: how dumping, loading and removing are locked; None means that they are not.
    """

    def __init__(
        self, target: FileSystemTarget, processor: FileProcessor, task_lock_params: TaskLockParams | None = None
    ) -> None:
        super().__init__(target, task_lock_params)
        self._processor = processor

    def _load(self) -> Any:
        with self._target.open('r') as file, self._reading(type(self._processor).__name__):
            return self._processor.load(file)

    def _dump(
        self,
        obj: Any,
        task_params: dict[str, str] | None = None,
        custom_labels: dict[str, str] | None = None,
        required_task_outputs: Any = None,
    ) -> None:
        content = None
        if type(self._target) is LocalFile:
            with publishing(self._version):
                content = small_content(self._processor, obj)
        if content is not None:
            self._target.write(content)
            return
        with self._dumping(), self._open_to_write(task_params, custom_labels, required_task_outputs) as file:
            self._processor.dump(obj, file)


class ModelTarget(_FileTarget):
    """A zip archive of all that a function saved, and of the function that loads it.

    Args:
        file_path: path or URL of the archive.
        temporary_directory: where each dump and each load makes a private directory, which it removes again.
        load_function: called with the path that `save_function` got, and returns the object; it is stored by dill,
            and None loads with the one that is stored.
        save_function: called with the object and the path of a file ``model.pkl``; whatever it leaves in the
            directory of that file, which is its own, is stored.
        task_lock_params: how dumping, loading and removing are locked; None means that they are not.
    """

    def __init__(
        self,
        file_path: str,
        temporary_directory: str,
        load_function: Callable[[str], Any] | None,
        save_function: Callable[[Any, str], Any],
        task_lock_params: TaskLockParams | None = None,
    ) -> None:
        super().__init__(file_target(file_path, Nop), task_lock_params)
        self._temporary_directory = temporary_directory
        self._load_function = load_function
        self._save_function = save_function

    @property
    def _zip_client(self) -> ZipClient:
        # A directory of its own, by the name that earlier versions gave it.
        directory = hashlib.md5(self._path().encode(), usedforsecurity=False).hexdigest()
        return make_zip_client(self._path(), str(Path(self._temporary_directory, directory)))

    def _load(self) -> Any:
        with self._target.open('r') as file, scratch_directory(self._temporary_directory) as directory:
            with self._reading('zip archive of a model'):
                unpack(file, directory)
                return load_model(Path(directory), self._load_function)

    def _dump(
        self,
        obj: Any,
        task_params: dict[str, str] | None = None,
        custom_labels: dict[str, str] | None = None,
        required_task_outputs: Any = None,
    ) -> None:
        with self._dumping(), scratch_directory(self._temporary_directory) as directory:
            save_model(obj, Path(directory), self._save_function, self._load_function)
            with self._open_to_write(task_params, custom_labels, required_task_outputs) as file:
                pack(directory, file)


def make_target(
    file_path: str,
    unique_id: str | None = None,
    processor: FileProcessor | None = None,
    task_lock_params: TaskLockParams | None = None,
    store_index_in_feather: bool = True,
) -> TargetOnKart:
    """Make the target of one file.

    Args:
        file_path: path or URL of the file.
        unique_id: joins the name of the file: ``data.pkl`` becomes ``data_<id>.pkl``.
        processor: the format; chosen by the extension if None.
        task_lock_params: how dumping, loading and removing are locked; None means that they are not.
        store_index_in_feather: whether a feather file keeps the index of a frame.

    Raises:
        UnknownFormatError: no format is known for the extension.
    """
    path = _make_file_path(file_path, unique_id)
    if processor is None:
        processor = make_file_processor(path, store_index_in_feather)
    params = task_lock_params or make_task_lock_params(file_path, unique_id)
    return SingleFileTarget(file_target(path, processor.format()), processor, params)


def make_model_target(
    file_path: str,
    temporary_directory: str,
    save_function: Callable[[Any, str], Any],
    load_function: Callable[[str], Any] | None,
    unique_id: str | None = None,
    task_lock_params: TaskLockParams | None = None,
) -> TargetOnKart:
    """Make the target of a zip archive; the arguments are those of `ModelTarget` and `make_target`.

    Raises:
        UnknownFormatError: `file_path` does not end in ``zip``.
    """
    path = _make_file_path(file_path, unique_id)
    if not path.endswith('zip'):
        raise UnknownFormatError(
            f'A model target stores a zip archive: extension must be zip, but {file_path} is passed.'
        )
    params = task_lock_params or make_task_lock_params(file_path, unique_id)
    return ModelTarget(path, temporary_directory, load_function, save_function, params)


def _make_file_path(original_path: str, unique_id: str | None = None) -> str:
    """Put `unique_id` between the stem and the last extension."""
    path = os.fspath(original_path)
    if unique_id is None:
        return path
    stem, extension = os.path.splitext(path)  # noqa: PTH122 - of a URL, too
    return f'{stem}_{unique_id}{extension}'
