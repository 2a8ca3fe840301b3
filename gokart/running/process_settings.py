"""What a process that was not forked must be told so that a task runs in it as in the driver."""

from __future__ import annotations

import io
import logging
import pickle
import sys
from contextlib import ExitStack
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

LOGGERS = ('gokart', 'luigi', 'luigi-interface')
"""The names of the loggers above all those of gokart and Luigi."""

# Closed by the end of the process.
_contexts_of_process = ExitStack()


@dataclass(frozen=True)
class ProcessSettings:
    """The part of the driver's state that tasks depend on."""

    configuration: Any
    command_line: CmdlineParser | None
    log_levels: dict[str, int]
    anchor: str
    ledger: RerunLedger | None
    injection: Injection | None

    @classmethod
    def of_this_process(cls) -> ProcessSettings:
        """Collect the settings of this process."""
        return cls(
            configuration.get_config(),
            CmdlineParser.get_instance(),
            {name: logging.getLogger(name).level for name in LOGGERS},
            str(Path(anchored_path('.')).absolute()),
            current_ledger(),
            current_injection(),
        )

    def apply(self) -> None:
        """Take over the settings for the rest of this process."""
        _luigi.use_configuration(self.configuration)
        _luigi.use_command_line(self.command_line)
        for name, level in self.log_levels.items():
            logging.getLogger(name).setLevel(level)
        _contexts_of_process.enter_context(anchored(self.anchor))
        _contexts_of_process.enter_context(using(self.ledger))
        _contexts_of_process.enter_context(injecting(self.injection))
        _rename_main_module()


def dumps_for_spawn(obj: Any) -> bytes:
    """Pickle `obj`, tasks in it that are plain Luigi tasks as well, while a process is being started."""
    buffer = io.BytesIO()
    _TaskPickler(buffer, pickle.HIGHEST_PROTOCOL).dump(obj)
    return buffer.getvalue()


def loads_in_spawned(data: bytes) -> Any:
    """Unpickle what `dumps_for_spawn` made, in the process that was started."""
    return pickle.loads(data)


class _TaskPickler(ForkingPickler):
    def reducer_override(self, obj: Any) -> Any:
        if isinstance(obj, luigi.Task) and not hasattr(type(obj), '__setstate__'):
            return _remake, (type(obj), _luigi.portable_state(obj))
        return NotImplemented


def _remake(task_class: type[luigi.Task], state: dict[str, Any]) -> luigi.Task:
    task = task_class.__new__(task_class)
    _luigi.restore_state(task, state)
    return task


def _rename_main_module() -> None:
    """Undo the other name that a spawned process gives the main module: paths of outputs contain it."""
    main = sys.modules.get('__mp_main__')
    for value in list(vars(main).values()) if main else ():
        if isinstance(value, type) and value.__module__ == '__mp_main__':
            value.__module__ = '__main__'
