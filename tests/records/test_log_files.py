"""The five log files of a task tell of its run, and hurt nothing when they cannot be written."""

from __future__ import annotations

import os
import pickle
import random
import re
import sys
import types
from pathlib import Path

import luigi
import numpy as np
import pytest
from luigi.mock import MockFileSystem, MockTarget

import gokart
from gokart.errors import RecordNotFoundError


class Noted(gokart.TaskOnKart):
    number = luigi.IntParameter(default=1)

    def run(self):
        self.task_log['lucky'] = self.number
        self.dump((random.random(), np.random.random()))


def stem(task):
    return f'Noted_{task.make_unique_id()}'


@pytest.fixture
def built():
    task = Noted()
    gokart.build(task)
    return task


def stored(kind, task):
    return pickle.loads(Path(f'resources/log/{kind}/{stem(task)}.pkl').read_bytes())


def test_all_five_are_written(built):
    files = sorted(str(path.relative_to('resources/log')) for path in Path('resources/log').rglob('*.*'))
    assert files == [
        f'module_versions/{stem(built)}.txt',
        f'processing_time/{stem(built)}.pkl',
        f'random_seed/{stem(built)}.pkl',
        f'task_log/{stem(built)}.pkl',
        f'task_params/{stem(built)}.pkl',
    ]


def test_plain_pickle_reads_them(built):
    seed = int(built.make_unique_id(), 16) % (2**32 - 1)
    assert stored('task_params', built) == {'number': '1'}
    assert stored('task_log', built) == {'lucky': 1, 'file_path': [built.output().path()]}
    assert stored('random_seed', built) == {'seed': seed, 'seed_methods': ['random.seed', 'numpy.random.seed']}
    assert stored('processing_time', built) > 0


def test_module_versions_are_those_of_the_imported_packages(built):
    lines = Path(f'resources/log/module_versions/{stem(built)}.txt').read_text(encoding='utf-8').splitlines()
    assert f'numpy=={np.__version__}' in lines
    assert all(re.fullmatch(r'[^=]+==\S+', line) for line in lines)


def test_the_task_reads_its_own(built):
    assert built.get_task_log()['lucky'] == 1
    assert built.get_task_params() == {'number': '1'}
    assert built.get_processing_time() == stored('processing_time', built)


def test_a_task_that_never_ran_has_none():
    assert (Noted().get_task_log(), Noted().get_task_params(), Noted().get_processing_time()) == ({}, {}, 'unknown')


def test_they_can_be_switched_off():
    gokart.build(Noted(should_dump_supplementary_log_files=False))
    assert not Path('resources/log').exists()


def test_a_log_that_cannot_be_stored_is_a_warning_not_a_failure(caplog):
    class Odd(gokart.TaskOnKart):
        def run(self):
            self.task_log['generator'] = (number for number in [])
            self.dump('done')

    with caplog.at_level('WARNING', 'gokart'):
        assert gokart.build(Odd(), log_level=30) == 'done'
    assert 'Could not write the log file' in caplog.text


def test_a_skipped_body_leaves_the_log_of_the_real_run(built):
    before = built.get_processing_time()
    gokart.build(built)
    assert built.get_processing_time() == before
    assert built.get_task_log()['lucky'] == 1


def test_a_task_is_restored_by_its_id(built):
    assert Noted.restore(built.make_unique_id()) == built


def test_an_unknown_id_is_named():
    with pytest.raises(RecordNotFoundError, match=r"Noted with the unique id 'nope': .*task_params/Noted_nope.pkl"):
        Noted.restore('nope')


