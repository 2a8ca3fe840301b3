"""The task that remembers: `TaskOnKart`, whose result is stored under a hash of what made it."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Generator, Sequence
from typing import TYPE_CHECKING, Any, Generic, overload

import luigi
from typing_extensions import Self, TypeVar

from gokart import attempt, completion, identity, loading, modification_times, seeds, source_code, task_locks
from gokart import target as targets
from gokart._nested import PLAIN_TYPES, FlattenableItems, flatten
from gokart.anchor import anchored_path
from gokart.dataframe_type import get_dataframe_type_from_task
from gokart.errors import EmptyDumpError as EmptyDumpError
from gokart.file_processor import FileProcessor, make_file_processor
from gokart.frames import check_not_empty, stack_frames
from gokart.intermediates import keep_if_intermediate
from gokart.labels import labels_for
from gokart.pandas_type_config import PandasTypeConfigMap
from gokart.representation import represent
from gokart.rerun import RerunLedger
from gokart.target_contract import TargetOnKart
from gokart.task_class import TaskOnKartRegister
from gokart.task_files import default_path, id_if, stored_at
from gokart.task_records import TaskRecords

if TYPE_CHECKING:
    import pandas as pd

T = TypeVar('T', default=Any)
K = TypeVar('K')
TaskT = TypeVar('TaskT', bound=luigi.Task)

# Of its own and seeded by the operating system: the global generator is seeded for each task.
_priorities = random.Random()


class TaskOnKart(TaskRecords, luigi.Task, Generic[T], metaclass=TaskOnKartRegister):
    """A `luigi.Task` that stores what it dumps under its unique id and loads what its requirements stored.

    `T` is the type of the object that the task dumps. The parameters of `TaskSettings` change no id.
    """

    _is_task_on_kart_root = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.task_log: dict[Any, Any] = {}
        self.task_unique_id: str | None = None
        self._gokart_rerun_ledger: RerunLedger | None = None
        self._gokart_skipped = False
        super().__init__(*args, **kwargs)
        self._rerun_state: bool = self.rerun
        self._lock_at_dump = task_locks.locks_at_dump(self)

    # What the task is made of

    def requires(self) -> FlattenableItems[TaskOnKart[Any]]:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Return the tasks among the attributes of the instance by name; an empty list if there are none."""
        found = self.make_task_instance_dictionary()
        return found if found else []

    def output(self) -> FlattenableItems[TargetOnKart]:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Return the target of a pickle file that is named after the class."""
        return self.make_target()

    def input(self) -> FlattenableItems[TargetOnKart]:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Return the outputs of the requirements in the structure of `requires`."""
        targets: FlattenableItems[TargetOnKart] = loading.ordered_input(self)
        return targets

    def make_task_instance_dictionary(self) -> dict[str, TaskOnKart[Any]]:
        """Return the attributes of the instance that are tasks, or tuples of tasks, by name."""
        return {name: value for name, value in vars(self).items() if self.is_task_on_kart(value)}

    @staticmethod
    def is_task_on_kart(value: object) -> bool:
        """Whether `value` is a `TaskOnKart` or a tuple, not empty, of nothing else."""
        if isinstance(value, tuple):
            return bool(value) and all(isinstance(item, TaskOnKart) for item in value)
        return type(value) not in PLAIN_TYPES and isinstance(value, TaskOnKart)

    def complete(self) -> bool:
        """Whether nothing is to be done: the outputs exist, and the checks that are switched on hold.

        Asking neither writes nor deletes anything.
        """
        return completion.is_complete(self)

    def _check_modification_time(self) -> bool:
        return modification_times.modified_in_order(flatten(self.input()), flatten(self.output()))

    @property
    def priority(self) -> float:  # type: ignore[override]
        """A random number, so that machines that share a workspace start at different places."""
        return _priorities.random()

    # Targets

    def make_target(
        self,
        relative_file_path: str | None = None,
        use_unique_id: bool = True,
        processor: FileProcessor | None = None,
    ) -> TargetOnKart:
        """Make the target of one file.

        Args:
            relative_file_path: path below `workspace_directory`; its extension chooses the format. Default: module
                path and class name, as a pickle file.
            use_unique_id: whether the id joins the file name: ``data.pkl`` becomes ``data_<id>.pkl``.
            processor: the format, instead of the one of the extension.
        """
        path = stored_at(self, relative_file_path or default_path(self, 'pkl'))
        if processor is None:
            processor = make_file_processor(
                path, self.store_index_in_feather, dataframe_type=get_dataframe_type_from_task(self)
            )
        unique_id = id_if(self, use_unique_id)
        lock = task_locks.target_lock_params(self, path, unique_id)
        # From its module at each call, and with names, as test suites of users put functions of their own there.
        return targets.make_target(file_path=path, unique_id=unique_id, processor=processor, task_lock_params=lock)

    def make_model_target(
        self,
        relative_file_path: str,
        save_function: Callable[[Any, str], None],
        load_function: Callable[[str], Any],
        use_unique_id: bool = True,
    ) -> TargetOnKart:
        """Make the target of a zip archive of all that `save_function` writes.

        Args:
            relative_file_path: path below `workspace_directory`; it must end in ``zip``.
            save_function: called with the object and a path; it writes files at or beside that path.
            load_function: called with the path when the archive is loaded; it is stored in the archive.
            use_unique_id: whether the id joins the file name.

        Raises:
            UnknownFormatError: the path does not end in ``zip``.
        """
        path, unique_id = stored_at(self, relative_file_path), id_if(self, use_unique_id)
        return targets.make_model_target(
            file_path=path,
            temporary_directory=anchored_path(self.local_temporary_directory),
            save_function=save_function,
            load_function=load_function,
            unique_id=unique_id,
            task_lock_params=task_locks.target_lock_params(self, path, unique_id),
        )

    def make_large_data_frame_target(
        self, relative_file_path: str | None = None, use_unique_id: bool = True, max_byte: int = 2**26
    ) -> TargetOnKart:
        """Make the target of a zip archive of a frame in parts of at most `max_byte` bytes each."""
        return self.make_model_target(
            relative_file_path or default_path(self, 'zip'),
            targets.LargeDataFrameProcessor(max_byte=max_byte).save,
            targets.LargeDataFrameProcessor.load,
            use_unique_id,
        )

    # Loading and dumping

    @overload
    def load(self, target: str | TargetOnKart | None = None) -> Any: ...
    @overload
    def load(self, target: TaskOnKart[K]) -> K: ...
    @overload
    def load(self, target: Sequence[TaskOnKart[K]]) -> list[K]: ...
    def load(self, target: Any = None) -> Any:
        """Load inputs.

        Args:
            target: None: every input in the structure of `requires` (dicts stay dicts, other collections are lists);
                a str: that key of `requires`; a target; a required task or a list of them: their outputs.

        Raises:
            TaskInputError: there is no such input.
            BrokenFileError: a stored file cannot be read.
        """
        return loading.load_structure(self, self._get_input_targets(target))

    @overload
    def load_generator(self, target: str | TargetOnKart | None = None) -> Generator[Any, None, None]: ...
    @overload
    def load_generator(self, target: TaskOnKart[K] | Sequence[TaskOnKart[K]]) -> Generator[K, None, None]: ...
    def load_generator(self, target: Any = None) -> Generator[Any, None, None]:
        """Load the same inputs as `load` one at a time, flattened."""
        yield from loading.load_each(self, self._get_input_targets(target))

    def load_data_frame(
        self, target: Any = None, required_columns: Collection[str] | None = None, drop_columns: bool = False
    ) -> pd.DataFrame:
        """Load inputs and stack their frames row-wise; see `gokart.frames.stack_frames`."""
        return stack_frames(self.load(target), required_columns, drop_columns, self)

    @overload
    def dump(self, obj: T, target: None = None, custom_labels: dict[Any, Any] | None = None) -> None: ...
    @overload
    def dump(self, obj: Any, target: str | TargetOnKart, custom_labels: dict[Any, Any] | None = None) -> None: ...
    def dump(
        self, obj: Any, target: str | TargetOnKart | None = None, custom_labels: dict[Any, Any] | None = None
    ) -> None:
        """Store `obj`, completely or not at all.

        Args:
            obj: the result.
            target: None: the one output; a str: that key of `output`; a target: that one.
            custom_labels: labels of the stored object, where the storage has labels.

        Raises:
            TaskInputError: there is no such output.
            EmptyDumpError: `obj` is an empty frame and `fail_on_empty_dump` is set.
            PandasTypeError: a column has another type than configured.
            UnsupportedObjectError: the format cannot hold `obj`.
        """
        PandasTypeConfigMap().check(obj, self.get_task_namespace() or '')
        if self.fail_on_empty_dump:
            check_not_empty(obj, self)
        found = self._get_output_target(target)
        keep_if_intermediate(self, found)
        found.dump(obj, lock_at_dump=self._lock_at_dump, **labels_for(found, self, custom_labels))

    def _get_input_targets(self, target: Any) -> Any:
        return loading.input_targets(self, target)

    def _get_output_target(self, target: Any) -> TargetOnKart:
        found: TargetOnKart = loading.output_target(self, target)
        return found

    # Identity

    def make_unique_id(self) -> str:
        """Return the unique id: 32 hexadecimal digits of the significant parameters and the requirements' ids.

        Raises:
            TaskDefinitionError: ``requires()`` returns something that is no task.
            CyclicRequirementError: the task requires itself.
        """
        return self.task_unique_id or identity.unique_id(self)

    def get_own_code(self) -> str:
        """Return the source of the functions of this task that `TaskOnKart` does not have."""
        return ''.join(sorted(self.get_code(self) - self.get_code(TaskOnKart)))

    @staticmethod
    def get_code(target_class: Any) -> set[str]:
        """Return the source of each function of a class or an instance."""
        return source_code.source_codes(target_class)

    def __repr__(self) -> str:
        return represent(self, only_public=False)

    def __str__(self) -> str:
        return represent(self, only_public=True)

    @overload
    def clone(self, cls: None = None, **kwargs: Any) -> Self: ...
    @overload
    def clone(self, cls: type[TaskT], **kwargs: Any) -> TaskT: ...
    @overload
    def clone(self, cls: Any = None, **kwargs: Any) -> Any: ...
    def clone(self, cls: Any = None, **kwargs: Any) -> Any:
        """Make a task of `cls`, by default of the same class, with the parameters that both have.

        `rerun`, `strict_check` and `modification_time_check` are taken from `kwargs` only.
        """
        cls = cls or type(self)
        shared = {
            name: getattr(self, name)
            for name, _ in cls.get_params()
            if hasattr(self, name) and name not in ('rerun', 'strict_check', 'modification_time_check')
        }
        return cls(**{**shared, **kwargs})

    # Running

    if TYPE_CHECKING:

        def run(self) -> Any:  # it may yield tasks that it requires while it runs
            """Make the object and dump it."""

    @staticmethod
    def try_set_seed(methods: list[str], random_seed: int) -> list[str]:
        """Call the functions named by `methods` with `random_seed`; return the names that worked."""
        return seeds.try_set_seed(methods, random_seed)

    def trigger_event(self, event: str, *args: Any, **kwargs: Any) -> None:
        """Tell those who listen to `event`. Every worker of Luigi's announces here what happens to the body."""
        if event == luigi.Event.START:
            self._gokart_skipped = False
            attempt.started(self)
        elif event == luigi.Event.PROCESSING_TIME:
            attempt.succeeded(self, processing_time_seconds=args[1])
        elif event == luigi.Event.FAILURE:
            attempt.settle(self)
        super().trigger_event(event, *args, **kwargs)
