"""What the tests of S3 share."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from support.fault_proxy import FaultProxy
from support.s3_server import S3Server

from gokart.storage.s3 import S3Storage


@pytest.fixture
def storage(s3_url: str) -> S3Storage:
    return S3Storage()


@pytest.fixture
def bucket(s3_url: str) -> str:
    return s3_url.removeprefix('s3://')


@pytest.fixture
def proxy(
    s3_url: str, s3_server: S3Server, fault_proxy: Callable[[str], FaultProxy], monkeypatch: pytest.MonkeyPatch
) -> FaultProxy:
    """A proxy before the server; storages that are first used from now on go through it."""
    proxy = fault_proxy(s3_server.url)
    monkeypatch.setenv('AWS_ENDPOINT_URL', proxy.url)
    return proxy


@pytest.fixture
def small_parts(config: Any) -> int:
    """The smallest size of parts there is."""
    config.set('S3Config', 'part_size_bytes', str(5 << 20))
    return 5 << 20


@pytest.fixture
def quick(config: Any) -> None:
    """No long waits where a failure is what is tested."""
    config.set('S3Config', 'retries', '2')
    config.set('S3Config', 'connect_timeout_seconds', '0.5')
    config.set('S3Config', 'read_timeout_seconds', '0.5')


class User(NamedTuple):
    """A user of the server, with keys of its own."""

    name: str
    key_id: str
    secret: str


@pytest.fixture
def user(s3_url: str, s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> Callable[..., User]:
    """Become a user who may do the actions given, such as ``s3:GetObject``, and nothing else."""

    def become(*actions: str) -> User:
        iam = s3_server.client('iam')
        name = f'user-{uuid.uuid4().hex[:8]}'
        iam.create_user(UserName=name)
        key = iam.create_access_key(UserName=name)['AccessKey']
        if actions:
            statement = {'Effect': 'Allow', 'Action': actions, 'Resource': '*'}
            policy = json.dumps({'Version': '2012-10-17', 'Statement': [statement]})
            iam.put_user_policy(UserName=name, PolicyName='policy', PolicyDocument=policy)
        monkeypatch.setenv('AWS_ACCESS_KEY_ID', key['AccessKeyId'])
        monkeypatch.setenv('AWS_SECRET_ACCESS_KEY', key['SecretAccessKey'])
        return User(name, key['AccessKeyId'], key['SecretAccessKey'])

    return become
