"""The log files of a task, in ``log/`` of its workspace; they tell of a run and never hurt it."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, TypeAlias

from gokart._calls import Call
from gokart.anchor import anchored_path, joined
from gokart.errors import RecordNotFoundError
from gokart.file_processor.pickle import small_pickle
from gokart.remote_targets import remote_path
from gokart.storage.local_small import SmallFiles
from gokart.storage.registry import remote_storage
from gokart.storage.snapshot import told
from gokart.stored_file import small_files
from gokart.target import TargetOnKart, make_target

logger = logging.getLogger(__name__)

Kind: TypeAlias = Literal[
    'task_params', 'random_seed', 'module_versions', 'processing_time', 'task_log', 'private_params'
]

_TEXTS: frozenset[Kind] = frozenset({'module_versions', 'private_params'})


@dataclass(frozen=True, slots=True)
class LogFiles:
    """The log files of the task with one class name and unique id in one workspace."""

    workspace_directory: str
    class_name: str
    unique_id: str

    def target(self, kind: Kind) -> TargetOnKart:
        """Return the target of one of the files."""
        path = joined(self.workspace_directory, 'log', kind, f'{self.class_name}.{_extension(kind)}')
        return make_target(path, unique_id=self.unique_id)

    def is_remote(self) -> bool:
        """Whether writing a file waits for an answer from a network."""
        try:
            return remote_storage(self.workspace_directory) is not None
        except Exception:  # the write that comes next says so
            return False

    def write_start(
        self, task_params: dict[str, str], seed: int, seed_methods: Sequence[str], module_versions: str
    ) -> None:
        """Write what is known before ``run``."""
        self._write_all(
            {
                'task_params': task_params,
                'random_seed': {'seed': seed, 'seed_methods': list(seed_methods)},
                'module_versions': module_versions,
            }
        )

    def write_success(self, processing_time_seconds: float, task_log: Any, private_digest: str | None = None) -> None:
        """Write what is known after ``run``."""
        contents: dict[Kind, Any] = {'task_log': task_log, 'processing_time': processing_time_seconds}
        if private_digest is not None:
            contents['private_params'] = private_digest
        self._write_all(contents)

    def read_task_params(self) -> dict[str, str]:
        """Read the significant parameters as strings.

        Raises:
            RecordNotFoundError: the task never ran in this workspace, or without log files.
        """
        target = self.target('task_params')
        if not target.exists():
            raise RecordNotFoundError(
                f'There are no stored parameters of {self.class_name} with the unique id {self.unique_id!r}: '
                f'{target.path()} does not exist. The id must be that of a task that ran in this workspace with '
                'should_dump_supplementary_log_files=True; check the id and workspace_directory.'
            )
        return dict(target.load())

    def read(self, kind: Kind, default: Any) -> Any:
        """Read one of the files; `default` if there is none."""
        target = self.target(kind)
        path = remote_path(target)
        if not target.exists() if path is None else told(path) is False:
            return default
        try:
            return target.load()
        except FileNotFoundError:
            return default

    def _write_all(self, contents: Mapping[Kind, Any]) -> None:
        """Write the files, side by side if they are remote; the first one here, as it may hold objects of the user."""
        first, *others = contents.items()
        if self.is_remote():
            calls = [Call(partial(self._write, *item)) for item in others]
            self._write(*first)
            for call in calls:
                call.wait()
        else:
            files = self._small_files()
            for kind, content in contents.items():
                self._write(kind, content, files)

    def _small_files(self) -> SmallFiles | None:
        try:
            return small_files(joined(self.workspace_directory, 'log'))
        except Exception:  # the writes that come next say so
            return None

    def _write(self, kind: Kind, content: Any, files: SmallFiles | None = None) -> None:
        try:
            if files is None or not self._write_small(kind, content, files):
                self.target(kind).dump(content, lock_at_dump=False)
        except Exception as error:
            message = 'Could not write the log file %s of %s[%s]: %r. The task is not affected.'
            logger.warning(message, kind, self.class_name, self.unique_id, error)

    def _write_small(self, kind: Kind, content: Any, files: SmallFiles) -> bool:
        """Write the file without a target, which takes a third of the time; False if its content is not small."""
        data = content.encode() if kind in _TEXTS else small_pickle(content)
        return data is not None and files.write(kind, f'{self.class_name}_{self.unique_id}.{_extension(kind)}', data)


def _extension(kind: Kind) -> str:
    return 'txt' if kind in _TEXTS else 'pkl'


def log_files_of(task: Any) -> LogFiles:
    """Return the log files of `task`."""
    return LogFiles(anchored_path(task.workspace_directory), type(task).__name__, task.make_unique_id())
