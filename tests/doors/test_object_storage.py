"""The modules for object storage that users know, as they know them."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import uuid
import zipfile
from datetime import datetime, timedelta, timezone
from pathlib import Path

import luigi
import pytest

from gokart.errors import BrokenFileError, StorageError
from gokart.gcs_config import GCSConfig
from gokart.gcs_obj_metadata_client import GCSObjectMetadataClient
from gokart.gcs_zip_client import GCSZipClient
from gokart.object_storage import ObjectStorage
from gokart.required_task_output import RequiredTaskOutput
from gokart.s3_config import S3Config
from gokart.s3_zip_client import S3ZipClient
from gokart.storage.labels import labels_of
from gokart.target import make_model_target, make_target
from gokart.zip_client import LocalZipClient, ZipClient
from gokart.zip_client_util import make_zip_client

DOORS = [
    'gcs_config',
    'gcs_obj_metadata_client',
    'gcs_zip_client',
    'object_storage',
    's3_config',
    's3_zip_client',
    'zip_client',
    'zip_client_util',
]


def test_the_doors_are_opened_without_a_client():
    imports = ', '.join(f'gokart.{door}' for door in DOORS)
    code = f"import sys, {imports}; print(*{{'boto3', 'botocore', 'google', 'pandas'}} & set(sys.modules))"
    done = subprocess.run([sys.executable, '-W', 'ignore', '-c', code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


# gokart.s3_config, gokart.gcs_config


def client_of(url):
    return S3Config().get_s3_client() if url.startswith('s3') else GCSConfig().get_gcs_client()


@pytest.mark.parametrize('url', ['s3://bucket', 'gs://bucket'])
def test_each_config_gives_the_same_client(url):
    assert client_of(url) is client_of(url)


@pytest.mark.parametrize(
    'action',
    [
        lambda client, path: client.remove(path),
        lambda client, path: client.exists(path),
        lambda client, path: list(client.listdir(path)),
        lambda client, path: client.move(path, f'{path}.moved'),
        lambda client, path: client.put_string('content', path),
        lambda client, path: client.put(path, path),
    ],
)
def test_a_client_keeps_to_its_cloud(action, tmp_path):
    """A wrong path must not remove a local file, or an object of the other cloud."""
    local = tmp_path / 'local'
    local.write_text('content')
    for client, path in (
        (S3Config().get_s3_client(), str(local)),
        (GCSConfig().get_gcs_client(), str(local)),
        (S3Config().get_s3_client(), 'gs://bucket/key'),
        (GCSConfig().get_gcs_client(), 's3://bucket/key'),
    ):
        with pytest.raises(StorageError, match='is no path of this client'):
            action(client, path)
    assert local.read_text() == 'content'


def test_the_client_has_what_projects_call(cloud_url, tmp_path):
    client = client_of(cloud_url)
    (tmp_path / 'local').write_text('content')
    client.put(str(tmp_path / 'local'), f'{cloud_url}/dir/a')
    assert client.exists(f'{cloud_url}/dir/a')
    assert list(client.listdir(f'{cloud_url}/dir')) == [f'{cloud_url}/dir/a']
    assert client.get_key(f'{cloud_url}/dir/a').size == 7
    client.get(f'{cloud_url}/dir/a', str(tmp_path / 'got'))
    assert (tmp_path / 'got').read_text() == 'content'
    with client.download(f'{cloud_url}/dir/a') as file:
        assert Path(file.name).read_text() == 'content'
    client.remove(f'{cloud_url}/dir/a')
    assert not client.exists(f'{cloud_url}/dir/a')


# gokart.object_storage


@pytest.mark.parametrize(
    ('path', 'expected'),
    [
        ('s3://bucket/key', True),
        ('gs://bucket/key', True),
        ('/local', False),
        ('', False),
        ('http://host/path', False),
        ('file:///path', False),
        ('gs:/bucket', False),
    ],
)
def test_urls_of_object_storage_are_known(path, expected):
    assert ObjectStorage.if_object_storage_path(path) is expected


def test_the_target_of_an_object_reads_and_writes(object_url):
    target = ObjectStorage.get_object_storage_target(f'{object_url}/data', luigi.format.Nop)
    assert not ObjectStorage.exists(target.path)
    with target.open('w') as file:
        file.write(b'content')
    with target.open('r') as file:
        assert file.read() == b'content'
    assert ObjectStorage.exists(target.path)


def test_the_timestamp_of_an_object_is_when_it_was_written(object_url):
    make_target(f'{object_url}/data.pkl').dump(1)
    found = ObjectStorage.get_timestamp(f'{object_url}/data.pkl')
    assert abs(found - datetime.now(timezone.utc)) < timedelta(minutes=1)
    with pytest.raises(FileNotFoundError):
        ObjectStorage.get_timestamp(f'{object_url}/nothing')


@pytest.mark.parametrize('file', [io.BytesIO(), io.BufferedReader(io.BytesIO()), object()])
def test_files_are_buffered_readers(file):
    assert ObjectStorage.is_buffered_reader(file)


def test_a_file_without_positions_is_none(tmp_path):
    class Stream(io.RawIOBase):
        def seekable(self):
            return False

    assert not ObjectStorage.is_buffered_reader(Stream())


# gokart.zip_client and its kin


@pytest.fixture(params=['local', 'memory', 's3', 'gcs'])
def archive_path(request, tmp_path):
    if request.param == 'local':
        return str(tmp_path / 'archives' / 'archive.zip')
    return f'{request.getfixturevalue(f"{request.param}_bucket")}/{uuid.uuid4()}/archive.zip'


@pytest.fixture
def directory(tmp_path):
    made = tmp_path / 'directory'
    (made / 'sub').mkdir(parents=True)
    (made / 'a').write_text('1')
    (made / 'sub' / 'b').write_text('2')
    return made


@pytest.mark.parametrize(
    ('path', 'kind'), [('s3://b/a.zip', S3ZipClient), ('gs://b/a.zip', GCSZipClient), ('/a.zip', LocalZipClient)]
)
def test_the_client_is_chosen_by_the_path(path, kind):
    for client in (
        make_zip_client(path, 'directory'),
        kind(path, 'directory'),
        kind(file_path=path, temporary_directory='d'),
    ):
        assert type(client) is kind
        assert isinstance(client, ZipClient)
        assert client.path == path


@pytest.mark.parametrize('path', ['s3://b/a.zip', 'gs://b/a.zip'])
def test_object_storage_gives_the_same_client(path):
    assert type(ObjectStorage.get_zip_client(path, 'directory')) is type(make_zip_client(path, 'directory'))


def test_what_was_archived_is_unpacked(archive_path, directory, tmp_path):
    client = make_zip_client(archive_path, str(directory))
    assert not client.exists()
    client.make_archive()
    assert client.exists()
    make_zip_client(archive_path, str(tmp_path / 'new' / 'place')).unpack_archive()
    assert contents(tmp_path / 'new' / 'place') == contents(directory) == {'a': '1', 'sub/b': '2'}


def test_unpacking_adds_to_what_is_there(directory, tmp_path):
    client = LocalZipClient(str(tmp_path / 'a.zip'), str(directory))
    client.make_archive()
    (directory / 'a').write_text('changed')
    (directory / 'other').write_text('stays')
    client.unpack_archive()
    assert contents(directory) == {'a': '1', 'other': 'stays', 'sub/b': '2'}


def test_the_archive_is_removed_and_the_directory_stays(archive_path, directory):
    client = make_zip_client(archive_path, str(directory))
    client.make_archive()
    client.remove()
    assert not client.exists()
    client.remove()
    assert contents(directory) == {'a': '1', 'sub/b': '2'}


def test_a_missing_archive_is_not_found(archive_path, directory):
    with pytest.raises(FileNotFoundError, match=r'archive\.zip'):
        make_zip_client(archive_path, str(directory)).unpack_archive()


def test_no_archive_comes_of_a_missing_directory(archive_path):
    client = make_zip_client(archive_path, 'nowhere')
    with pytest.raises(FileNotFoundError, match='nowhere'):
        client.make_archive()
    assert not client.exists()


@pytest.mark.parametrize('name', ['../outside', '/outside'])
def test_nothing_is_unpacked_elsewhere(tmp_path, directory, name):
    with zipfile.ZipFile(tmp_path / 'a.zip', 'w') as archive:
        archive.writestr('inside', 'text')
        archive.writestr(name, 'text')
    with pytest.raises(BrokenFileError, match='leads out'):
        LocalZipClient(str(tmp_path / 'a.zip'), str(directory)).unpack_archive()
    assert contents(directory) == {'a': '1', 'sub/b': '2'}


def test_a_client_of_the_users_own_is_one():
    class Own(ZipClient):
        def exists(self):
            return True

    assert Own().exists()


def test_a_model_target_has_the_client_of_its_archive(archive_path, tmp_path):
    target = make_model_target(archive_path, str(tmp_path / 'temporary'), save, load, 'id')
    client = target._zip_client
    assert client.path == target.path() == archive_path.replace('.zip', '_id.zip')
    assert not client.exists()
    target.dump('content')
    client.unpack_archive()
    assert Path(client._temporary_directory).parent == tmp_path / 'temporary'
    assert sorted(os.listdir(client._temporary_directory)) == ['load_function.pkl', 'model.pkl']


def save(obj, path):
    Path(path).write_text(obj)


def load(path):
    return Path(path).read_text()


def contents(directory):
    return {path.relative_to(directory).as_posix(): path.read_text() for path in directory.rglob('*') if path.is_file()}


# gokart.gcs_obj_metadata_client


def test_labels_are_added_to_an_object(cloud_url):
    path = f'{cloud_url}/data.pkl'
    make_target(path).dump('value', custom_labels={'old': '1', 'owner': 'nobody'})
    GCSObjectMetadataClient.add_task_state_labels(
        path, {'number': '1'}, {'owner': 'me'}, [RequiredTaskOutput('Leaf', 'gs://bucket/leaf.pkl')]
    )
    assert labels_of(path) == {
        'old': '1',
        'owner': 'me',
        'number': '1',
        '__required_task_outputs': '[{"__gokart_task_name": "Leaf", "__gokart_output_path": "gs://bucket/leaf.pkl"}]',
    }
    assert make_target(path).load() == 'value'


def test_log_files_get_no_labels(cloud_url):
    path = f'{cloud_url}/log/task_log/A_1.pkl'
    make_target(path).dump({})
    GCSObjectMetadataClient.add_task_state_labels(path, {'number': '1'})
    assert labels_of(path) == {}


def test_a_missing_object_gets_no_labels(cloud_url):
    with pytest.raises(FileNotFoundError):
        GCSObjectMetadataClient.add_task_state_labels(f'{cloud_url}/nothing', {'number': '1'})


def test_what_has_no_labels_stays_as_it_is(tmp_path):
    GCSObjectMetadataClient.add_task_state_labels(str(tmp_path / 'data.pkl'), {'number': '1'})
    assert list(tmp_path.iterdir()) == []
