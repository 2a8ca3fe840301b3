"""What the tests of Google Cloud Storage share."""

from __future__ import annotations

import contextlib
import http.client
from collections.abc import Callable, Iterable, Iterator
from urllib.parse import quote

import pytest
from support.answering_server import Answer, serving
from support.fault_proxy import FaultProxy

from gokart.storage.gcs import GCSStorage

PART_BYTES = 256 * 1024


@pytest.fixture
def storage(gcs_url) -> GCSStorage:
    """A storage for the bucket at ``gcs_url``."""
    return GCSStorage()


@pytest.fixture
def proxy(gcs_url, gcs_server, fault_proxy, monkeypatch) -> FaultProxy:
    """What lies between the storage and its server."""
    proxy: FaultProxy = fault_proxy(gcs_server)
    monkeypatch.setenv('STORAGE_EMULATOR_HOST', proxy.url)
    return proxy


@pytest.fixture
def fill(gcs_url, gcs_server) -> Callable[[Iterable[str]], None]:
    """Put empty objects with these names into the bucket, as another program would."""

    def put(names: Iterable[str]) -> None:
        connection = http.client.HTTPConnection(gcs_server.removeprefix('http://'))
        for name in names:
            target = f'/upload/storage/v1/b/{gcs_url.removeprefix("gs://")}/o?uploadType=media&name={quote(name)}'
            connection.request('POST', target, b'')
            assert connection.getresponse().read()
        connection.close()

    return put


@pytest.fixture
def small_parts(config) -> int:
    """Larger objects are written in parts of this size."""
    config.set('GCSConfig', 'part_size_bytes', str(PART_BYTES))
    return PART_BYTES


@pytest.fixture
def start_server() -> Iterator[Callable[[Answer], str]]:
    """Start a server that gives an answer; gives its URL."""
    with contextlib.ExitStack() as stack:
        yield lambda answer: stack.enter_context(serving(answer))


@pytest.fixture
def answer(gcs_url, start_server, monkeypatch) -> Answer:
    """What the server of the storage answers."""
    answer = Answer()
    monkeypatch.setenv('STORAGE_EMULATOR_HOST', start_server(answer))
    return answer
