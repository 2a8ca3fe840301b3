"""Labels of objects of Google Cloud Storage: their metadata."""

from __future__ import annotations

import pytest
from google.cloud.storage import Client

from gokart.errors import StorageError
from gokart.testing.storage.actions import write


def label(storage, path, labels):
    with storage.open_write(path, labels=labels) as stream:
        stream.write(b'content')


@pytest.mark.parametrize(
    'labels',
    [
        {},
        {'name': 'value', 'Other-Name_1': ''},
        {'schlüssel 🦆': 'wert "é" \r\n\t\\ 日本'},
        {'__required_task_outputs': '{"a": [1, 2]}', 'x': '=?utf-8?b?YQ==?='},
        {'name': 'v' * 8188},
    ],
)
@pytest.mark.parametrize('size', ['small', 'large'])
def test_labels_come_back_as_they_were_given(gcs_url, storage, small_parts, labels, size):
    with storage.open_write(f'{gcs_url}/object', labels=labels) as stream:
        stream.write(b'.' * (7 if size == 'small' else 2 * small_parts))
    assert storage.labels(f'{gcs_url}/object') == labels


def test_labels_are_metadata_for_everybody_else(gcs_url, storage):
    label(storage, f'{gcs_url}/object', {'name': 'value'})
    assert Client().bucket(gcs_url.removeprefix('gs://')).get_blob('object').metadata == {'name': 'value'}


def test_a_write_without_labels_removes_those_that_were_there(gcs_url, storage):
    label(storage, f'{gcs_url}/object', {'name': 'value'})
    write(storage, f'{gcs_url}/object', b'')
    assert storage.labels(f'{gcs_url}/object') == {}


@pytest.mark.parametrize('labels', [{'name': 'v' * 8189}, {'name': 'é' * 4095}])
def test_too_many_labels_are_refused_at_once(gcs_url, storage, labels):
    with pytest.raises(StorageError, match=r'labels of .* take 81'):
        storage.open_write(f'{gcs_url}/object', labels=labels)


def test_a_label_that_is_no_text_is_refused_at_once(gcs_url, storage):
    with pytest.raises(StorageError, match='UTF-8'):
        storage.open_write(f'{gcs_url}/object', labels={'name': '\ud800'})


def test_a_missing_object_has_no_labels(gcs_url, storage):
    with pytest.raises(FileNotFoundError, match='missing'):
        storage.labels(f'{gcs_url}/missing')
