"""Failures of Google Cloud Storage that stay: one error of ours, with path, action, address and cure."""

from __future__ import annotations

import errno
import socket
import time

import pytest
import requests

from gokart.errors import (
    AccessDeniedError,
    BucketNotFoundError,
    ConfigError,
    CredentialsError,
    PreconditionError,
    StorageError,
    UnreachableStorageError,
)
from gokart.storage.contract import Condition
from gokart.storage.gcs import GCSStorage
from gokart.storage.gcs.errors import Action, Deed
from gokart.storage.retries import Failure
from gokart.testing.storage.actions import read, write

VERBS = {
    'read': lambda storage, path: storage.open_read(path),
    'write': lambda storage, path: storage.open_write(path).close(),
    'look at': lambda storage, path: storage.stat(path),
    'remove': lambda storage, path: storage.remove(path),
    'list': lambda storage, path: list(storage.list(path)),
}
each_verb = pytest.mark.parametrize('verb', VERBS)


@pytest.fixture
def path(gcs_url) -> str:
    return f'{gcs_url}/directory/object'


@pytest.fixture
def address(monkeypatch):
    """Let the storage look for its server at an address."""
    return lambda url: monkeypatch.setenv('STORAGE_EMULATOR_HOST', url)


@each_verb
def test_a_missing_bucket_is_named(storage, verb):
    with pytest.raises(BucketNotFoundError, match=r"'no-such-bucket' of 'gs://no-such-bucket/object'"):
        VERBS[verb](storage, 'gs://no-such-bucket/object')


def test_nothing_exists_in_a_missing_bucket_and_that_is_an_error(storage):
    with pytest.raises(BucketNotFoundError):
        storage.exists('gs://no-such-bucket/object')


@pytest.mark.parametrize('body', [b'', b'Not Found', b'No such object: no-such-bucket/object'])
def test_a_server_that_does_not_say_that_the_bucket_is_missing_is_asked(storage, answer, body):
    answer.status, answer.body = 404, body
    with pytest.raises(BucketNotFoundError, match='no-such-bucket'):
        storage.exists('gs://no-such-bucket/object')
    assert len(answer.requests) == 2


def test_a_bucket_is_looked_for_once_a_process(storage, path, proxy):
    for name in 'abc':
        assert not storage.exists(path + name)
    assert len(proxy.log) == 4


def test_a_bucket_that_was_seen_is_not_looked_for(storage, path, proxy):
    write(storage, path, b'')
    assert not storage.exists(path + 'x')
    assert len(proxy.log) == 2


def test_a_bucket_that_cannot_be_listed_is_taken_to_be_there(storage, path, proxy):
    proxy.add('status', path='/o\\?', status=403)
    for name in 'abc':
        assert not storage.exists(path + name)
    assert len(proxy.log) == 4


@each_verb
def test_a_denied_action_names_the_permission(storage, path, answer, verb):
    answer.refuse(403, 'forbidden', 'me@project does not have access to the Google Cloud Storage object.')
    with pytest.raises(
        AccessDeniedError, match=rf"^Cannot {verb} '{path}' at http://127.*me@project.*storage\.objects"
    ):
        VERBS[verb](storage, path)
    assert len(answer.requests) == 1


@each_verb
def test_unknown_credentials_are_told_from_denied_ones(storage, path, answer, verb):
    answer.refuse(401, 'required', 'Anonymous caller does not have access.')
    with pytest.raises(CredentialsError, match=f"Cannot {verb} '{path}' at .*gcs_credential_name"):
        VERBS[verb](storage, path)


def test_a_limit_that_is_told_as_denial_passes(storage, path, answer, config):
    config.set('GCSConfig', 'retries', '1')
    answer.refuse(403, 'rateLimitExceeded', 'slow down')
    with pytest.raises(AccessDeniedError):
        storage.stat(path)
    assert len(answer.requests) == 2


@pytest.mark.parametrize('status', [408, 429, 500, 502, 503, 504])
def test_a_failure_that_may_pass_is_tried_again(storage, path, proxy, status):
    write(storage, path, b'content')
    proxy.add('status', status=status, times=1)
    assert storage.stat(path).size_bytes == 7


@pytest.mark.parametrize(('verb', 'status'), [*((verb, 503) for verb in VERBS), ('look at', 429)])
def test_a_failure_that_does_not_pass_is_one_error(storage, path, answer, config, verb, status):
    config.set('GCSConfig', 'retries', '2')
    answer.refuse(status, 'backendError', 'Backend Error')
    with pytest.raises(StorageError, match=f"Cannot {verb} '{path}' at .*{status}: Backend Error.*later"):
        VERBS[verb](storage, path)
    assert len(answer.requests) == 3


@pytest.mark.parametrize(
    ('verb', 'status'),
    [
        *((verb, status) for verb in VERBS for status in (302, 404)),
        *(('write', status) for status in (400, 403, 405, 501)),
        *((verb, 200) for verb in ('look at', 'list', 'read', 'write')),
    ],
)
def test_a_server_that_is_no_storage_is_recognized(storage, path, answer, verb, status):
    answer.show_page(status)
    with pytest.raises(StorageError, match=rf"Cannot {verb} '{path}' at .*(none of Google|refuses).*") as caught:
        VERBS[verb](storage, path)
    assert '<' not in str(caught.value)


@pytest.mark.parametrize('body', [b'{"error": "not found"}', b'"no"', b'[]', b'{"error": {"message": 7}}', b'\xff'])
@pytest.mark.parametrize('status', [200, 404])
def test_a_server_that_speaks_json_and_is_no_storage(storage, path, answer, status, body):
    answer.status, answer.body = status, body
    with pytest.raises((StorageError, FileNotFoundError), match='object'):
        storage.stat(path)


