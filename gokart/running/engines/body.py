"""One attempt at a task as one call that any executor can make: `execute`, in this process or in another one."""

from __future__ import annotations

import contextvars
import os
import socket
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from weakref import WeakValueDictionary

import luigi
from luigi.worker import TaskStatusReporter

from gokart._nested import flatten
from gokart.build_memory import leave_memory, place_in_memory
from gokart.errors import UnportableTaskError
from gokart.in_memory import InMemoryTarget
from gokart.overlay import current_overlay
from gokart.representation import label
from gokart.rerun import current_ledger, using
from gokart.running.engines.handlers import PackedHandlers, attach_handlers, packed_handlers
from gokart.running.engines.nesting import named_places, occupy
from gokart.running.engines.portable import dumps, loads
from gokart.running.engines.turns import turns_of_process
from gokart.running.engines.unportable import unportable_variable
from gokart.running.failures import TaskFailure
from gokart.running.process_settings import BuildSettings, GlobalSettings
from gokart.running.status_reporter import portable_reporter
from gokart.running.task_results import TaskResult, decode, encode
from gokart.running.task_runner import TaskRunner
from gokart.storage.registry import scheme_of
from gokart.target_contract import target_path


def execute(body: Body | PortableBody | FailedBody) -> TaskResult:
    """Run one attempt at a task; the one function that executors are given."""
    return body.run()


class BodyInterruptedError(Exception):
    """A body raised `KeyboardInterrupt`, which would end the process of an executor's worker instead of the build."""


class SettingsOfBuild:
    """What all bodies of one build have in common, pickled once."""

    def __init__(self) -> None:
        self.build_id = uuid.uuid4().hex

    @cached_property
    def pickled(self) -> tuple[bytes, str, bytes]:
        """The settings of the process, their key, and the settings of the build."""
        of_process = GlobalSettings.of_this_process()
        return dumps(of_process), of_process.key(), dumps(BuildSettings.of_this_build())


class Body:
    """One attempt at a task, which runs here as it is, and elsewhere as a `PortableBody`.

    Args:
        task: the task.
        worker_id: the id of the worker.
        reporter: passes messages of the task to the scheduler.
        options: those of `TaskRunner`.
        settings: of the build.
        dumps: pickles the task for the processes that are to run it.

    Attributes:
        place: what runs it, if a build inside of it might ask for the same: an executor, or a name that other processes
            know as well.
    """

    place: Any = None

    def __init__(
        self,
        task: luigi.Task,
        worker_id: str,
        reporter: TaskStatusReporter,
        options: dict[str, Any],
        settings: SettingsOfBuild,
        dumps: Callable[[Any], bytes] = dumps,
    ) -> None:
        self.task = task
        self._worker_id = worker_id
        self._reporter = reporter
        self._options = options
        self._settings = settings
        self._dumps = dumps
        self._context = contextvars.copy_context()
        self._process_id = os.getpid()

    def run(self, travels: bool = False) -> TaskResult:
        """Run the attempt in this process, in the context in which it was made, whichever thread this is.

        Args:
            travels: whether the bodies of its executor are pickled, so that whoever loads what it dumps may be
                somewhere else.
        """
        options = {**self._options, 'use_multiprocessing': False}
        context = self._context.copy()
        context.run(occupy, self.place)
        if travels:
            context.run(leave_memory)
        return context.run(_attempt, self.task, self._worker_id, self._reporter, options)

    def is_of_this_process(self) -> bool:
        """Whether it was made here, and not in the process that forked this one."""
        return self._process_id == os.getpid()

    def portable(self) -> PortableBody:
        """Return it for another process.

        Raises:
            UnportableTaskError: it cannot run in another process; the message says why.
        """
        return self._context.copy().run(self._packed)

    def portable_or_failed(self) -> PortableBody | FailedBody:
        """Return it for another process, or what stands for the failure to do so."""
        try:
            return self.portable()
        except Exception as error:
            return FailedBody(encode(TaskResult.failed(TaskFailure.of(error))))

    def __reduce__(self) -> Any:
        # Executors pickle in threads of their own, where an error would be told as one of the executor's.
        return self.portable_or_failed().__reduce__()

    def _packed(self) -> PortableBody:
        self._check_targets()
        # Entries of the driver's cache would be copied with each task.
        options = {**self._options, 'use_multiprocessing': True, 'task_completion_cache': None}
        places = (*named_places(), *([self.place] if isinstance(self.place, str) else []))
        handlers = packed_handlers(self.task)
        call = _Call(self.task, self._worker_id, portable_reporter(self._reporter), options, handlers, places)
        try:
            pickled_call, ledger = self._dumps(call), self._dumps(current_ledger())
        except Exception as error:
            raise UnportableTaskError(
                f'{label(self.task)} cannot be handed to another process: {type(error).__name__}: {error}. '
                f"{self._cure()}, or let it run here: executor='threads'."
            ) from error
        key = uuid.uuid4().hex
        _bodies[key] = self
        build_id, settings = self._settings.build_id, self._settings.pickled
        return PortableBody(key, label(self.task), build_id, settings, pickled_call, ledger)

    def _cure(self) -> str:
        goes_by_name = self._dumps is not dumps
        found = None if goes_by_name else unportable_variable(type(self.task))
        if found is not None:
            name, user = found
            return f'It is the variable {name!r}, which {user} uses, that cannot be pickled: make it in there'
        whose = 'parameters and attributes' if goes_by_name else 'parameters, attributes, and variables for its methods'
        return f'Give it {whose} that can be pickled'

    def _check_targets(self) -> None:
        targets = [*flatten(self.task.output()), *flatten(self.task.input())]
        paths = [target_path(target) for target in targets if _is_in_memory(target)]
        if paths or current_overlay() is not None:
            what = f'has data in the memory of this process ({paths[0]})' if paths else 'uses objects in memory'
            raise UnportableTaskError(
                f'{label(self.task)} {what}, but is to run in another one. Use make_target() with a stored file, or '
                "let it run here: executor='threads'."
            )


