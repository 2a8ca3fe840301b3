"""The section [S3Config]: what is taken from it, and what boto3 finds by itself."""

from __future__ import annotations

import luigi
import pytest

from gokart.errors import ConfigError, CredentialsError, StorageError
from gokart.storage.file_system import StorageFileSystem
from gokart.storage.s3 import S3Storage
from gokart.storage.s3.client import Connection
from gokart.storage.s3.config import S3Config
from gokart.testing.storage.actions import read, write


def boto(storage: S3Storage):
    return storage._connection._current().boto


def test_it_has_the_names_and_defaults_of_the_contract():
    assert [name for name, _ in S3Config.get_params()][:2] == ['aws_access_key_id_name', 'aws_secret_access_key_name']
    assert S3Config().aws_access_key_id_name == 'AWS_ACCESS_KEY_ID'
    assert S3Config().aws_secret_access_key_name == 'AWS_SECRET_ACCESS_KEY'


def test_its_client_has_the_methods_of_luigis(s3_url):
    client = S3Config().get_s3_client()
    assert isinstance(client, StorageFileSystem)
    client.put_string('content', f'{s3_url}/object')
    assert client.exists(f'{s3_url}/object')


def test_it_keeps_its_section_whatever_the_namespace(monkeypatch):
    assert S3Config.get_task_family() == 'S3Config'
    assert type('Other', (S3Config,), {'__module__': 'x'}).get_task_family() == 'Other'


def test_nothing_is_read_before_the_first_use(config, monkeypatch):
    storage = S3Storage()
    config.set('S3Config', 'retries', '3')
    assert storage._connection.config.retries == 3


def test_credentials_come_from_the_variables_that_it_names(storage, s3_url, s3_server, config, monkeypatch):
    config.set('S3Config', 'aws_access_key_id_name', 'MY_KEY')
    config.set('S3Config', 'aws_secret_access_key_name', 'MY_SECRET')
    monkeypatch.setenv('AWS_ACCESS_KEY_ID', 'another')
    monkeypatch.setenv('AWS_SECRET_ACCESS_KEY', 'another')
    monkeypatch.setenv('MY_KEY', s3_server.access_key + '\n')
    monkeypatch.setenv('MY_SECRET', s3_server.secret_key)
    write(storage, f'{s3_url}/object', b'content')
    assert read(storage, f'{s3_url}/object') == b'content'


def test_without_its_variables_boto3_looks_for_credentials(storage, s3_url, s3_server, config, monkeypatch, tmp_path):
    config.set('S3Config', 'aws_access_key_id_name', 'MY_KEY')
    config.set('S3Config', 'aws_secret_access_key_name', 'MY_SECRET')
    monkeypatch.delenv('AWS_ACCESS_KEY_ID')
    monkeypatch.delenv('AWS_SECRET_ACCESS_KEY')
    (tmp_path / 'credentials').write_text(
        f'[mine]\naws_access_key_id = {s3_server.access_key}\naws_secret_access_key = {s3_server.secret_key}\n'
    )
    monkeypatch.setenv('AWS_SHARED_CREDENTIALS_FILE', str(tmp_path / 'credentials'))
    monkeypatch.setenv('AWS_PROFILE', 'mine')
    write(storage, f'{s3_url}/object', b'content')


def test_a_session_token_is_used(storage, s3_url, monkeypatch):
    monkeypatch.setenv('AWS_SESSION_TOKEN', 'token')
    assert boto(storage)._request_signer._credentials.token == 'token'


@pytest.mark.parametrize(
    ('there', 'missing'),
    [('AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'), ('AWS_SECRET_ACCESS_KEY', 'AWS_ACCESS_KEY_ID')],
)
def test_half_of_the_credentials_is_an_error(storage, s3_url, monkeypatch, there, missing):
    monkeypatch.setenv(missing, '')
    with pytest.raises(CredentialsError, match=f'{there} .* is set and {missing} is not'):
        storage.exists(f'{s3_url}/object')


def test_the_address_is_taken_before_that_of_the_environment(storage, s3_url, config, monkeypatch, s3_server):
    config.set('S3Config', 'endpoint_url', s3_server.url)
    monkeypatch.setenv('AWS_ENDPOINT_URL', 'http://127.0.0.1:9')
    write(storage, f'{s3_url}/object', b'content')


def test_the_region_is_taken_before_that_of_the_environment(storage, config):
    config.set('S3Config', 'region', 'eu-west-1')
    assert boto(storage).meta.region_name == 'eu-west-1'


def test_the_region_of_the_environment_is_used(storage, monkeypatch):
    monkeypatch.setenv('AWS_DEFAULT_REGION', 'eu-central-1')
    assert boto(storage).meta.region_name == 'eu-central-1'


def test_timeouts_and_sizes_reach_the_client(storage, config):
    config.set('S3Config', 'connect_timeout_seconds', '1.5')
    config.set('S3Config', 'read_timeout_seconds', '2.5')
    found = boto(storage).meta.config
    assert (found.connect_timeout, found.read_timeout) == (1.5, 2.5)
    assert found.max_pool_connections >= 16
    assert found.retries['total_max_attempts'] == 1


@pytest.mark.parametrize('mode', ['legacy', 'adaptive'])
def test_boto3_does_not_try_again_itself(storage, s3_url, monkeypatch, mode):
    monkeypatch.setenv('AWS_RETRY_MODE', mode)
    monkeypatch.setenv('AWS_MAX_ATTEMPTS', '10')
    assert boto(storage).meta.config.retries == {'total_max_attempts': 1, 'mode': 'standard'}


@pytest.mark.parametrize(
    ('option', 'value', 'reason'),
    [
        ('part_size_bytes', '5242879', 'part_size_bytes is 5242879, but must be from 5242880 to'),
        ('part_size_bytes', str(6 << 30), 'must be from'),
        ('part_size_bytes', '8MB', "part_size_bytes.*'8MB'"),
        ('retries', '-1', 'at least 0'),
        ('pool_size', '0', 'at least 1'),
        ('read_timeout_seconds', '0', 'at least'),
        ('connect_timeout_seconds', 'nan', 'at least'),
        ('endpoint_url', 'localhost:9000', 'begins with http'),
        ('region', 'not a region', 'region'),
    ],
)
def test_a_value_that_cannot_be_used_is_an_error(storage, s3_url, config, option, value, reason):
    config.set('S3Config', option, value)
    with pytest.raises(ConfigError, match=reason):
        storage.exists(f'{s3_url}/object')


def test_the_error_of_an_address_of_the_environment_names_it(storage, s3_url, monkeypatch):
    monkeypatch.setenv('AWS_ENDPOINT_URL', 'localhost:9000')
    with pytest.raises((ConfigError, StorageError), match='AWS_ENDPOINT_URL'):
        storage.exists(f'{s3_url}/object')


def test_keys_are_not_shown(config, monkeypatch):
    config.set('S3Config', 'aws_access_key_id_name', 'MY_KEY')
    config.set('S3Config', 'aws_secret_access_key_name', 'MY_SECRET')
    monkeypatch.setenv('MY_KEY', 'the-key')
    monkeypatch.setenv('MY_SECRET', 'the-secret')
    key = S3Config().access_key()
    assert key is not None
    assert key.secret == 'the-secret'
    assert 'the-' not in repr(key) + repr(Connection().config) + repr(S3Config())


def test_it_is_found_where_luigi_looks_for_sections():
    assert luigi.task_register.Register.get_task_cls('S3Config') is S3Config
