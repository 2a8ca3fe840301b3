"""What goes wrong on S3 is one clear error of ours, within seconds."""

from __future__ import annotations

import functools
import os
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from support.s3_talk import error_body, requests

from gokart.errors import (
    AccessDeniedError,
    BucketNotFoundError,
    CredentialsError,
    StorageError,
    UnreachableStorageError,
)
from gokart.storage.retries import Failure
from gokart.storage.s3 import S3Storage
from gokart.testing.storage.actions import read, write

VERBS = {
    'read': read,
    'written': lambda storage, path: write(storage, path, b'content'),
    'looked up': lambda storage, path: storage.exists(path),
    'removed': lambda storage, path: storage.remove(path),
    'listed': lambda storage, path: list(storage.list(path)),
}

OTHER_VERBS = {
    'stat': lambda storage, path: storage.stat(path),
    'labels': lambda storage, path: storage.labels(path),
    'exists_many': lambda storage, path: storage.exists_many([path, f'{path}2']),
    'remove_many': lambda storage, path: storage.remove_many([path, f'{path}2']),
}


def fail(storage, path, verb, error) -> str:
    """Return the message of the error, which must name the path."""
    with pytest.raises(error) as caught:
        {**VERBS, **OTHER_VERBS}[verb](storage, path)
    message = str(caught.value)
    assert (path.partition('://')[2].partition('/')[0] if verb == 'exists_many' else path) in message
    return message


def test_a_missing_bucket_is_named(storage):
    for verb in (*VERBS, *OTHER_VERBS):
        message = fail(storage, 's3://missing-bucket/key', verb, BucketNotFoundError)
        assert "'missing-bucket'" in message
        assert 'Create it' in message


def test_a_bucket_is_looked_for_once(proxy, storage, s3_url):
    assert not storage.exists(f'{s3_url}/a')
    assert not storage.exists(f'{s3_url}/b')
    assert requests(proxy) == ['HEAD', 'GET list-type', 'HEAD']


def test_the_bucket_of_an_object_that_is_there_is_not_looked_for(proxy, storage, s3_url):
    write(storage, f'{s3_url}/a', b'')
    proxy.clear()
    assert storage.exists(f'{s3_url}/a')
    assert not storage.exists(f'{s3_url}/b')
    assert requests(proxy) == ['HEAD', 'HEAD']


def test_an_unknown_access_key_is_told(storage, s3_url, monkeypatch):
    monkeypatch.setenv('AWS_ACCESS_KEY_ID', 'AKIAUNKNOWN000000000')
    for action in VERBS:
        message = fail(storage, f'{s3_url}/key', action, CredentialsError)
        assert f'could not be {action}' in message
        assert 'InvalidAccessKeyId' in message
        assert 'S3Config' in message


def test_a_wrong_secret_key_is_told_and_not_shown(storage, s3_url, user, monkeypatch):
    secret = user('s3:*').secret
    monkeypatch.setenv('AWS_SECRET_ACCESS_KEY', 'a-wrong-secret')
    for action in VERBS:
        message = fail(storage, f'{s3_url}/key', action, CredentialsError)
        assert 'SignatureDoesNotMatch' in message
        assert secret not in message
        assert 'a-wrong-secret' not in message


@pytest.mark.parametrize('code', ['ExpiredToken', 'InvalidToken', 'RequestTimeTooSkewed'])
def test_credentials_that_are_refused_are_told(proxy, storage, s3_url, code):
    proxy.add('status', status=400, body=error_body(code, 'The provided token has expired.'))
    for action in VERBS:
        assert 'The provided token has expired.' in fail(storage, f'{s3_url}/key', action, CredentialsError)


def test_missing_credentials_are_told(storage, s3_url, monkeypatch):
    monkeypatch.delenv('AWS_ACCESS_KEY_ID')
    monkeypatch.delenv('AWS_SECRET_ACCESS_KEY')
    for action in VERBS:
        message = fail(storage, f'{s3_url}/key', action, CredentialsError)
        assert 'no credentials' in message
        assert 'AWS_ACCESS_KEY_ID' in message


def test_a_missing_profile_is_told(storage, s3_url, monkeypatch):
    monkeypatch.setenv('AWS_PROFILE', 'my-profile')
    assert 'my-profile' in fail(storage, f'{s3_url}/key', 'looked up', CredentialsError)


