"""The five log files of a task tell of its run, and hurt nothing when they cannot be written."""

from __future__ import annotations

import pickle
import random
import re
from pathlib import Path

import luigi
import numpy as np
import pytest

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
