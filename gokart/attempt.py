"""What surrounds one attempt to run a task's body: seeds and log files before, log files after."""

from __future__ import annotations

import contextlib
import importlib
from functools import partial
from typing import Any

from gokart import private_parameters, seeds
from gokart._calls import Call
from gokart._nested import flatten
from gokart.module_versions import module_versions
from gokart.records.log_files import log_files_of
from gokart.target_contract import target_path

_starts: dict[int, Call[None]] = {}
"""The log files that are being written while a body runs, by the id of the task's instance."""


def prepare(task: Any) -> None:
    """Import and make what an attempt needs in this process, so that those forked from it need not do it each."""
    seeds.import_modules(task.fix_random_seed_methods)
    importlib.import_module('dill')
    module_versions()
    if task.should_dump_supplementary_log_files:
        with contextlib.suppress(Exception):  # the attempt meets it again, and says whose it is
            private_parameters.prepare(task)


def started(task: Any) -> None:
    """Seed the random generators for `task` and write the log files of the start.

    Where writing them means to wait for a network, that is done while the body runs; see `settle`.
    """
    settle(task)
    seed = seeds.seed_of(task.make_unique_id(), task.fix_random_seed_value)
    worked = task.try_set_seed(list(task.fix_random_seed_methods), seed)
    if not task.should_dump_supplementary_log_files:
        return
    log_files = log_files_of(task)
    parameters = task.to_str_params(only_significant=True)
    write = partial(log_files.write_start, parameters, seed, worked, module_versions())
    if log_files.is_remote():
        importlib.import_module('dill')  # a body that forks must not meet a thread that imports
        _starts[id(task)] = Call(write)
    else:
        write()


def settle(task: Any) -> None:
    """Wait until the log files of the start of `task` are written; to be called before its end is told to anybody."""
    writing = _starts.pop(id(task), None)
    if writing is not None:
        writing.wait()


def succeeded(task: Any, processing_time_seconds: float) -> None:
    """Write the log files of the success of `task`; those of the real run stay if the body was skipped."""
    settle(task)
    if not task.should_dump_supplementary_log_files:
        return
    log_files = log_files_of(task)
    if task._gokart_skipped and log_files.read('task_log', None) is not None:
        return
    if isinstance(task.task_log, dict):  # user code may have put something else there
        task.task_log['file_path'] = [target_path(output) for output in flatten(task.output())]
    log_files.write_success(processing_time_seconds, task.task_log, private_parameters.private_digest(task))
