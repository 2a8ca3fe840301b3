"""What a process that was not forked must be told so that a task runs in it as in the driver."""

from __future__ import annotations

import hashlib
import json
import logging
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing.reduction import ForkingPickler
from pathlib import Path
from typing import Any

import luigi
from luigi import configuration
from luigi.cmdline_parser import CmdlineParser

from gokart import _luigi
from gokart.anchor import anchored, anchored_path
from gokart.injected import Injection, current_injection, injecting
from gokart.rerun import RerunLedger, current_ledger, using
from gokart.running.pickling import dumps_with

LOGGERS = ('gokart', 'luigi', 'luigi-interface')
"""The names of the loggers above all those of gokart and Luigi."""

# Closed by the end of the process.
_contexts_of_process = ExitStack()


@dataclass(frozen=True)
class GlobalSettings:
    """The part of the driver's state that a process can have once only."""

    configuration: Any
    command_line: CmdlineParser | None
    log_levels: dict[str, int]

    @classmethod
    def of_this_process(cls) -> GlobalSettings:
        """Collect the settings of this process."""
        levels = {name: logging.getLogger(name).level for name in LOGGERS}
        return cls(configuration.get_config(), CmdlineParser.get_instance(), levels)

    def key(self) -> str:
        """Return a digest of what tasks see of the settings of this process: configuration and command line."""
        arguments = vars(self.command_line.known_args) if self.command_line is not None else {}
        seen = [_luigi.configured_options(), arguments]
        return hashlib.sha256(json.dumps(seen, default=str, sort_keys=True).encode()).hexdigest()

    def apply(self) -> None:
        """Put these settings in the place of those of this process."""
        _luigi.use_configuration(self.configuration)
        _luigi.use_command_line(self.command_line)
        for name, level in self.log_levels.items():
            logging.getLogger(name).setLevel(level)


@dataclass(frozen=True)
class BuildSettings:
    """The part of the driver's state that belongs to one build."""

    anchor: str
    injection: Injection | None

    @classmethod
    def of_this_build(cls) -> BuildSettings:
        """Collect the settings of the build that is running."""
        return cls(str(Path(anchored_path('.')).absolute()), current_injection())

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Use the settings while the block lasts."""
        with anchored(self.anchor), injecting(self.injection):
            yield


@dataclass(frozen=True)
class ProcessSettings:
    """The part of the driver's state that tasks depend on."""

    of_process: GlobalSettings
    of_build: BuildSettings
    ledger: RerunLedger | None

    @classmethod
    def of_this_process(cls) -> ProcessSettings:
        """Collect the settings of this process."""
        return cls(GlobalSettings.of_this_process(), BuildSettings.of_this_build(), current_ledger())

    def apply(self) -> None:
        """Take over the settings for the rest of this process."""
        self.of_process.apply()
        _contexts_of_process.enter_context(self.of_build.applied())
        _contexts_of_process.enter_context(using(self.ledger))
        rename_main_module()


def dumps_by_reference(obj: Any) -> bytes:
    """Pickle `obj`, plain Luigi tasks in it as well, for processes that know its classes by their names.

    Connections go along while a process is being started.
    """
    return dumps_with(_TaskPickler, obj)


class _TaskPickler(ForkingPickler):
    def reducer_override(self, obj: Any) -> Any:
        if isinstance(obj, luigi.Task) and not hasattr(type(obj), '__setstate__'):
            return remake, (type(obj), _luigi.portable_state(obj))
        return NotImplemented


def remake(task_class: type[luigi.Task], state: dict[str, Any]) -> luigi.Task:
    """Make a task of what `gokart._luigi.portable_state` returned."""
    task = task_class.__new__(task_class)
    _luigi.restore_state(task, state)
    return task


def rename_main_module() -> None:
    """Undo the other name that a spawned process gives the main module: paths of outputs contain it."""
    main = sys.modules.get('__mp_main__')
    for value in list(vars(main).values()) if main else ():
        if isinstance(value, type) and value.__module__ == '__mp_main__':
            value.__module__ = '__main__'
