"""The test run: a whole pipeline is run, and then each of its tasks once more on empty frames, storing nothing."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import luigi
from luigi.cmdline_parser import CmdlineParser

from gokart._nested import flatten
from gokart.identity import has_identity
from gokart.target_contract import target_path
from gokart.testing.rehearsal import dumped_by
from gokart.walk import bottom_up

logger = logging.getLogger(__name__)


class test_run(luigi.Config):  # noqa: N801 (the name of its section and options)
    """Options of the test run: ``--test-run-pandas``, ``--test-run-namespace``."""

    __test__ = False  # no test for pytest

    pandas = luigi.BoolParameter(
        default=False, description='Whether to run each task once more on empty frames, after the pipeline.'
    )
    namespace = luigi.OptionalStrParameter(
        default=None, description='The namespace of the tasks that are run once more. By default: all.'
    )


@dataclass(frozen=True, slots=True)
class TestStatus:
    """How one task did on empty frames."""

    __test__ = False

    task: Any
    error: Exception | None

    def __str__(self) -> str:
        status = 'OK' if self.error is None else 'NG'
        text = (
            f'status={status}; namespace={self.task.get_task_namespace()}; name={type(self.task).__name__}; '
            f'id={self.task.make_unique_id()};'
        )
        return (
            text if self.error is None else f'{text} message={type(self.error)}: {", ".join(map(str, self.error.args))}'
        )


def try_to_run_test_for_empty_data_frame(cmdline_args: list[str]) -> None:
    """Do the test run if the command line asks for it; does nothing else.

    Raises:
        SystemExit: after a test run; with code 1 if a task failed.
        AssertionError: the pipeline itself does not run.
    """
    with CmdlineParser.global_instance(cmdline_args) as parser:
        options = test_run()
        if not options.pandas:
            return
        task = parser.get_task_obj()
    try:
        luigi.run(cmdline_args)
    except SystemExit as end:
        if end.code:
            raise AssertionError(
                f'original workflow does not run properly. It exited with error code {end.code}.'
            ) from end
    statuses = [_status(one) for one in tasks_of(task, options.namespace)]
    report = '\n'.join(['gokart test results:', *map(str, statuses)])
    logger.info('%s', report)
    sys.stdout.write(f'{report}\n')
    sys.exit(1 if any(status.error for status in statuses) else 0)


def tasks_of(root: luigi.Task, namespace: str | None) -> Iterator[Any]:
    """Yield the tasks of the graph of `root`, each once, that are in `namespace` (None: in any)."""
    for task in bottom_up(root, lambda one: flatten(one.requires())):
        if has_identity(task) and (namespace is None or task.get_task_namespace() == namespace):
            yield task


def _status(task: Any) -> TestStatus:
    try:
        inputs = [target for target in flatten(task.input()) if hasattr(target, 'load')]
        dumped_by(task, {target_path(target): emptied(target.load()) for target in inputs})
    except Exception as error:
        logger.warning('%s does not run on empty frames', task, exc_info=True)
        return TestStatus(task, error)
    return TestStatus(task, None)


def emptied(obj: Any) -> Any:
    """Return a frame without its rows, with its columns and types; anything else as it is, frames in it emptied."""
    kind = type(obj)
    if kind is dict:
        return {key: emptied(value) for key, value in obj.items()}
    if kind in (list, tuple):
        return kind(map(emptied, obj))
    return obj.iloc[:0] if _is_frame(obj) else obj


def _is_frame(obj: Any) -> bool:
    pandas = sys.modules.get('pandas')
    return pandas is not None and isinstance(obj, pandas.DataFrame)