def test_an_address_where_nobody_listens(storage, path, address):
    with socket.socket() as unused:
        unused.bind(('127.0.0.1', 0))
        address(f'http://127.0.0.1:{unused.getsockname()[1]}')
        with pytest.raises(UnreachableStorageError, match=r'at http://127.*refused.*endpoint_url'):
            storage.exists(path)


def test_an_address_that_has_no_host(storage, path, address):
    address('http://host.invalid')
    with pytest.raises(UnreachableStorageError, match=r'at http://host\.invalid.*endpoint_url'):
        storage.exists(path)


def test_an_address_that_swallows_everything(storage, path, address, config):
    """A full queue of connections drops those that knock, as firewalls do."""
    config.set('GCSConfig', 'connect_timeout_seconds', '0.3')
    with socket.socket() as swallowing:
        swallowing.bind(('127.0.0.1', 0))
        swallowing.listen(0)
        knocking = [socket.socket() for _ in range(4)]
        for knock in knocking:
            knock.setblocking(False)
            knock.connect_ex(swallowing.getsockname())
        address(f'http://127.0.0.1:{swallowing.getsockname()[1]}')
        start = time.monotonic()
        with pytest.raises(UnreachableStorageError, match='timed out'):
            storage.exists(path)
        assert time.monotonic() - start < 3
        for knock in knocking:
            knock.close()


def test_a_server_that_never_answers(storage, path, proxy, config):
    config.set('GCSConfig', 'read_timeout_seconds', '0.2')
    config.set('GCSConfig', 'retries', '1')
    rule = proxy.add('hold')
    with pytest.raises(UnreachableStorageError, match='timed out'):
        storage.exists(path)
    rule.event.set()


def test_a_server_that_has_never_said_a_word_is_not_waited_for_again(storage, path):
    retries = storage._access.client(Deed(Action.READ, path)).retries
    assert retries.classify(requests.ReadTimeout()) is Failure.FINAL
    assert not storage.exists(path)
    assert retries.classify(requests.ReadTimeout()) is Failure.PASSING


def test_a_password_in_the_address_is_not_shown(storage, path, address):
    address('http://user:secret@127.0.0.1:1')
    with pytest.raises(UnreachableStorageError) as caught:
        storage.exists(path)
    assert 'secret' not in str(caught.value)


def test_a_lost_condition_names_path_and_version(storage, path):
    write(storage, path, b'content')
    with pytest.raises(PreconditionError, match=f"'{path}' exists"):
        storage.open_write(path, Condition.ABSENT).close()
    version = storage.stat(path).version
    storage.remove(path)
    with pytest.raises(PreconditionError, match=f"'{path}' .*{version}"):
        storage.open_write(path, version).close()


def test_a_bucket_whose_readers_pay_asks_for_a_project(storage, path, answer):
    message = 'Bucket is a requester pays bucket but no user project provided.'
    answer.refuse(400, 'required', message)
    with pytest.raises(StorageError, match='project in \\[GCSConfig\\]'):
        storage.stat(path)


@pytest.mark.parametrize(
    ('path', 'reason'),
    [
        ('gs://', 'names no bucket'),
        ('gs://bucket', 'no path of an object'),
        ('gs://bucket/', 'no path of an object'),
        ('gs://bucket/directory/', 'no path of an object'),
        ('gs://Bucket/object', 'no name of a bucket'),
        ('gs://b/object', 'no name of a bucket'),
        ('gs://bucket.-/object', 'no name of a bucket'),
        ('gs://bucket/..', 'no path of an object'),
        ('gs://bucket/a\nb', 'no path of an object'),
        ('gs://bucket/' + 'é' * 513, '1026 bytes'),
        ('gs://bucket/\ud800', 'no valid text'),
    ],
)
@pytest.mark.parametrize('verb', ['open_read', 'open_write', 'exists'])
def test_a_path_of_no_object_is_an_error(path, reason, verb):
    with pytest.raises(StorageError, match=reason):
        getattr(GCSStorage(), verb)(path)


def test_the_longest_name_serves(gcs_url, storage):
    path = f'{gcs_url}/{"é" * 512}'
    write(storage, path, b'content')
    assert read(storage, path) == b'content'


@pytest.mark.parametrize(
    ('option', 'value'),
    [
        ('part_size_bytes', '1000000'),
        ('part_size_bytes', '0'),
        ('part_size_bytes', '-262144'),
        ('connect_timeout_seconds', '0'),
        ('read_timeout_seconds', '-1'),
        ('retries', '-1'),
        ('pool_size', '0'),
        ('pool_size', 'many'),
        ('endpoint_url', 'localhost:80'),
    ],
)
def test_an_option_that_cannot_be_used_is_named(storage, path, config, option, value):
    config.set('GCSConfig', option, value)
    with pytest.raises(ConfigError, match=rf'\[GCSConfig\].*{option}'):
        storage.exists(path)


def test_an_error_of_the_program_stays_what_it_is(storage, path, monkeypatch):
    def fail(*args, **kwargs):
        raise ZeroDivisionError

    monkeypatch.setattr(requests.Session, 'send', fail)
    with pytest.raises(ZeroDivisionError):
        storage.exists(path)


def test_a_missing_object_is_an_error_of_the_system(storage, path):
    with pytest.raises(FileNotFoundError) as caught:
        storage.stat(path)
    assert (caught.value.errno, caught.value.filename) == (errno.ENOENT, path)


def test_an_answer_that_breaks_off_is_asked_for_again(storage, path, proxy):
    write(storage, path, b'content')
    proxy.add('truncate', method='GET', size_bytes=20, times=2)
    assert storage.stat(path).size_bytes == 7
