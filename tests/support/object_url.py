"""Fixtures: new directories for objects, in memory and on each cloud; a module of tests shares bucket and client."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from support.gcs_server import make_bucket

from gokart.storage.registry import forget_storages

if TYPE_CHECKING:
    from support.s3_server import S3Server


@pytest.fixture(scope='module')
def s3_bucket(s3_server: S3Server) -> Iterator[str]:
    """URL of a bucket on S3."""
    bucket = f'bucket-{uuid.uuid4().hex[:12]}'
    s3_server.client().create_bucket(Bucket=bucket)
    with pytest.MonkeyPatch.context() as environment:
        s3_server.set_environment(environment)
        forget_storages()
        yield f's3://{bucket}'
    forget_storages()


@pytest.fixture(scope='module')
def gcs_bucket(gcs_server: str) -> Iterator[str]:
    """URL of a bucket on Google Cloud Storage."""
    bucket = f'bucket-{uuid.uuid4().hex[:12]}'
    make_bucket(gcs_server, bucket)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv('STORAGE_EMULATOR_HOST', gcs_server)
        forget_storages()
        yield f'gs://{bucket}'
    forget_storages()


@pytest.fixture(scope='module')
def memory_bucket() -> str:
    """URL of a directory in memory."""
    return f'memory://{uuid.uuid4().hex}'


@pytest.fixture(params=['memory', 's3', 'gcs'])
def object_url(request: pytest.FixtureRequest) -> str:
    """URL of a new directory in memory, on S3, on Google Cloud Storage."""
    return f'{request.getfixturevalue(f"{request.param}_bucket")}/{uuid.uuid4().hex}'


@pytest.fixture(params=['s3', 'gcs'])
def cloud_url(request: pytest.FixtureRequest) -> str:
    """URL of a new directory on S3, on Google Cloud Storage."""
    return f'{request.getfixturevalue(f"{request.param}_bucket")}/{uuid.uuid4().hex}'


@pytest.fixture
def memory_url(memory_bucket: str) -> str:
    """URL of a new directory in memory."""
    return f'{memory_bucket}/{uuid.uuid4().hex}'