@dataclass(frozen=True)
class PortableBody:
    """A `Body` as bytes, which are read where and when it runs."""

    key: str
    name: str
    build_id: str
    settings: tuple[bytes, str, bytes]
    call: bytes
    ledger: bytes

    def run(self) -> TaskResult:
        """Run the attempt with the settings of the driver; as it was made, if this is the process of the driver."""
        body = _bodies.get(self.key)
        if body is not None and body.is_of_this_process():
            return body.run(travels=True)
        try:
            return self._run_with_settings()
        except KeyboardInterrupt as error:
            if type(error) is not KeyboardInterrupt:  # a process of ours is told to end
                raise
            raise BodyInterruptedError(self.name) from error
        except Exception as error:  # something of it cannot be read here
            return TaskResult.failed(_not_read(error))

    def _run_with_settings(self) -> TaskResult:
        of_process, key, of_build = self.settings
        with turns_of_process.turn(self.name, of_process, key, self.build_id):
            build_settings: BuildSettings = loads(of_build)
            with build_settings.applied(), using(loads(self.ledger)):
                return contextvars.copy_context().run(self._run)

    def _run(self) -> TaskResult:
        call: _Call = loads(self.call)
        attach_handlers(call.task, call.handlers)
        occupy(*call.places)
        return _attempt(call.task, call.worker_id, call.reporter, call.options)

    def __reduce__(self) -> Any:
        return PortableBody, (self.key, self.name, self.build_id, self.settings, self.call, self.ledger)


@dataclass(frozen=True)
class FailedBody:
    """Stands for a body that cannot run where it is sent, with the result that says why."""

    result: bytes

    def run(self) -> TaskResult:
        """Return the failure."""
        return decode(self.result)

    def __reduce__(self) -> Any:
        return FailedBody, (self.result,)


@dataclass(frozen=True)
class _Call:
    task: luigi.Task
    worker_id: str
    reporter: TaskStatusReporter
    options: dict[str, Any]
    handlers: PackedHandlers
    places: tuple[str, ...]


def _not_read(error: Exception) -> TaskFailure:
    failure = TaskFailure.of(error)
    if not isinstance(error, (ImportError, AttributeError)):
        return failure
    return failure.with_hint(
        f'That was in process {os.getpid()} on {socket.gethostname()}, which was to run the task: its modules must be '
        'importable there. A process that runs already has the sys.path of the time when it was started: install the '
        'modules, or make the executor after they can be imported.'
    )


class _Runner(TaskRunner):
    result: TaskResult

    def hand_in(self, result: TaskResult) -> None:
        self.result = result


_bodies: WeakValueDictionary[str, Body] = WeakValueDictionary()
"""The bodies that were pickled here: those that come back, with an executor in this process, need no copy."""


def _attempt(task: luigi.Task, worker_id: str, reporter: TaskStatusReporter, options: dict[str, Any]) -> TaskResult:
    runner = _Runner(task, worker_id, reporter, **options)
    runner.run()
    return runner.result


def _is_in_memory(target: Any) -> bool:
    path = target_path(target)
    return isinstance(target, InMemoryTarget) or scheme_of(path) == 'memory' or place_in_memory(path) is not None
