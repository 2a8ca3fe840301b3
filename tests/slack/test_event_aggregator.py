"""`EventAggregator` tells which tasks of a run succeeded and which failed."""

from __future__ import annotations

import gc
import weakref

import luigi
import pytest

import gokart
from gokart.running.worker_factory import WorkerSchedulerFactory
from gokart.slack import EventAggregator


class Leaf(gokart.TaskOnKart):
    number = luigi.IntParameter(default=1)
    secret = luigi.Parameter(default='hidden', visibility=luigi.parameter.ParameterVisibility.PRIVATE)

    def run(self):
        if self.number < 0:
            raise ValueError(f'{self.number} is less than 0')
        self.dump(self.number)


class Both(gokart.TaskOnKart):
    task_namespace = 'slack.test'

    def requires(self):
        return [Leaf(number=1), Leaf(number=-1)]


class Unschedulable(gokart.TaskOnKart):
    def requires(self):
        raise KeyError('requires() fails')


class Missing(luigi.ExternalTask):
    def output(self):
        return luigi.LocalTarget('nowhere.csv')


class FailsOnce(gokart.TaskOnKart):
    retry_count = 2

    def run(self):
        if not self.make_target('tried.txt').exists():
            self.make_target('tried.txt').dump('once')
            raise ValueError('the first time')
        self.dump('done')


class Plain(luigi.Task):
    def output(self):
        return luigi.LocalTarget('plain.txt')

    def run(self):
        with self.output().open('w') as file:
            file.write('x')


class Silent(gokart.TaskOnKart):
    def run(self):
        raise NotImplementedError


def run(task, workers=1):
    factory = WorkerSchedulerFactory()
    luigi.build([task], worker_scheduler_factory=factory, local_scheduler=True, workers=workers, log_level='ERROR')
    return factory.worker


def recorded(task, workers=1):
    aggregator = EventAggregator()
    aggregator.record(run(task, workers))
    return aggregator


def named(task):
    return f'{type(task).__name__}:[{task.make_unique_id()}]'


@pytest.mark.parametrize('workers', [1, 2])
def test_tasks_of_all_processes_are_told(workers):
    aggregator = recorded(Both(), workers)
    assert aggregator.get_summary() == 'Success: 1; Failure: 1'
    assert aggregator.get_event_list() == (
        '---- Failure Tasks ----\n'
        f'Task: {named(Leaf(number=-1))}; Exception: -1 is less than 0\n'
        '---- Success Tasks ----\n'
        f'{named(Leaf(number=1))}'
    )


def test_complete_tasks_are_not_told():
    run(Leaf())
    aggregator = recorded(Leaf())
    assert (aggregator.get_summary(), aggregator.get_event_list()) == (
        'Success: 0; Failure: 0',
        'Tasks were not executed.',
    )


def test_task_that_cannot_be_scheduled_has_failed():
    aggregator = recorded(Unschedulable())
    assert aggregator.get_summary() == 'Success: 0; Failure: 1'
    assert "Exception: 'requires() fails'" in aggregator.get_event_list()


def test_missing_data_is_told():
    aggregator = recorded(Missing())
    assert aggregator.get_summary() == 'Success: 0; Failure: 0'
    assert aggregator.get_event_list() == f'---- Missing Data ----\nMissing:[{Missing().task_id}]'


def test_task_that_succeeded_at_last_has_succeeded(config):
    config.set('gokart_worker', 'keep_alive', 'true')
    config.set('gokart_worker', 'wait_interval', '0.01')
    config.set('scheduler', 'retry_delay', '0')
    assert recorded(FailsOnce()).get_summary() == 'Success: 1; Failure: 0'


def test_plain_task_of_luigi_goes_by_its_task_id():
    assert recorded(Plain()).get_event_list() == f'---- Success Tasks ----\nPlain:[{Plain().task_id}]'


def test_exception_without_a_message_goes_by_its_type():
    assert recorded(Silent()).get_event_list().endswith('Exception: NotImplementedError')


def test_private_values_are_not_told():
    assert 'hidden' not in recorded(Both()).get_event_list()


# Luigi's events


@pytest.fixture
def callbacks():
    return luigi.Task._event_callbacks


def test_run_adds_no_handler(callbacks):
    before = {cls: {event: set(found) for event, found in events.items()} for cls, events in callbacks.items()}
    recorded(Both())
    assert callbacks == before


def test_events_are_collected_until_handlers_are_removed():
    aggregator = EventAggregator()
    aggregator.set_handlers()
    aggregator.set_handlers()
    try:
        run(Both())
    finally:
        aggregator.remove_handlers()
    run(Leaf(number=2))
    aggregator.remove_handlers()
    assert aggregator.get_summary() == 'Success: 1; Failure: 1'


def test_nothing_holds_an_aggregator_whose_handlers_were_removed():
    aggregator = EventAggregator()
    aggregator.set_handlers()
    aggregator.remove_handlers()
    reference = weakref.ref(aggregator)
    del aggregator
    gc.collect()
    assert reference() is None
