"""What a build says and does about clients and schedulers of Dask, its own and the user's."""

from __future__ import annotations

import asyncio
import logging
import threading

import pytest
from support.executor_tasks import Number

import gokart
from gokart.build import build
from gokart.errors import ConfigError
from gokart.running.engines.choice import make_engine
from gokart.running.engines.dask import DaskBackend


@pytest.fixture(scope='module')
def cluster():
    import distributed

    options = {'n_workers': 1, 'threads_per_worker': 1, 'processes': False, 'protocol': 'tcp'}
    with distributed.LocalCluster(**options, dashboard_address=None, silence_logs=logging.CRITICAL) as cluster:
        yield cluster


def address_of(cluster):
    return 'dask://' + cluster.scheduler_address.removeprefix('tcp://')


@pytest.fixture
def made(monkeypatch):
    """The clients that were made."""
    import distributed

    made = []

    class Noted(distributed.Client):
        def __init__(self, *args, **kwargs):
            made.append(self)
            super().__init__(*args, **kwargs)

    monkeypatch.setattr(distributed, 'Client', Noted)
    return made


def test_client_of_dask_that_is_closed_is_named(notes):
    import distributed

    with distributed.LocalCluster(processes=False, n_workers=1, dashboard_address=None) as cluster:
        with distributed.Client(cluster) as client:
            pass
        with pytest.raises(ConfigError, match='client of Dask that is closed'):
            build(Number(number=1, notes=notes.path), executor=client)


def test_scheduler_of_dask_that_does_not_answer_is_named(notes):
    import dask

    with dask.config.set({'distributed.comm.timeouts.connect': '0.2s'}):
        with pytest.raises(ConfigError, match=r'No scheduler of Dask answers at 127\.0\.0\.1:1'):
            build(Number(number=1, notes=notes.path), executor='dask://127.0.0.1:1')


@pytest.mark.parametrize(
    'address',
    [
        *('', 'nope', 'localhost:', ':8786', 'localhost:abc', '127.0.0.1:1x', 'localhost:0', 'localhost:65536'),
        *('::1:8786', '[::1:8786', 'tls://localhost:8786', 'localhost:8786/x', 'localhost:8786?a=b', 'me@localhost:1'),
    ],
)
def test_address_that_names_no_scheduler_is_refused_before_a_client_is_made(address, made, notes):
    with pytest.raises(ConfigError, match=r'must be dask://host:port'):
        build(Number(number=1, notes=notes.path), executor=f'dask://{address}')
    assert made == []


def test_password_in_an_address_is_not_repeated():
    with pytest.raises(ConfigError, match=r'dask://localhost:8786') as caught:
        make_engine('dask://me:sesame@localhost:8786', 1, '')
    assert 'sesame' not in str(caught.value)


def test_end_does_not_wait_for_a_worker_that_does_not_hear_it(cluster, monkeypatch):
    import distributed

    monkeypatch.setattr('gokart.running.engines.dask._CALL_SECONDS', 0.05)
    monkeypatch.setattr(DaskBackend, '_workers_of', lambda *_: ['tcp://127.0.0.1:1'])
    with distributed.Client(cluster, set_as_default=False) as client:
        waited = threading.Event()

        async def run(*args, **options):
            await asyncio.sleep(60)
            waited.set()

        monkeypatch.setattr(client, '_run', run)
        DaskBackend(client, 1).end([])
    assert not waited.is_set()


def test_cluster_is_no_client_and_the_cure_is_named(cluster, notes):
    with pytest.raises(ConfigError, match=r'is a LocalCluster of Dask.*Client\(cluster\)'):
        build(Number(number=1, notes=notes.path), executor=cluster)


def test_subclasses_are_run_as_what_they_are_made_from(cluster):
    from distributed import Client
    from distributed.cfexecutor import ClientExecutor

    class MyClient(Client):
        pass

    class MyExecutor(ClientExecutor):
        pass

    with MyClient(cluster, set_as_default=False) as client:
        for executor in (client, MyExecutor(client)):
            assert type(make_engine(executor, 1, '').backend) is DaskBackend


def test_nothing_is_connected_while_settings_are_wrong(cluster, made, notes, config):
    config.set('gokart_worker', 'wait_interval', '0')
    with pytest.raises(ConfigError, match='wait_interval is 0'):
        build(Number(number=1, notes=notes.path), executor=address_of(cluster))
    assert made == []


def test_own_client_is_closed_where_the_cluster_does_not_say_what_it_has(cluster, made, notes, monkeypatch):
    import distributed

    def fail(client):
        raise OSError('the scheduler is gone')

    monkeypatch.setattr(distributed.Client, 'nthreads', fail)
    with pytest.raises(OSError, match='the scheduler is gone'):
        build(Number(number=1, notes=notes.path), executor=address_of(cluster))
    assert [client.status for client in made] == ['closed']


def test_own_client_is_closed_after_the_build(cluster, made, notes):
    assert build(Number(number=1, notes=notes.path), executor=address_of(cluster)) == (1, '')
    assert [client.status for client in made] == ['closed']


def test_interrupt_in_a_body_is_no_error_of_the_worker(cluster, caplog):
    class Interrupted(gokart.TaskOnKart):
        def run(self):
            raise KeyboardInterrupt

    with caplog.at_level(logging.WARNING, 'distributed'), pytest.raises(KeyboardInterrupt):
        build(Interrupted(), executor=address_of(cluster))
    assert caplog.messages == []


def test_cluster_without_workers_is_told_of_once_in_a_spell(notes, caplog, config, monkeypatch):
    import distributed

    monkeypatch.setattr('gokart.running.engines.dask._LOOK_SECONDS', 0)
    config.set('gokart_worker', 'wait_interval', '0.02')
    options = {'n_workers': 0, 'threads_per_worker': 1, 'processes': False, 'protocol': 'tcp'}
    with distributed.LocalCluster(**options, dashboard_address=None) as cluster:
        come = threading.Timer(0.3, cluster.scale, [1])
        come.start()
        assert build(Number(number=1, notes=notes.path), executor=address_of(cluster), log_level=logging.INFO) == (
            1,
            '',
        )
        come.join()
    warnings = [message for message in caplog.messages if 'no worker of Dask is left' in message]
    assert len(warnings) == 1
    assert f'{cluster.scheduler_address}; tasks that wait for one: 1.' in warnings[0]
