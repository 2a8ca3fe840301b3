"""URLs of objects are taken apart and put together; keys stay as they stand."""

from __future__ import annotations

import pytest

from gokart.errors import StorageError
from gokart.storage.object_url import ObjectUrl, parse_directory, parse_object


@pytest.mark.parametrize(
    'key',
    [
        'name',
        'directory/name.pkl',
        '/name',
        'a//b',
        'a/../b',
        './a',
        'a b',
        'a%20b',
        'a+b',
        'a?b#c',
        'a:b@c',
        's3://other/name',
        '資料/é.csv',
    ],
)
def test_key_is_taken_as_it_stands(key):
    url = parse_object(f's3://bucket/{key}')
    assert url == ObjectUrl('s3', 'bucket', key)
    assert url.with_key(url.key) == f's3://bucket/{key}'


def test_scheme_may_be_written_in_capitals():
    assert parse_object('GS://bucket/Key') == ObjectUrl('gs', 'bucket', 'Key')


def test_url_of_another_object_of_the_bucket_is_made():
    assert parse_object('gs://bucket/a/b').with_key('c') == 'gs://bucket/c'


@pytest.mark.parametrize(
    ('path', 'key'),
    [
        ('s3://bucket', ''),
        ('s3://bucket/', ''),
        ('s3://bucket//', ''),
        ('s3://bucket/a', 'a/'),
        ('s3://bucket/a/', 'a/'),
        ('s3://bucket/a/b//', 'a/b/'),
        ('s3://bucket//a', '/a/'),
    ],
)
def test_key_of_a_directory_is_empty_or_ends_in_a_slash(path, key):
    assert parse_directory(path) == ObjectUrl('s3', 'bucket', key)


@pytest.mark.parametrize('path', ['s3://bucket', 's3://bucket/', 's3://bucket/directory/'])
def test_directory_is_no_object(path):
    with pytest.raises(StorageError, match=f'{path}.*s3://bucket/directory/name'):
        parse_object(path)


@pytest.mark.parametrize('parse', [parse_object, parse_directory])
@pytest.mark.parametrize('path', ['s3://', 's3:///name', 's3:////'])
def test_url_without_a_bucket_is_refused(parse, path):
    with pytest.raises(StorageError, match='names no bucket'):
        parse(path)
