"""How many requests a lock in object storage takes: one to take it, one to renew it, one to give it back."""

from __future__ import annotations

import pytest

from gokart.locks.registry import locks_for
from gokart.storage.registry import forget_storages


@pytest.fixture(params=['s3', 'gs'])
def cloud(request, fault_proxy, monkeypatch):
    """A place of locks, and a function that returns the methods of the requests since it was last called."""
    if request.param == 's3':
        url, server = request.getfixturevalue('s3_url'), request.getfixturevalue('s3_server').url
    else:
        url, server = request.getfixturevalue('gcs_url'), request.getfixturevalue('gcs_server')
    proxy = fault_proxy(server)
    monkeypatch.setenv('AWS_ENDPOINT_URL' if request.param == 's3' else 'STORAGE_EMULATOR_HOST', proxy.url)
    forget_storages()

    def methods() -> list[str]:
        found = [entry.method.replace('POST', 'PUT') for entry in proxy.log]
        proxy.log.clear()
        return found

    locks = locks_for(f'{url}/locks')
    locks.acquire('first', 10).release()  # the first write of a process looks for what dead ones have left
    methods()
    return locks, methods


def test_each_verb_is_one_request_to_a_cloud(cloud):
    locks, methods = cloud
    lease = locks.acquire('key', 10)
    assert methods() == ['PUT']
    lease.renew()
    lease.renew()
    assert methods() == ['PUT', 'PUT']
    lease.release()
    assert methods() == ['DELETE']
