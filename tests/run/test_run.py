"""`run` is Luigi's command line; it always ends in SystemExit, and the exit code tells what happened."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import textwrap
from unittest import mock

import luigi
import pytest
from luigi.cmdline_parser import CmdlineParser
from luigi.interface import PidLockAlreadyTakenExit
from luigi.retcodes import retcode
from luigi.setup_logging import InterfaceLogging
from luigi.task_register import TaskClassNotFoundException

import gokart
from gokart.run import run


@pytest.fixture(autouse=True)
def _quiet(config, own_pid_lock):
    config.set('core', 'log_level', 'CRITICAL')


class Leaf(gokart.TaskOnKart):
    task_namespace = 'on.command.line'
    number = luigi.IntParameter(default=1)

    def run(self):
        self.dump(self.number)


class Root(gokart.TaskOnKart):
    task_namespace = 'on.command.line'
    name = luigi.Parameter()

    def requires(self):
        return Leaf()

    def run(self):
        self.dump((self.name, self.load()))


class RunFailing(gokart.TaskOnKart):
    def run(self):
        raise ValueError('boom on the command line')


class RunUnschedulable(gokart.TaskOnKart):
    def complete(self):
        raise ValueError('complete() fails')


class RunMissing(luigi.ExternalTask):
    def output(self):
        return luigi.LocalTarget('nowhere.csv')


def exit_code(*arguments, **options):
    with pytest.raises(SystemExit) as caught:
        run([*arguments, '--local-scheduler'], **options)
    return caught.value.code


def test_success_is_zero():
    assert exit_code('on.command.line.Leaf') == 0
    assert Leaf().output().load() == 1


def test_parameters_of_any_task_can_be_given():
    assert exit_code('on.command.line.Root', '--name', 'ü', '--on.command.line.Leaf-number', '3') == 0
    with CmdlineParser.global_instance(['on.command.line.Leaf', '--number', '3']):
        root = Root(name='ü')
        assert root.output().load() == ('ü', 3)


def test_arguments_of_the_process_are_the_default(monkeypatch):
    monkeypatch.setattr(sys, 'argv', ['program', 'on.command.line.Leaf', '--number', '8', '--local-scheduler'])
    with pytest.raises(SystemExit) as caught:
        run()
    assert caught.value.code == 0
    assert Leaf(number=8).complete()


@pytest.mark.parametrize(
    ('task', 'code'), [('RunFailing', 40), ('RunUnschedulable', 50), ('RunMissing', 20)], ids=lambda value: str(value)
)
def test_exit_code_tells_what_happened(task, code):
    assert exit_code(task) == code


@pytest.mark.parametrize('task', ['RunFailing', 'RunUnschedulable', 'RunMissing'])
def test_exit_codes_may_be_left_to_luigi(task):
    assert exit_code(task, set_retcode=False) == 0


def test_configured_exit_code_wins(config):
    config.set('retcode', 'task_failed', '77')
    assert exit_code('RunFailing') == 77
    assert exit_code('RunFailing', '--retcode-task-failed', '78') == 78


def test_defaults_of_luigi_stay_as_they_are():
    exit_code('RunFailing')
    assert retcode().task_failed == 0


def test_held_process_lock_has_its_code():
    with mock.patch('luigi.run', side_effect=PidLockAlreadyTakenExit):
        assert exit_code('on.command.line.Leaf') == 10


def test_process_lock_is_given_back():
    """Luigi's own would turn the second run of a process away."""
    assert [exit_code('on.command.line.Leaf') for _ in range(2)] == [0, 0]


def test_task_that_another_worker_runs_has_its_code():
    with mock.patch('gokart._luigi.tasks_run_elsewhere', side_effect=lambda worker: {RunMissing()}):
        assert exit_code('RunMissing') == 10


def test_task_that_was_not_run_has_its_code():
    class StopsTheWorker(gokart.TaskOnKart):
        def run(self):
            os.kill(os.getpid(), signal.SIGUSR1)
            self.dump('x')

    class RunAfterStop(gokart.TaskOnKart):
        def requires(self):
            return StopsTheWorker()

        def run(self):
            self.dump('y')

    assert exit_code('RunAfterStop') == 30


