"""Credentials for Google Cloud Storage: where they come from, and what is said of those that do not serve."""

from __future__ import annotations

import json
import logging
import time
import warnings

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth.compute_engine import _metadata
from support.answering_server import Answer

from gokart.errors import CredentialsError, UnreachableStorageError
from gokart.storage.gcs import GCSStorage
from gokart.storage.gcs.credentials import load_credentials

PATH = 'gs://bucket/object'


@pytest.fixture(autouse=True)
def _nobody_is_logged_in(gcs_url, monkeypatch, tmp_path):
    """No credentials of the user, and no metadata server."""
    monkeypatch.delenv('STORAGE_EMULATOR_HOST')
    monkeypatch.setenv('CLOUDSDK_CONFIG', str(tmp_path / 'gcloud'))
    monkeypatch.setattr(_metadata, '_NO_GCE_CHECK', True)
    monkeypatch.setenv('PATH', str(tmp_path))


@pytest.fixture(scope='module')
def private_key() -> str:
    key = rsa.generate_private_key(65537, 2048)
    encoded = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return encoded.decode()


@pytest.fixture
def account(private_key) -> dict[str, str]:
    """A service account; its tokens come from nowhere."""
    return {
        'type': 'service_account',
        'client_email': 'me@project.iam.gserviceaccount.com',
        'token_uri': 'http://127.0.0.1:1/token',
        'private_key': private_key,
    }


def complaint() -> str:
    with pytest.raises(CredentialsError) as caught:
        GCSStorage().exists(PATH)
    assert f"Cannot look at '{PATH}'" in str(caught.value)
    return str(caught.value)


def test_no_credentials_at_all():
    assert 'GCS_CREDENTIAL' in complaint()


@pytest.mark.parametrize(
    'content', ['{"type": "service_account", "private_key": hidden', '{}', '{"type": 1}', '{"a": [']
)
def test_a_variable_with_broken_json(monkeypatch, content):
    monkeypatch.setenv('GCS_CREDENTIAL', content)
    message = complaint()
    assert 'GCS_CREDENTIAL' in message
    assert 'hidden' not in message


def test_a_variable_with_a_path_of_no_file(monkeypatch):
    monkeypatch.setenv('GCS_CREDENTIAL', '/no/such/file.json')
    assert 'No such file' in complaint()


@pytest.mark.parametrize('content', [b'not JSON', b'\xff\xfe', b'[]'])
def test_a_variable_with_a_path_of_another_file(monkeypatch, tmp_path, content):
    (tmp_path / 'key.json').write_bytes(content)
    monkeypatch.setenv('GCS_CREDENTIAL', str(tmp_path / 'key.json'))
    assert 'GCS_CREDENTIAL' in complaint()


@pytest.mark.parametrize('part', ['client_email', 'token_uri', 'private_key'])
def test_a_key_of_which_a_part_is_missing(monkeypatch, account, part):
    del account[part]
    monkeypatch.setenv('GCS_CREDENTIAL', json.dumps(account))
    message = complaint()
    assert 'GCS_CREDENTIAL' in message
    assert 'BEGIN PRIVATE KEY' not in message


def test_a_private_key_that_is_none_is_not_shown(monkeypatch, account):
    account['private_key'] = '-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n'
    monkeypatch.setenv('GCS_CREDENTIAL', json.dumps(account))
    assert 'c2VjcmV0' not in complaint()


def test_a_default_that_names_a_missing_file(monkeypatch):
    monkeypatch.setenv('GOOGLE_APPLICATION_CREDENTIALS', '/no/such/file.json')
    assert '/no/such/file.json' in complaint()


def test_another_variable_may_be_named(monkeypatch, config):
    config.set('GCSConfig', 'gcs_credential_name', 'MY_CREDENTIAL')
    monkeypatch.setenv('MY_CREDENTIAL', '{')
    assert 'MY_CREDENTIAL' in complaint()


@pytest.mark.parametrize('source', ['json', 'file', 'default'])
def test_a_token_is_got_and_sent(monkeypatch, account, tmp_path, start_server, config, source):
    answer = make_answer()
    url = start_server(answer)
    account['token_uri'] = f'{url}/token'
    config.set('GCSConfig', 'endpoint_url', url)
    (tmp_path / 'key.json').write_text(json.dumps(account))
    if source == 'default':
        monkeypatch.setenv('GOOGLE_APPLICATION_CREDENTIALS', str(tmp_path / 'key.json'))
    else:
        monkeypatch.setenv('GCS_CREDENTIAL', json.dumps(account) if source == 'json' else str(tmp_path / 'key.json'))
    assert GCSStorage().exists(PATH)
    assert GCSStorage().stat(PATH).version == '17'
    asked = [request.partition('?')[0] for request in answer.requests]
    assert ('POST /token' in asked) == (source != 'default')  # over plain http only what was named


@pytest.mark.parametrize(
    ('status', 'body'), [(400, b'{"error": "invalid_grant", "error_description": "Invalid JWT."}'), (401, b'{}')]
)
def test_a_key_that_is_no_longer_valid(monkeypatch, account, start_server, status, body):
    answer = make_answer()
    answer.status, answer.body = status, body
    account['token_uri'] = f'{start_server(answer)}/token'
    monkeypatch.setenv('GCS_CREDENTIAL', json.dumps(account))
    assert 'gcloud auth' in complaint()


def test_tokens_that_cannot_be_had(monkeypatch, account):
    monkeypatch.setenv('GCS_CREDENTIAL', json.dumps(account))
    start = time.monotonic()
    with pytest.raises(UnreachableStorageError, match='renews the credentials'):
        GCSStorage().exists(PATH)
    assert time.monotonic() - start < 10


def test_a_token_that_the_service_does_not_accept(monkeypatch, account, start_server, config):
    """The service refuses each token, and each refusal brings a new one, twice."""
    tokens, service = make_answer(), make_answer()
    service.refuse(401, 'authError', 'Invalid Credentials')
    account['token_uri'] = f'{start_server(tokens)}/token'
    config.set('GCSConfig', 'endpoint_url', start_server(service))
    monkeypatch.setenv('GCS_CREDENTIAL', json.dumps(account))
    message = complaint()
    assert 'Invalid Credentials' in message
    assert 'very-secret-token' not in message


def test_nothing_is_warned_of(monkeypatch, caplog, tmp_path):
    """Google's libraries warn those who are logged in of quotas, and those without project of that."""
    login = {'type': 'authorized_user', 'client_id': 'id', 'client_secret': 'secret', 'refresh_token': 'token'}
    (tmp_path / 'gcloud').mkdir()
    (tmp_path / 'gcloud' / 'application_default_credentials.json').write_text(json.dumps(login))
    with warnings.catch_warnings(), caplog.at_level(logging.WARNING):
        warnings.simplefilter('error')
        assert load_credentials('GCS_CREDENTIAL', is_anonymous=False).refresh_token == 'token'
    assert caplog.text == ''


def make_answer():
    """Return what serves both as a token and as an object."""
    answer = Answer()
    answer.body = json.dumps(
        {
            'access_token': 'very-secret-token', 'expires_in': 3600, 'token_type': 'Bearer',
            'name': 'object', 'size': '7', 'timeCreated': '2026-01-02T03:04:05.678Z', 'generation': '17',
        }
    ).encode()  # fmt: skip
    return answer