class TestSeeds:
    def test_the_same_task_draws_the_same_numbers(self):
        first = gokart.build(Noted(workspace_directory='one'))
        assert gokart.build(Noted(workspace_directory='two')) == first
        assert gokart.build(Noted(number=2)) != first

    def test_a_fixed_seed_counts(self):
        values = {gokart.build(Noted(number=n, fix_random_seed_value=5)) for n in (1, 2)}
        assert len(values) == 1

    @pytest.mark.parametrize('value', [0, 7])
    def test_zero_is_a_seed_like_any_other(self, value):
        task = Noted(fix_random_seed_value=value)
        gokart.build(task)
        assert stored('random_seed', task)['seed'] == value

    def test_none_means_from_the_id(self):
        task = Noted(fix_random_seed_value=None)
        gokart.build(task)
        assert stored('random_seed', task)['seed'] == int(task.make_unique_id(), 16) % (2**32 - 1)

    def test_seeding_does_not_need_the_log_files(self):
        first = gokart.build(Noted(workspace_directory='one', should_dump_supplementary_log_files=False))
        assert gokart.build(Noted(workspace_directory='two')) == first

    def test_an_unknown_method_warns_and_is_skipped(self, caplog):
        task = Noted(fix_random_seed_methods=['random.seed', 'no_such.seed'])
        with caplog.at_level('WARNING', 'gokart'):
            gokart.build(task, log_level=30)
        assert stored('random_seed', task)['seed_methods'] == ['random.seed']
        assert "'no_such.seed'" in caplog.text

    def test_the_callers_random_state_is_put_back(self):
        random.seed(1)
        np.random.seed(1)
        before = (random.getstate(), np.random.get_state()[1].tolist())
        gokart.build(Noted())
        assert (random.getstate(), np.random.get_state()[1].tolist()) == before


def test_a_log_that_is_no_small_structure_is_stored_whole():
    class Long(gokart.TaskOnKart):
        def run(self):
            self.task_log['numbers'] = np.arange(1_000)
            self.dump('done')

    gokart.build(Long())
    assert np.array_equal(Long().get_task_log()['numbers'], np.arange(1_000))


def test_they_go_where_a_test_suite_sends_local_files(monkeypatch):
    monkeypatch.setattr(luigi, 'LocalTarget', MockTarget)
    task = Noted()
    gokart.build(task)
    assert not Path('resources').exists()
    assert MockFileSystem().exists(f'./resources/log/task_params/{stem(task)}.pkl')
    MockFileSystem().clear()


def test_they_are_flushed_to_the_disk_where_the_setting_says_so(config, monkeypatch):
    flushed = []
    monkeypatch.setattr(os, 'fsync', flushed.append)
    config.set('LocalStorageConfig', 'fsync', 'true')
    gokart.build(Noted())
    assert len(flushed) == 6 * 2  # the output and the log files, each with its directory


def test_those_of_an_unusable_workspace_are_a_warning_each(caplog):
    class Elsewhere(gokart.TaskOnKart):
        def complete(self):
            return self.task_log.get('ran', False)

        def run(self):
            self.task_log['ran'] = True

    Path('file').touch()
    with caplog.at_level('WARNING', 'gokart'):
        gokart.build(Elsewhere(workspace_directory='file/workspace'), return_value=False, log_level=30)
    assert caplog.text.count('Could not write the log file') == 5


def test_a_directory_in_the_place_of_one_is_left_alone(caplog):
    task = Noted()
    in_the_way = Path(f'resources/log/task_log/{stem(task)}.pkl')
    in_the_way.mkdir(parents=True)
    with caplog.at_level('WARNING', 'gokart'):
        gokart.build(task, log_level=30)
    assert in_the_way.is_dir()
    assert [path for path in in_the_way.parent.iterdir() if path != in_the_way] == []
    assert caplog.text.count('Could not write the log file') == 1


def test_a_package_imported_between_two_tasks_is_among_the_versions_of_the_second(built, monkeypatch):
    late = types.ModuleType('late_package')
    late.__version__ = '1.2.3'
    monkeypatch.setitem(sys.modules, 'late_package', late)
    second = Noted(number=2)
    gokart.build(second)
    written = [Path(f'resources/log/module_versions/{stem(task)}.txt').read_text() for task in (built, second)]
    assert ['late_package==1.2.3' in text.splitlines() for text in written] == [False, True]
