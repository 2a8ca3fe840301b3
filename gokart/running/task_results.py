"""How the result of a task reaches the worker, from the same process or from another one."""

from __future__ import annotations

import io
import pickle
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, Any, TypeAlias

import luigi
from luigi.task_register import load_task
from luigi.task_status import FAILED

from gokart.running.failures import PortableFailure, TaskFailure

if TYPE_CHECKING:
    from gokart.running.task_process import TaskProcess


@dataclass(frozen=True, slots=True)
class TaskResult:
    """What became of one attempt to run a task."""

    status: str
    """Luigi's status: DONE, FAILED, or PENDING where `requirements` must be done first."""
    explanation: Any = ''
    missing: list[str] = field(default_factory=list)
    """The requirements that ought to have been complete."""
    requirements: list[luigi.Task] = field(default_factory=list)
    """The tasks that a running body asked for."""
    failure: TaskFailure | None = None
    was_complete: bool = True
    """Whether the task may have been complete when its body asked for `requirements`."""

    @classmethod
    def failed(cls, failure: TaskFailure) -> TaskResult:
        """Make the result of an attempt that ended with `failure`."""
        return cls(FAILED, failure.description, failure=failure)

    def __reduce__(self) -> Any:
        return decode, (encode(self),)


def encode(result: TaskResult) -> bytes:
    """Return `result` for another process; a failed result if it cannot be pickled."""
    try:
        requirements = [_portable_task(task) for task in result.requirements]
        failure = result.failure and PortableFailure.of(result.failure)
        return pickle.dumps(
            (result.status, result.explanation, result.missing, requirements, failure, result.was_complete)
        )
    except Exception as error:
        return encode(TaskResult.failed(TaskFailure.of(error)))


def decode(data: bytes) -> TaskResult:
    """Return what `encode` was given; a failed result if this process cannot make the tasks or classes in it."""
    try:
        status, explanation, missing, requirements, failure, was_complete = _loads(data)
        tasks = [_restore_task(item) for item in requirements]
        return TaskResult(status, explanation, missing, tasks, failure and failure.restore(), was_complete)
    except Exception as error:
        return TaskResult.failed(TaskFailure.of(error))


class TaskResults:
    """The results that have not been looked at yet: a queue, and a pipe for each process that runs a task.

    A pipe for each process, as a queue that they share stays locked when one is killed while it writes.
    """

    def __init__(self) -> None:
        self._arrived: deque[Arrival] = deque()
        self._pipes: dict[Connection, TaskProcess] = {}

    def put(self, process: TaskProcess, result: TaskResult) -> None:
        """Add a result that was made in this process."""
        self._arrived.append((process, result))

    def listen(self, process: TaskProcess, connection: Connection) -> None:
        """Expect one encoded result from `connection`."""
        self._pipes[connection] = process

    def forget(self, process: TaskProcess) -> bool:
        """Expect nothing from `process` any more; False if its result is there already, which stays."""
        pipes = [connection for connection, writer in self._pipes.items() if writer is process]
        if not pipes or wait(pipes, 0):
            return False
        self._drop(pipes)
        return True

    def _drop(self, pipes: Iterable[Connection]) -> None:
        for connection in pipes:
            del self._pipes[connection]
            connection.close()

    def get(self, timeout_seconds: float) -> Arrival | None:
        """Return a process and its result, or None for the result if it died without one; None if nothing happens."""
        if not self._arrived:
            self._receive(timeout_seconds)
        return self._arrived.popleft() if self._arrived else None

    def close(self) -> None:
        """Drop what was not looked at."""
        self._drop(list(self._pipes))
        self._arrived.clear()

    def _receive(self, timeout_seconds: float) -> None:
        ready = wait(list(self._pipes), timeout_seconds)
        for connection, process in list(self._pipes.items()):
            # A dead process whose own children still hold the pipe is not seen by wait().
            if connection in ready or not process.is_alive():
                self._arrived.append((process, _read(connection)))
                self._drop([connection])


Arrival: TypeAlias = 'tuple[TaskProcess, TaskResult | None]'


def _read(connection: Connection) -> TaskResult | None:
    try:
        return decode(connection.recv_bytes()) if connection.poll() else None
    except (EOFError, OSError):
        return None


def _portable_task(task: luigi.Task) -> bytes | tuple[str, str, dict[str, str]]:
    try:
        return pickle.dumps((type(task), task.param_kwargs))
    except Exception:
        # A class inside of a function, or one that was defined anew: its name finds it in Luigi's register.
        return task.task_module, task.task_family, task.to_str_params()


def _restore_task(item: bytes | tuple[str, str, dict[str, str]]) -> luigi.Task:
    if isinstance(item, bytes):
        task_class, values = _loads(item)
        task: luigi.Task = task_class(**values)
    else:
        task = load_task(*item)
    return task


class _Unpickler(pickle.Unpickler):
    def find_class(self, module_name: str, global_name: str) -> Any:
        # The name of the main module in a process that was spawned.
        return super().find_class('__main__' if module_name == '__mp_main__' else module_name, global_name)


def _loads(data: bytes) -> Any:
    return _Unpickler(io.BytesIO(data)).load()
