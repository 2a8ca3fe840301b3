"""Labels on S3 come back as they were given, although S3 keeps ASCII only, and names in lower case."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gokart.errors import LabelsTooLargeError
from gokart.storage.s3.labels import MAX_LABEL_BYTES, TOKEN, labels_of, metadata_of
from gokart.testing.storage.actions import read, write

TOKEN_VALUE = 'f' * 32

texts = st.text(max_size=60)
LABELS = {
    'plain': 'value',
    'under_score': 'a b',
    'UpperCase': 'UpperCase',
    'uppercase': 'another',
    '名前': 'データ 🦆',
    'blanks': '  two  in  and  out  ',
    'percent%20': '100% %41 %',
    'lines': 'one\r\ntwo\tthree\0',
    'empty': '',
    'quotes': '"\'=?utf-8?q?x?=',
}


def as_s3_keeps(metadata: dict[str, str]) -> dict[str, str]:
    """What comes back of user metadata; what S3 would refuse or change must not be in it."""
    for name, value in metadata.items():
        assert (name + value).isascii()
        assert (name + value).isprintable()
        assert ' ' not in name
        assert value == ' '.join(value.split())
    assert sum(len(name) + len(value) for name, value in metadata.items()) <= 2048
    return {name.lower(): value for name, value in metadata.items()}


@given(st.dictionaries(texts, texts, max_size=5))
@example(LABELS)
@example({})
@example({'': 'value'})
@example({TOKEN: 'mine', 'gokart-labels': 'mine'})
@example({'lone surrogate': '\ud800'})
@example({'many': 'データ' * 200})
@example({'percent': '%' * 1900})
def test_labels_come_back_as_they_were_given(labels):
    assert labels_of(as_s3_keeps(metadata_of(labels, TOKEN_VALUE, 's3://bucket/key'))) == labels


def test_plain_labels_are_plain_metadata():
    assert metadata_of({'task': 'Sub', 'param_a': '1.0'}, TOKEN_VALUE, '') == {
        'task': 'Sub',
        'param_a': '1.0',
        TOKEN: TOKEN_VALUE,
    }


@pytest.mark.parametrize(('size', 'fits'), [(MAX_LABEL_BYTES, True), (MAX_LABEL_BYTES + 1, False)])
def test_labels_have_a_limit(size, fits):
    labels = {'name': 'x' * (size - len('name'))}
    if fits:
        assert labels_of(as_s3_keeps(metadata_of(labels, TOKEN_VALUE, ''))) == labels
    else:
        with pytest.raises(LabelsTooLargeError, match=f'key.*{size} bytes.*{MAX_LABEL_BYTES} bytes'):
            metadata_of(labels, TOKEN_VALUE, 's3://bucket/key')


@pytest.mark.parametrize('size', [7, (5 << 20) + 1])
def test_an_object_keeps_its_labels(storage, s3_url, small_parts, size):
    with storage.open_write(f'{s3_url}/object', labels=LABELS) as stream:
        stream.write(bytes(size))
    assert storage.labels(f'{s3_url}/object') == LABELS
    assert read(storage, f'{s3_url}/object') == bytes(size)


def test_labels_are_written_with_the_object_by_one_request(proxy, storage, s3_url):
    storage.open_write(f'{s3_url}/object', labels=LABELS).close()
    assert [entry.method for entry in proxy.log] == ['PUT']


def test_a_new_object_has_no_labels_of_the_old_one(storage, s3_url):
    storage.open_write(f'{s3_url}/object', labels=LABELS).close()
    write(storage, f'{s3_url}/object', b'')
    assert storage.labels(f'{s3_url}/object') == {}


def test_too_many_labels_are_told_before_anything_is_written(storage, s3_url):
    with pytest.raises(LabelsTooLargeError, match='object'):
        storage.open_write(f'{s3_url}/object', labels={'name': 'x' * storage.max_label_bytes})
    assert not storage.exists(f'{s3_url}/object')


def test_the_largest_labels_are_taken_by_the_server(storage, s3_url):
    labels = {'name': 'x' * (storage.max_label_bytes - 4)}
    storage.open_write(f'{s3_url}/object', labels=labels).close()
    assert storage.labels(f'{s3_url}/object') == labels


def test_the_metadata_of_an_object_of_others_are_its_labels(storage, s3_url, s3_server, bucket):
    s3_server.client().put_object(Bucket=bucket, Key='object', Body=b'', Metadata={'name': '100%25'})
    assert storage.labels(f'{s3_url}/object') == {'name': '100%25'}


def test_a_missing_object_has_no_labels(storage, s3_url):
    with pytest.raises(FileNotFoundError, match='object'):
        storage.labels(f'{s3_url}/object')