@pytest.mark.parametrize('name', ['AWS_ACCESS_KEY_ID', 'AWS_SESSION_TOKEN'])
def test_credentials_that_cannot_be_sent_are_told_and_not_shown(storage, s3_url, monkeypatch, name):
    monkeypatch.setenv(name, 'first-line\nsecond-line')
    with pytest.raises(CredentialsError, match='end of a line') as caught:
        storage.exists(f'{s3_url}/key')
    assert 'first-line' not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    ('action', 'allowed'),
    [
        ('read', 's3:PutObject'),
        ('written', 's3:GetObject'),
        ('looked up', 's3:PutObject'),
        ('removed', 's3:GetObject'),
        ('listed', 's3:GetObject'),
    ],
)
def test_a_denied_action_is_told(storage, s3_url, s3_server, bucket, user, action, allowed):
    s3_server.client().put_object(Bucket=bucket, Key='key', Body=b'')
    user(allowed)
    message = fail(storage, f'{s3_url}/key', action, AccessDeniedError)
    assert f'could not be {action}' in message
    assert 'is not authorized to perform' in message


def test_a_missing_object_that_may_not_be_known_is_denied(proxy, storage, s3_url):
    """As AWS answers where s3:ListBucket is not allowed."""
    proxy.add('status', method='HEAD', status=403)
    proxy.add('status', method='GET', status=403, body=error_body('AccessDenied', 'Access Denied'))
    message = fail(storage, f'{s3_url}/key', 'looked up', AccessDeniedError)
    assert 's3:ListBucket' in message
    assert requests(proxy) == ['HEAD', 'GET']


def test_a_missing_object_is_missing_where_buckets_may_not_be_listed(storage, s3_url, user):
    user('s3:GetObject')
    assert not storage.exists(f'{s3_url}/key')


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


def test_a_refused_connection_is_told_at_once(storage, s3_url, monkeypatch):
    endpoint = f'http://127.0.0.1:{unused_port()}'
    monkeypatch.setenv('AWS_ENDPOINT_URL', endpoint)
    for action in VERBS:
        start = time.monotonic()
        message = fail(storage, f'{s3_url}/key', action, UnreachableStorageError)
        assert time.monotonic() - start < 5
        assert f'could not be {action}' in message
        assert endpoint in message
        assert 'endpoint_url' in message


def test_a_host_that_does_not_exist_is_told_at_once(storage, s3_url, monkeypatch):
    monkeypatch.setenv('AWS_ENDPOINT_URL', 'http://nowhere.invalid:9000')
    start = time.monotonic()
    assert 'nowhere.invalid:9000' in fail(storage, f'{s3_url}/key', 'looked up', UnreachableStorageError)
    assert time.monotonic() - start < 8


def test_a_password_in_the_address_is_not_shown(storage, s3_url, monkeypatch):
    monkeypatch.setenv('AWS_ENDPOINT_URL', f'http://me:password@127.0.0.1:{unused_port()}')
    assert 'password' not in fail(storage, f'{s3_url}/key', 'looked up', UnreachableStorageError)


def test_an_address_that_swallows_everything_is_told(storage, s3_url, monkeypatch, quick):
    with socket.create_server(('127.0.0.1', 0), backlog=0) as full:
        address = full.getsockname()
        waiting = [socket.socket() for _ in range(3)]
        for client in waiting:
            client.setblocking(False)
            client.connect_ex(address)
        monkeypatch.setenv('AWS_ENDPOINT_URL', f'http://127.0.0.1:{address[1]}')
        assert 'nothing answers' in fail(storage, f'{s3_url}/key', 'looked up', UnreachableStorageError)
        for client in waiting:
            client.close()


def test_a_silent_server_is_told(storage, s3_url, monkeypatch, quick, config):
    config.set('S3Config', 'read_timeout_seconds', '0.1')
    with socket.create_server(('127.0.0.1', 0)) as silent:
        monkeypatch.setenv('AWS_ENDPOINT_URL', f'http://127.0.0.1:{silent.getsockname()[1]}')
        assert 'is silent' in fail(storage, f'{s3_url}/key', 'looked up', UnreachableStorageError)


def test_a_server_that_has_never_said_a_word_is_not_waited_for_again(storage, s3_url):
    from botocore.exceptions import ReadTimeoutError

    silence = ReadTimeoutError(endpoint_url=s3_url)
    assert storage._connection.retries.classify(silence) is Failure.FINAL
    assert not storage.exists(f'{s3_url}/key')
    assert storage._connection.retries.classify(silence) is Failure.PASSING


def test_another_protocol_is_told(storage, s3_url, s3_server, monkeypatch, config):
    config.set('S3Config', 'endpoint_url', s3_server.url.replace('http:', 'https:'))
    assert 'http or https' in fail(storage, f'{s3_url}/key', 'looked up', UnreachableStorageError)


@pytest.fixture
def web_server(monkeypatch):
    """A server that answers every request with a page, with the status that is set."""

    class Page(BaseHTTPRequestHandler):
        status = 200
        body = b'<!DOCTYPE html>\n<html><head><meta charset="utf-8"></head><body>Welcome!</body></html>'
        protocol_version = 'HTTP/1.1'

        def answer(self) -> None:
            body = self.body
            self.rfile.read(int(self.headers.get('Content-Length') or 0))
            self.send_response(self.status)
            self.send_header('Content-Length', str(len(body)))
            self.send_header('Content-Type', 'text/html; charset=utf-8')
            self.end_headers()
            if self.command != 'HEAD':
                self.wfile.write(body)

        do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = answer

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(('127.0.0.1', 0), Page) as server:
        threading.Thread(target=functools.partial(server.serve_forever, 0.01), daemon=True).start()
        monkeypatch.setenv('AWS_ENDPOINT_URL', f'http://127.0.0.1:{server.server_address[1]}')
        yield Page
        server.shutdown()


