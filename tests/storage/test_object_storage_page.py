"""What docs/how-to/object-storage.md says of options, permissions and labels is true."""

from __future__ import annotations

import configparser
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from gokart.errors import AccessDeniedError
from gokart.storage.gcs.config import GCSConfig
from gokart.storage.registry import forget_storages, storage_for
from gokart.storage.s3.config import S3Config

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / 'docs' / 'how-to' / 'object-storage.md').read_text(encoding='utf-8')
BLOCKS = dict(reversed(re.findall(r'^```(\S[^\n]*)\n(.*?)^```', PAGE, re.MULTILINE | re.DOTALL)))  # the first of a kind
BUCKET = 'my-bucket'
DIRECTORY = f's3://{BUCKET}/project'


def documented(section):
    """The options of a section and their defaults, from the table of the page."""
    table = re.search(rf'^\| `\[{section}\]` .*?\n\n', PAGE, re.MULTILINE | re.DOTALL)[0]
    return dict(re.findall(r'^\| `(\w+)` \| *`?([^`|]*?)`? *\|', table, re.MULTILINE))


@pytest.mark.parametrize('config_class', [S3Config, GCSConfig])
def test_the_table_has_every_option_with_its_default(config_class):
    defaults = {name: getattr(config_class(), name) for name, _ in config_class.get_params()}
    shown = {name: '' if value is None else str(value) for name, value in defaults.items()}
    assert documented(config_class.__name__) == shown


@pytest.fixture
def bucket(s3_server, s3_url):
    s3_server.client().create_bucket(Bucket=BUCKET)


@pytest.fixture
def log_in(s3_server, bucket, monkeypatch):
    """Become a user who is allowed what the policy of the page allows, but for some actions."""

    def become(*missing):
        policy = json.loads(BLOCKS['json'])
        for statement in policy['Statement']:
            statement['Action'] = [action for action in statement['Action'] if action not in missing] or ['s3:Nothing']
        iam = s3_server.client('iam')
        iam.create_user(UserName='gokart')
        iam.put_user_policy(UserName='gokart', PolicyName='workspace', PolicyDocument=json.dumps(policy))
        key = iam.create_access_key(UserName='gokart')['AccessKey']
        monkeypatch.setenv('AWS_ACCESS_KEY_ID', key['AccessKeyId'])
        monkeypatch.setenv('AWS_SECRET_ACCESS_KEY', key['SecretAccessKey'])
        forget_storages()
        return storage_for(DIRECTORY)

    return become


def use(storage):
    """Write in one request and in parts, interrupt an upload, look, read, list and remove."""
    for name, content in (('small', b'x'), ('large', b'x' * (9 << 20))):
        with storage.open_write(f'{DIRECTORY}/{name}') as stream:
            stream.write(content)
    assert storage.exists_many([f'{DIRECTORY}/{name}' for name in ('small', 'large', 'missing')])
    assert not storage.exists(f'{DIRECTORY}/missing')
    assert storage.stat(f'{DIRECTORY}/large').size_bytes == 9 << 20
    assert storage.open_read(f'{DIRECTORY}/large').read(1) == b'x'
    assert len(list(storage.list(DIRECTORY))) == 2
    storage.remove(f'{DIRECTORY}/small')
    storage.remove_many([f'{DIRECTORY}/large'])


def test_the_policy_allows_what_is_needed(log_in):
    use(log_in())


@pytest.mark.parametrize('action', ['s3:ListBucket', 's3:GetObject', 's3:PutObject', 's3:DeleteObject'])
def test_the_policy_allows_nothing_that_is_not_needed(log_in, action):
    with pytest.raises(AccessDeniedError):
        use(log_in(action))


def test_the_labels_are_read_as_shown(bucket, tmp_path):
    (tmp_path / 'labels.py').write_text(BLOCKS['python labels.py'], encoding='utf-8')
    environment = {**os.environ, 'PYTHONWARNINGS': 'ignore', 'PYTHONUTF8': '1'}
    done = subprocess.run([sys.executable, 'labels.py'], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.stdout == BLOCKS['text labels.py'], done.stderr


def test_the_example_configuration_names_options_that_there_are():
    example = configparser.ConfigParser(interpolation=None)
    example.read(ROOT / 'luigi.cfg.example', encoding='utf-8')
    for config_class in (S3Config, GCSConfig):
        options = set(example[config_class.__name__])
        assert options
        assert options <= set(config_class.get_param_names(include_significant=True))
