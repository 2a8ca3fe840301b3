"""The client of Google Cloud Storage: one for each process, shared by threads, made when it is first needed."""

from __future__ import annotations

import pickle
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import google.cloud.storage
import luigi
import pytest
from google.cloud.storage import Client

from gokart.storage.file_system import StorageFileSystem
from gokart.storage.gcs import GCSStorage
from gokart.storage.gcs.config import GCSConfig
from gokart.storage.registry import storage_for
from gokart.testing.storage.actions import read, write


@pytest.fixture
def made(monkeypatch) -> list[threading.Thread]:
    """The threads that made a client."""
    made = []

    class CountedClient(Client):
        def __init__(self, *args, **kwargs):
            made.append(threading.current_thread())
            super().__init__(*args, **kwargs)

    monkeypatch.setattr(google.cloud.storage, 'Client', CountedClient)
    return made


def test_there_is_no_client_before_the_first_request(gcs_url, made):
    GCSStorage().open_write(f'{gcs_url}/object').discard()
    assert made == []


def test_threads_share_one_client(gcs_url, made):
    storage = storage_for(gcs_url)
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda name: write(storage, f'{gcs_url}/{name}', b''), range(32)))
    assert len(made) == 1
    assert len(list(storage.list(gcs_url))) == 32


def test_a_forked_child_has_a_client_of_its_own(gcs_url, storage, made, run_child):
    write(storage, f'{gcs_url}/object', b'of the parent')

    def child():
        assert read(storage, f'{gcs_url}/object') == b'of the parent'
        write(storage, f'{gcs_url}/object', b'of the child')
        assert len(made) == 2

    assert run_child(child) == 0
    assert read(storage, f'{gcs_url}/object') == b'of the child'
    assert len(made) == 1


def test_a_file_goes_on_in_a_forked_child(gcs_url, storage, run_child):
    write(storage, f'{gcs_url}/object', b'0123456789' * 500_000)

    with storage.open_read(f'{gcs_url}/object') as file:
        assert file.read(2_000_000) == b'0123456789' * 200_000

        def child():
            assert file.read(1_000_000) == b'0123456789' * 100_000

        assert [run_child(child), run_child(child)] == [0, 0]
        assert file.read() == b'0123456789' * 300_000


def test_a_fork_while_another_thread_makes_the_client(gcs_url, storage, run_child, monkeypatch):
    """The child must not wait for a thread that it does not have."""
    making, may_go_on = threading.Event(), threading.Event()

    class SlowClient(Client):
        def __init__(self, *args, **kwargs):
            making.set()
            assert may_go_on.wait(20)
            super().__init__(*args, **kwargs)

    monkeypatch.setattr(google.cloud.storage, 'Client', SlowClient)
    thread = threading.Thread(target=storage.exists, args=(f'{gcs_url}/object',))
    thread.start()
    assert making.wait(20)

    def child():
        may_go_on.set()
        assert not storage.exists(f'{gcs_url}/object')

    status = run_child(child)
    may_go_on.set()
    thread.join()
    assert status == 0


def test_a_pickled_storage_has_no_client(gcs_url, storage, made):
    write(storage, f'{gcs_url}/object', b'content')
    copy = pickle.loads(pickle.dumps(storage))
    assert len(made) == 1
    assert read(copy, f'{gcs_url}/object') == b'content'
    assert len(made) == 2


def test_no_thread_is_left_behind(gcs_url, storage, new_threads):
    paths = [f'{gcs_url}/{name}' for name in range(20)]
    for path in paths[:3]:
        write(storage, path, b'')
    assert storage.exists_many(paths) == set(paths[:3])
    storage.remove_many(paths)
    assert not new_threads()


def test_the_configuration_leads_to_the_server(gcs_url, gcs_server, monkeypatch, config):
    monkeypatch.setenv('STORAGE_EMULATOR_HOST', 'http://127.0.0.1:1')
    config.set('GCSConfig', 'endpoint_url', f'{gcs_server}/')
    write(GCSStorage(), f'{gcs_url}/object', b'content')
    assert read(GCSStorage(), f'{gcs_url}/object') == b'content'


def test_the_variable_of_the_emulator_needs_no_scheme(gcs_url, gcs_server, monkeypatch):
    monkeypatch.setenv('STORAGE_EMULATOR_HOST', gcs_server.removeprefix('http://'))
    assert not GCSStorage().exists(f'{gcs_url}/object')


def test_a_project_is_billed(gcs_url, proxy, config):
    config.set('GCSConfig', 'project', 'who-pays')
    storage = GCSStorage()
    write(storage, f'{gcs_url}/object', b'content')
    read(storage, f'{gcs_url}/object')
    storage.stat(f'{gcs_url}/object')
    list(storage.list(gcs_url))
    storage.remove(f'{gcs_url}/object')
    assert len(proxy.log) == 5
    assert all('userProject=who-pays' in entry.path for entry in proxy.log)


def test_without_the_extra_the_error_names_it(gcs_url, run_python):
    code = (
        'import sys; sys.modules["google.cloud.storage"] = None\n'
        'from gokart.storage.registry import storage_for\n'
        'try: storage_for("gs://bucket/a").exists("gs://bucket/a")\n'
        'except ImportError as error: print(error)'
    )
    assert "pip install 'gokart[gcs]'" in run_python(code)


def test_the_modules_are_imported_with_the_first_request(gcs_url, run_python):
    code = (
        'import sys; from gokart.storage.gcs import GCSStorage\n'
        'GCSStorage().open_write("gs://bucket/a").discard(); print("google" in sys.modules)'
    )
    assert run_python(code) == 'False\n'


def test_a_first_request_prints_nothing(gcs_url):
    """Neither do the warnings of Google's libraries of versions of Python."""
    code = 'from gokart.storage.gcs import GCSStorage; import sys; GCSStorage().exists(sys.argv[1])'
    command = [sys.executable, '-W', 'ignore::DeprecationWarning:luigi', '-c', code, f'{gcs_url}/object']
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ('', '')


def test_the_parameters_of_the_section_are_those_of_the_contract():
    assert GCSConfig().gcs_credential_name == 'GCS_CREDENTIAL'
    assert isinstance(GCSConfig(), luigi.Config)
    assert isinstance(GCSConfig().get_gcs_client(), StorageFileSystem)