@pytest.mark.parametrize('body', [None, b'<html><body><h1>404 Not Found</h1></body></html>'], ids=['HTML', 'XHTML'])
@pytest.mark.parametrize('status', [200, 404])
def test_a_server_that_is_no_s3_is_told(storage, s3_url, web_server, quick, status, body):
    web_server.status = status
    web_server.body = body or web_server.body
    for action in VERBS:
        assert 'is no S3' in fail(storage, f'{s3_url}/key', action, StorageError)


@pytest.mark.parametrize(
    ('status', 'body'),
    [
        (400, error_body('AuthorizationHeaderMalformed', "the region 'us-east-1' is wrong; expecting 'eu-west-1'")),
        (400, error_body('IllegalLocationConstraintException', 'The unspecified location constraint is incompatible.')),
    ],
)
@pytest.mark.parametrize('action', ['read', 'looked up'])
def test_a_wrong_region_is_told(proxy, storage, s3_url, status, body, action):
    proxy.add('status', status=status, body=body)
    assert 'region in [S3Config]' in fail(storage, f'{s3_url}/key', action, StorageError)


def test_redirections_to_nowhere_are_told(proxy, storage, s3_url):
    """As of a web server that wants https."""
    proxy.add('status', status=301, headers={'Location': 'https://127.0.0.1/'})
    for action in ('read', 'looked up'):
        assert 'is it https?' in fail(storage, f'{s3_url}/key', action, StorageError)


@pytest.mark.parametrize('bucket', ['ab', 'Not_A_Bucket!', 'a b', 'ü'])
def test_a_name_that_no_bucket_has_is_told(storage, s3_url, bucket):
    for action in VERBS:
        assert bucket in fail(storage, f's3://{bucket}/key', action, StorageError)


@pytest.mark.parametrize('verb', ['read', 'written', 'looked up', 'removed', *OTHER_VERBS])
@pytest.mark.parametrize(('key', 'reason'), [('ä' * 513, '1026 bytes'), ('a\udc80', 'no valid text')])
def test_a_key_that_s3_cannot_have_is_told(verb, key, reason):
    with pytest.raises(StorageError, match=reason):
        {**VERBS, **OTHER_VERBS}[verb](S3Storage(), f's3://bucket/{key}')


@pytest.mark.parametrize('path', ['s3://', 's3:///key', 's3://bucket', 's3://bucket/', 's3://bucket/directory/'])
def test_what_names_no_object_is_told(path):
    with pytest.raises(StorageError, match='bucket'):
        S3Storage().exists(path)


def test_a_failure_that_does_not_pass_is_told(proxy, storage, s3_url, quick):
    proxy.add('status', status=503, body=error_body('SlowDown', 'Please reduce your request rate.'))
    message = fail(storage, f'{s3_url}/key', 'read', StorageError)
    assert '503 SlowDown: Please reduce your request rate.' in message
    assert 'retries in [S3Config]' in message
    assert requests(proxy) == ['GET'] * 3


def test_a_connection_that_always_breaks_is_told(proxy, storage, s3_url, quick):
    proxy.add('reset_before')
    assert 'broke off each time' in fail(storage, f'{s3_url}/key', 'written', UnreachableStorageError)
    assert requests(proxy) == ['PUT'] * 3


def test_an_unknown_error_is_told_as_it_is(proxy, storage, s3_url):
    proxy.add('status', status=405, body=error_body('MethodNotAllowed', 'Not against this resource.'))
    message = fail(storage, f'{s3_url}/key', 'written', StorageError)
    assert '405 MethodNotAllowed: Not against this resource.' in message
    assert requests(proxy) == ['PUT']


def test_a_long_answer_is_cut(proxy, storage, s3_url):
    proxy.add('status', status=405, body=error_body('MethodNotAllowed', 'x' * 100_000))
    assert len(fail(storage, f'{s3_url}/key', 'written', StorageError)) < 1000


def test_a_missing_file_of_certificates_is_told(storage, s3_url, s3_server, monkeypatch, tmp_path):
    monkeypatch.setenv('AWS_ENDPOINT_URL', s3_server.url.replace('http:', 'https:'))
    monkeypatch.setenv('AWS_CA_BUNDLE', os.fspath(tmp_path / 'missing.pem'))
    assert 'AWS_CA_BUNDLE' in fail(storage, f'{s3_url}/key', 'read', UnreachableStorageError)
