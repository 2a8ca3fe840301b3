"""Fixtures: a server that answers as Google Cloud Storage does, and a fresh bucket on it."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from gokart.storage.registry import forget_storages

_TESTS = Path(__file__).parents[1]
_VARIABLES = (
    'GCS_CREDENTIAL',
    'GOOGLE_APPLICATION_CREDENTIALS',
    'GOOGLE_CLOUD_PROJECT',
    'GCLOUD_PROJECT',
    'CLOUDSDK_CONFIG',
    'STORAGE_EMULATOR_HOST',
)


@pytest.fixture(scope='session')
def gcs_server() -> Iterator[str]:
    """The URL of the server, started when it is first asked for."""
    command = [sys.executable, '-m', 'support.gcs_strict']
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=_TESTS)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        url = process.stdout.readline().strip()
        assert url, 'the GCS emulator did not start'
        yield url
    finally:
        process.stdin.close()
        process.terminate()
        process.wait(10)
        process.stdout.close()


@pytest.fixture
def gcs_url(gcs_server, monkeypatch) -> Iterator[str]:
    """``gs://<bucket>``: a fresh bucket on a server that has nothing else, which clients find in the environment."""
    bucket = f'bucket-{secrets.token_hex(6)}'
    reset_gcs(gcs_server)
    make_bucket(gcs_server, bucket)
    for variable in _VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv('STORAGE_EMULATOR_HOST', gcs_server)
    monkeypatch.setenv('NO_PROXY', '127.0.0.1,localhost')
    forget_storages()
    yield f'gs://{bucket}'
    forget_storages()


def reset_gcs(server: str) -> None:
    """Remove all buckets of the server."""
    _ask(f'{server}/wipe')


def make_bucket(server: str, bucket: str) -> None:
    """Make a bucket."""
    _ask(f'{server}/storage/v1/b', json.dumps({'name': bucket}).encode())


def _ask(url: str, body: bytes | None = None) -> None:
    request = urllib.request.Request(url, body, {'Content-Type': 'application/json'})
    with urllib.request.urlopen(request, timeout=30) as response:
        response.read()