def test_failure_is_reported(caplog):
    exit_code('RunFailing')
    report = next(record.message for record in caplog.records if record.name == 'gokart.run')
    assert 'ValueError: boom on the command line' in report
    assert 'To run it alone' in report


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (['RunFailin'], 'No task RunFailin. Did you mean:\nRunFailing'),
        (['on.command.line.Root'], "requires the 'name' parameter to be set"),
        (['RunFailing', '--nonsense'], 'unrecognized arguments: --nonsense'),
        (['on.command.line.Leaf', '--number', 'many'], 'many'),
    ],
    ids=['task', 'missing', 'parameter', 'value'],
)
def test_mistake_in_the_arguments_is_told_without_traceback(arguments, message, capsys):
    assert exit_code(*arguments) not in (0, None)
    told = capsys.readouterr().err
    assert message in told
    assert 'Traceback' not in told


def test_no_arguments_are_a_mistake():
    with pytest.raises(SystemExit) as caught:
        run([])
    assert caught.value.code == 'No task specified'


@pytest.mark.parametrize('wrong', ['Leaf --local-scheduler', 3])
def test_arguments_must_be_a_list(wrong):
    with pytest.raises(TypeError, match='takes a list of arguments'):
        run(wrong)


def test_error_outside_of_tasks_is_unhandled(caplog):
    with mock.patch('luigi.run', side_effect=ConnectionError('no scheduler')):
        assert exit_code('on.command.line.Leaf') == 4
    assert 'no scheduler' in caplog.text


def test_nothing_global_changes():
    luigi_logger = logging.getLogger('luigi-interface')
    before = list(luigi_logger.handlers), InterfaceLogging._configured, CmdlineParser.get_instance()
    exit_code('on.command.line.Leaf')
    assert (luigi_logger.handlers, InterfaceLogging._configured, CmdlineParser.get_instance()) == before


SCRIPT = """
    import gokart, luigi

    class Failing(gokart.TaskOnKart):
        def run(self):
            raise ValueError('boom')

    if __name__ == '__main__':
        gokart.run()
"""


@pytest.mark.parametrize('workers', [1, 2])
def test_program_prints_the_report(workers, tmp_path):
    script = tmp_path / 'script.py'
    script.write_text(textwrap.dedent(SCRIPT))
    command = [sys.executable, '-W', 'ignore', script, 'Failing', '--local-scheduler', '--no-lock', '--workers']
    done = subprocess.run([*command, str(workers)], capture_output=True, text=True)
    assert done.returncode == 40
    assert 'ValueError: boom\n    ' in done.stderr
    assert 'gokart.build(Failing())' in done.stderr


@pytest.mark.parametrize(
    ('arguments', 'kind'),
    [
        (['on.command.line.Leaf', '--number', 'one'], ValueError),
        (['on.command.line.Nobody'], TaskClassNotFoundException),
        (['on.command.line.Root'], luigi.parameter.MissingParameterException),
        (['on.command.line.Leaf', '--tree-info-mode=huge'], ValueError),
    ],
)
def test_a_mistake_on_the_command_line_is_an_exit_and_the_error_itself(arguments, kind):
    with pytest.raises(kind) as caught:
        run([*arguments, '--local-scheduler'])
    assert isinstance(caught.value, SystemExit)
    assert caught.value.code == 4
    assert type(caught.value.__cause__).__name__ == type(caught.value).__name__


def test_what_suites_put_in_the_place_of_luigi_is_a_success():
    with mock.patch('luigi.run') as luigi_run:
        assert exit_code('on.command.line.Leaf') == 0
    luigi_run.assert_called_once()


def test_what_suites_put_in_the_place_of_the_tree_is_written():
    with mock.patch('gokart.make_tree_info', return_value='a tree'):
        assert not exit_code('on.command.line.Leaf', '--tree-info-mode=simple')
    assert gokart.target.make_target('resources/tree.txt').load() == ['a tree']
