"""A build leaves the process as it found it."""

from __future__ import annotations

import gc
import logging
import os
import random
import signal
import threading
import weakref
from pathlib import Path

import luigi
import pytest
from luigi.cmdline_parser import CmdlineParser
from luigi.setup_logging import InterfaceLogging
from luigi.task_register import Register

import gokart
from gokart.build import GokartBuildError, LoggerConfig, _reset_register, build

LOGGERS = ('gokart', 'luigi', 'luigi-interface')


class Number(gokart.TaskOnKart):
    value = luigi.IntParameter(default=1)

    def run(self):
        random.random()
        self.dump(self.value)


class Restless(gokart.TaskOnKart):
    """Changes what it can."""

    fails = luigi.BoolParameter(default=False)

    def run(self):
        Path('elsewhere').mkdir()
        os.chdir('elsewhere')
        random.seed(1)
        if self.fails:
            raise ValueError
        self.dump('x')


def parent_of(stat: Path) -> int | None:
    try:
        return int(stat.read_text().rpartition(')')[2].split()[1])
    except OSError:  # it ended meanwhile
        return None


def children() -> set[str]:
    """The processes that this one started, zombies too; none where there is no /proc."""
    return {path.parent.name for path in Path('/proc').glob('[0-9]*/stat') if parent_of(path) == os.getpid()}


def open_files() -> int:
    return len(list(Path('/proc/self/fd').glob('*')))


def test_twenty_builds_leave_no_thread_no_process_no_file(tmp_path):
    build(Number(value=-1), workers=2)
    threads, processes = set(threading.enumerate()), children()
    descriptors = open_files()
    for value in range(20):
        build(Number(value=value), workers=1 + value % 2)
    gc.collect()
    assert set(threading.enumerate()) <= threads
    assert children() <= processes
    assert open_files() <= descriptors


def test_processes_are_gone_after_a_failure():
    class Failing(gokart.TaskOnKart):
        def run(self):
            raise ValueError

    before = children()
    with pytest.raises(GokartBuildError):
        build(Failing(), workers=2)
    assert children() <= before


def test_process_of_a_done_task_ends_although_it_left_a_thread(monkeypatch):
    monkeypatch.setattr('gokart.running.engines.task_processes._FAREWELL_SECONDS', 0.1)

    class Lingering(gokart.TaskOnKart):
        def run(self):
            threading.Thread(target=threading.Event().wait).start()
            self.dump('x')

    before = children()
    assert build(Lingering(), workers=2) == 'x'
    assert children() <= before


def test_signal_handlers_are_put_back():
    seen = []

    class Looking(gokart.TaskOnKart):
        def run(self):
            seen.append(signal.getsignal(signal.SIGUSR1))
            self.dump('x')

    before = {number: signal.getsignal(number) for number in signal.valid_signals()}
    build(Looking())
    assert {number: signal.getsignal(number) for number in signal.valid_signals()} == before
    assert seen[0].__name__ == 'handle_interrupt'


@pytest.mark.parametrize('fails', [False, True])
def test_random_state_is_put_back(fails):
    import numpy as np

    random.seed(5)
    np.random.seed(5)
    expected = random.getstate(), np.random.get_state()[1].tolist()
    try:
        build(Restless(fails=fails))
    except GokartBuildError:
        assert fails
    assert (random.getstate(), np.random.get_state()[1].tolist()) == expected


def test_working_directory_is_put_back(tmp_path):
    build(Restless())
    assert Path.cwd() == tmp_path


def test_output_of_a_task_that_moves_is_where_it_was_expected(tmp_path):
    assert build(Restless()) == 'x'
    assert Restless().complete()


def test_inner_build_puts_back_what_the_outer_task_had():
    drawn = []

    class Outer(gokart.TaskOnKart):
        nested = luigi.BoolParameter(significant=False)

        def run(self):
            if self.nested:
                build(Number(value=99))
            drawn.append(random.random())
            self.dump('x')

    build(Outer(nested=False))
    build(Outer(nested=True, rerun=True))
    assert drawn[0] == drawn[1]


def test_levels_and_handlers_of_loggers_are_put_back():
    logging.getLogger('luigi-interface').setLevel(logging.WARNING)
    before = [(logging.getLogger(name).level, list(logging.getLogger(name).handlers)) for name in LOGGERS]
    configured = InterfaceLogging._configured
    build(Number(), log_level=logging.DEBUG)
    assert [(logging.getLogger(name).level, list(logging.getLogger(name).handlers)) for name in LOGGERS] == before
    assert InterfaceLogging._configured == configured
    assert logging.root.manager.disable == logging.NOTSET


def test_logger_config_sets_the_levels_of_a_block():
    with LoggerConfig(logging.CRITICAL) as config:
        assert config.level == logging.CRITICAL
        assert config.logger.isEnabledFor(logging.CRITICAL)
        assert not config.logger.isEnabledFor(logging.ERROR)
        assert {logging.getLogger(name).level for name in LOGGERS} == {logging.CRITICAL}


def test_overlapping_blocks_leave_what_the_first_found():
    level = logging.getLogger('gokart').level
    first, second = LoggerConfig(logging.ERROR), LoggerConfig(logging.INFO)
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert logging.getLogger('gokart').level == logging.INFO
    second.__exit__(None, None, None)
    assert logging.getLogger('gokart').level == level


def test_records_are_seen_at_the_level_that_was_asked_for(caplog):
    build(Number(value=1), log_level=logging.ERROR)
    assert not caplog.records
    build(Number(value=2), log_level=logging.INFO)
    assert any('Done scheduling' in record.message for record in caplog.records)


def test_no_event_handler_is_added():
    handlers = repr(luigi.Task._event_callbacks)
    build(Number())
    assert repr(luigi.Task._event_callbacks) == handlers


def test_frames_of_a_failed_task_are_freed():
    class Big:
        pass

    class Failing(gokart.TaskOnKart):
        def run(self):
            big = Big()
            kept.append(weakref.ref(big))
            raise ValueError

    kept = []
    with pytest.raises(GokartBuildError):
        build(Failing(), log_level=logging.CRITICAL + 1)  # pytest keeps the records of the log, and these the frames
    gc.collect()
    assert kept[0]() is None


def test_classes_stay_in_the_register():
    build(Restless(), reset_register=True)
    _reset_register()
    _reset_register(keep={'luigi'})
    assert Register.get_task_cls('Restless') is Restless


def test_command_line_stays():
    with CmdlineParser.global_instance(['Restless', '--Restless-fails']) as parser:
        with pytest.raises(GokartBuildError):
            build(Restless())
        assert CmdlineParser.get_instance() is parser
