"""Writing to Google Cloud Storage: in one request or in parts, complete or not at all."""

from __future__ import annotations

import os
import signal
import time
import traceback

import pytest
from google.cloud.storage import Client

from gokart.errors import StorageError
from gokart.storage.gcs import GCSStorage
from gokart.testing.storage.actions import read, write

PART = 256 * 1024
CONTENT = os.urandom(3 * PART + 1000)
FAILURES = ['status', 'reset_before', 'reset_after']


@pytest.fixture
def path(gcs_url) -> str:
    return f'{gcs_url}/directory/object'


@pytest.mark.parametrize('size', [PART, PART + 1, 2 * PART, 3 * PART + 1000])
def test_objects_around_the_size_of_parts_are_whole(storage, path, small_parts, size):
    write(storage, path, CONTENT[:size])
    assert read(storage, path) == CONTENT[:size]
    assert storage.stat(path).size_bytes == size


def test_a_small_object_takes_one_request(storage, path, proxy, small_parts):
    with storage.open_write(path, labels={'name': 'value'}) as stream:
        stream.write(CONTENT[:PART])
    assert [entry.method for entry in proxy.log] == ['POST']


def test_a_large_object_takes_a_request_for_each_part_and_one_to_begin(storage, path, proxy, small_parts):
    write(storage, path, CONTENT)
    assert [entry.method for entry in proxy.log] == ['POST', 'PUT', 'PUT', 'PUT', 'PUT']


def test_nothing_is_to_be_seen_before_the_last_part(storage, path, proxy, small_parts):
    seen = []
    rule = proxy.add('hold', method='PUT', skip=3)
    rule.event.wait = lambda timeout: seen.append(storage.exists(path))
    write(storage, path, CONTENT)
    assert seen == [False]
    assert storage.exists(path)


@pytest.mark.parametrize('action', FAILURES)
def test_a_passing_failure_of_a_small_write_passes(storage, path, proxy, action):
    proxy.add(action, method='POST', times=2)
    write(storage, path, b'content')
    assert read(storage, path) == b'content'


@pytest.mark.parametrize('action', FAILURES)
@pytest.mark.parametrize('skip', [0, 2, 4])
def test_a_large_write_goes_on_where_it_broke_off(storage, path, proxy, small_parts, action, skip):
    """At the beginning of the session, at a part, and at the last, whose lost answer was the publication."""
    proxy.add(action, path='/upload/', skip=skip, times=1)
    write(storage, path, CONTENT)
    assert read(storage, path) == CONTENT
    assert len([entry for entry in proxy.log if entry.method in ('POST', 'PUT')]) <= 7


def test_an_upload_that_the_server_forgot_begins_anew(storage, path, proxy, small_parts):
    proxy.add('status', method='PUT', skip=1, times=1, status=410)
    write(storage, path, CONTENT)
    assert read(storage, path) == CONTENT
    assert [entry.method for entry in proxy.log].count('POST') == 2


def test_an_upload_that_fails_for_good_is_cancelled(storage, path, proxy, small_parts):
    proxy.add('status', method='PUT', skip=2, status=400)
    with pytest.raises(StorageError, match='directory/object'):
        write(storage, path, CONTENT)
    assert proxy.log[-1].method == 'DELETE'
    assert not storage.exists(path)


@pytest.mark.parametrize('status', [400, 403, 503])
def test_the_address_of_an_upload_is_shown_to_nobody(storage, path, proxy, small_parts, config, caplog, status):
    config.set('GCSConfig', 'retries', '1')
    proxy.add('status', method='PUT', status=status)
    with pytest.raises(StorageError) as caught:
        write(storage, path, CONTENT)
    caught_text = ''.join(traceback.format_exception(caught.value))
    assert 'directory/object' in caught_text
    assert 'upload_id=' not in caught_text + caplog.text


@pytest.fixture
def interruptible():
    """Python's own handler of Ctrl-C, which shells keep from what they start in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_a_write_that_is_interrupted_is_cancelled(storage, path, proxy, small_parts, interruptible):
    rule = proxy.add('hold', method='PUT', skip=1, times=1)

    def interrupt(timeout):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.5)  # the answer must not come before the signal is noticed

    rule.event.wait = interrupt
    with pytest.raises(KeyboardInterrupt):
        write(storage, path, CONTENT)
    assert 'DELETE' in [entry.method for entry in proxy.log]
    assert not storage.exists(path)


def test_a_killed_upload_leaves_nothing_to_be_seen(storage, path, proxy, small_parts, start_child):
    rule = proxy.add('hold', method='PUT', skip=2)
    child = start_child(lambda: write(GCSStorage(), path, CONTENT))
    deadline = time.monotonic() + 20
    while len(proxy.log) < 3 and time.monotonic() < deadline:
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    rule.event.set()
    assert len(proxy.log) >= 3
    assert not storage.exists(path)
    assert list(storage.list(path.rpartition('/')[0])) == []


def test_the_bytes_are_checked_by_the_server(storage, path, proxy):
    """A body that changes on the way is refused, since the request tells its checksum."""
    write(storage, path, b'content')
    blob = Client().bucket(path.split('/')[2]).get_blob('directory/object')
    assert blob.md5_hash == 'mgNkuembtIDdJeHwKEyFVQ=='
    assert blob.content_type == 'application/octet-stream'
