"""The client of boto3: one for each process, whatever threads and forks do."""

from __future__ import annotations

import logging
import pickle
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from gokart.storage.registry import storage_for
from gokart.storage.s3 import S3Storage
from gokart.testing.storage.actions import read, write


@pytest.fixture
def made(monkeypatch):
    """Count the clients that are made."""
    import boto3.session

    clients = []
    client = boto3.session.Session.client

    def count(self, *args, **kwargs):
        clients.append(args)
        return client(self, *args, **kwargs)

    monkeypatch.setattr(boto3.session.Session, 'client', count)
    return clients


def test_threads_share_one_client(s3_url, made):
    barrier = threading.Barrier(16)

    def use(number: int) -> None:
        barrier.wait()
        write(storage_for(s3_url), f'{s3_url}/{number}', b'content')

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(use, range(16)))
    assert len(made) == 1


def test_no_client_is_made_before_it_is_needed(s3_url, made):
    storage = S3Storage()
    stream = storage.open_write(f'{s3_url}/object')
    stream.write(b'content')
    assert made == []
    stream.close()
    assert len(made) == 1


def test_a_forked_child_makes_a_client_of_its_own(storage, s3_url, made, run_child):
    write(storage, f'{s3_url}/object', b'content')
    parents = storage._connection._current()

    def use() -> None:
        assert read(storage, f'{s3_url}/object') == b'content'
        assert storage._connection._current().boto is not parents.boto
        assert len(made) == 2

    assert run_child(use) == 0
    assert storage._connection._current() is parents


def test_children_and_parent_do_not_mix_up_answers(storage, s3_url, start_child):
    import os

    for number in range(5):
        write(storage, f'{s3_url}/{number}', b'%d' % number * 1000)

    def read_all(number: int) -> None:
        for _ in range(20):
            assert read(storage, f'{s3_url}/{number}') == b'%d' % number * 1000

    children = [start_child(lambda number=number: read_all(number)) for number in range(4)]
    read_all(4)
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * 4


def test_a_fork_while_a_client_is_made_does_not_stop_the_child(storage, s3_url, monkeypatch, run_child):
    from gokart.storage.s3 import client

    make, forking, forked = client._make_client, threading.Event(), threading.Event()

    def make_slowly(config):
        if threading.current_thread() is not threading.main_thread():
            forking.set()
            forked.wait(30)
        return make(config)

    monkeypatch.setattr(client, '_make_client', make_slowly)
    thread = threading.Thread(target=lambda: write(storage, f'{s3_url}/parent', b''))
    thread.start()
    forking.wait(30)
    assert run_child(lambda: write(storage, f'{s3_url}/child', b'')) == 0
    forked.set()
    thread.join()
    assert [entry.path for entry in storage.list(s3_url)] == [f'{s3_url}/child', f'{s3_url}/parent']


def test_a_pickled_storage_carries_no_client(storage, s3_url):
    write(storage, f'{s3_url}/object', b'content')
    pickled = pickle.dumps(storage)
    assert len(pickled) < 200
    assert read(pickle.loads(pickled), f'{s3_url}/object') == b'content'


def test_more_threads_than_connections_say_nothing(s3_url, config, caplog):
    config.set('S3Config', 'pool_size', '4')
    storage = S3Storage()
    with caplog.at_level(logging.WARNING), ThreadPoolExecutor(24) as pool:
        list(pool.map(lambda number: write(storage, f'{s3_url}/{number}', b'content'), range(48)))
        assert list(pool.map(lambda number: read(storage, f'{s3_url}/{number}'), range(48))) == [b'content'] * 48
    assert caplog.messages == []


def test_no_more_requests_are_made_at_once_than_the_pool_has(proxy, storage, s3_url, config):
    config.set('S3Config', 'pool_size', '2')
    held = proxy.add('hold', method='PUT')
    with ThreadPoolExecutor(5) as pool:
        writes = [pool.submit(write, storage, f'{s3_url}/{number}', b'') for number in range(5)]
        assert held.taken.wait(30)
        assert storage._connection._current().slots._value == 0
        held.event.set()
        assert [done.result() for done in writes] == [None] * 5


def test_without_boto3_the_error_says_how_to_install_it():
    code = (
        'import sys; sys.modules["boto3"] = None\n'
        'from gokart.storage.registry import storage_for\n'
        'try: storage_for("s3://bucket/key").exists("s3://bucket/key")\n'
        'except ImportError as error: print(error)'
    )
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True)
    assert "pip install 'gokart[s3]'" in done.stdout


def test_a_storage_needs_no_boto3_to_be_made():
    code = (
        'import sys; from gokart.storage.registry import storage_for\n'
        'storage_for("s3://bucket/key"); print(sorted({"boto3", "botocore"} & set(sys.modules)))'
    )
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True)
    assert done.stdout == '[]\n'
