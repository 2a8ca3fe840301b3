"""Run a task from the command line: Luigi's, with our worker and exit codes that tell what happened."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, NoReturn

import luigi
from luigi.cmdline_parser import CmdlineParser
from luigi.interface import PidLockAlreadyTakenExit, core
from luigi.retcodes import retcode as luigi_retcode

from gokart import _luigi
from gokart.anchor import anchored
from gokart.errors import ParameterValueError
from gokart.info import tree_info
from gokart.intermediates import checked_cache, handing_on
from gokart.rerun import honoured
from gokart.running.build_report import report
from gokart.running.global_state import process_state_kept
from gokart.running.outcome import Outcome, explained_outcome
from gokart.running.worker import gokart_worker
from gokart.running.worker_factory import WorkerSchedulerFactory
from gokart.slack import EventAggregator, SlackAPI
from gokart.slack.run_report import configured_slack_api, events_of, send_event_summary
from gokart.testing import try_to_run_test_for_empty_data_frame
from gokart.workspace.unneeded import delete_local_unnecessary_outputs

logger = logging.getLogger(__name__)


class retcode(luigi_retcode):  # noqa: N801 (the name of its section)
    """Luigi's section ``[retcode]``, with other defaults."""

    # Luigi's own class stays the one that its command line knows.
    _visible_in_registry = False

    already_running = luigi.IntParameter(default=10)
    missing_data = luigi.IntParameter(default=20)
    not_run = luigi.IntParameter(default=30)
    task_failed = luigi.IntParameter(default=40)
    scheduling_error = luigi.IntParameter(default=50)


def run(cmdline_args: Sequence[str] | None = None, set_retcode: bool = True, *, executor: Any = None) -> NoReturn:
    """Run the task that a command line names and end the process by `SystemExit`.

    Args:
        cmdline_args: the arguments; by default those of this process (``sys.argv[1:]``).
        set_retcode: whether the exit code tells what happened, unless ``[retcode]`` says otherwise: 10 already running,
            20 missing data, 30 not run, 40 task failed, 50 scheduling error. False leaves Luigi's defaults: 0.
        executor: where the bodies of tasks run, as `gokart.build` takes it; by default what the command line says with
            ``--gokart-worker-executor``, or the configuration in ``[gokart_worker]``.

    Raises:
        SystemExit: with the exit code; it is also the exception that says what is wrong with the command line.
        TypeError: `cmdline_args` is no list of arguments.
        StorageError: unnecessary outputs are to be deleted, but the workspace is not local.
    """
    if isinstance(cmdline_args, str) or not isinstance(cmdline_args, (Sequence, type(None))):
        raise TypeError(
            f"run() takes a list of arguments, such as ['MyTask', '--local-scheduler'], but was given {cmdline_args!r}."
        )
    arguments = list(sys.argv[1:] if cmdline_args is None else cmdline_args)
    with ExitStack() as contexts:
        command = _parse(arguments, retcode if set_retcode else luigi_retcode, contexts)
        contexts.enter_context(anchored())
        _do_what_is_asked_instead(arguments, command)
        contexts.enter_context(honoured(command.task))
        slack_api = configured_slack_api(arguments)
        factory = WorkerSchedulerFactory(executor)
        held_lock = command.lock_directory
        try:
            with handing_on(command.task, command.cache):
                code = _run_luigi(arguments, command.codes, factory)
        except PidLockAlreadyTakenExit:
            held_lock, code = None, command.codes.already_running
        finally:
            if held_lock is not None:
                _luigi.release_process_lock(held_lock)
        _try_to_send_event_summary_to_slack(slack_api, events_of(factory.worker), arguments)
        sys.exit(code)


def _try_to_send_event_summary_to_slack(
    slack_api: SlackAPI | None, event_aggregator: EventAggregator, cmdline_args: Sequence[str]
) -> None:
    """Tell Slack how the run ended; test suites of users replace this."""
    send_event_summary(slack_api, event_aggregator, cmdline_args, _draw_tree)


def _draw_tree(task: luigi.Task, details: bool) -> str:
    # By the name at which test suites of users put a function of their own.
    tree: str = sys.modules['gokart'].make_tree_info(task, details=details)
    return tree


@dataclass(frozen=True, slots=True)
class _Command:
    task: luigi.Task
    codes: luigi_retcode
    lock_directory: str | None
    tree: tree_info
    cache: str


def _parse(arguments: list[str], codes_class: type[luigi_retcode], contexts: ExitStack) -> _Command:
    """Read the command line, and keep the state of the process until `contexts` end."""
    code_of_errors = luigi_retcode().unhandled_exception
    try:
        with CmdlineParser.global_instance(arguments) as parser:
            contexts.enter_context(process_state_kept())
            codes = codes_class()
            code_of_errors = codes.unhandled_exception
            settings = core()
            lock_directory = None if settings.no_lock else settings.lock_pid_dir
            cache = checked_cache(gokart_worker().cache)
            return _Command(parser.get_task_obj(), codes, lock_directory, tree_info(), cache)
    except Exception as error:
        # The user's mistake, such as an unknown task or a missing parameter: what it is, not where it was found.
        _end(error, code_of_errors)


def _end(error: Exception, code: int) -> NoReturn:
    """Say what is wrong and end the process; for code around `run` that catches it, it is `error` as well."""
    sys.stderr.write(f'{type(error).__name__}: {error}\n')
    kind = type(error)
    try:
        exit_of_kind: Any = type(kind.__name__, (SystemExit, kind), {'__module__': kind.__module__})
        end = exit_of_kind.__new__(exit_of_kind, *error.args)
    except TypeError:  # classes of some errors, such as those of the operating system, go with no other
        sys.exit(code)
    vars(end).update(vars(error))
    end.args, end.code = error.args, code
    raise end from error


def _do_what_is_asked_instead(arguments: list[str], command: _Command) -> None:
    """End the process where the command line asks for something else than a run."""
    task, tree = command.task, command.tree
    if tree.mode:
        if tree.mode not in ('simple', 'all'):
            message = f'--tree-info-mode must be "simple" or "all", but "{tree.mode}" is passed.'
            _end(ParameterValueError(message), command.codes.unhandled_exception)
        tree.output().dump(_draw_tree(task, details=tree.mode == 'all'))
        sys.exit()
    if getattr(task, 'delete_unnecessary_output_files', False):
        for path in delete_local_unnecessary_outputs(task):
            sys.stdout.write(f'deleted {path}\n')
        sys.exit()
    try_to_run_test_for_empty_data_frame(arguments)


def _run_luigi(arguments: list[str], codes: luigi_retcode, factory: WorkerSchedulerFactory) -> int:
    try:
        luigi.run(arguments, worker_scheduler_factory=factory, detailed_summary=True)
        if factory.worker is None:  # a test suite put something in the place of Luigi
            return 0
        outcome = Outcome.of(factory.worker)
    except Exception as error:
        explained = explained_outcome(error, factory)
        if explained is None:
            logger.exception('The run ended in an error.')
            return codes.unhandled_exception
        outcome = explained
    if not outcome.root_is_done:
        logger.error('%s', report(outcome))
    return _exit_code(outcome, codes)


def _exit_code(outcome: Outcome, codes: luigi_retcode) -> int:
    found = [
        code
        for code, tasks in (
            (codes.missing_data, outcome.missing),
            (codes.task_failed, outcome.failed),
            (codes.already_running, outcome.run_elsewhere),
            (codes.scheduling_error, outcome.unschedulable),
            (codes.not_run, outcome.not_run),
        )
        if tasks
    ]
    return max(found, default=0) or (0 if outcome.root_is_done else codes.not_run)
