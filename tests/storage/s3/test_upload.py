"""Writing of objects on S3: in one request or in parts, complete or not at all, also when answers are lost."""

from __future__ import annotations

import os
import random
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from support.s3_talk import error_body, requests

from gokart.errors import PreconditionError, StorageError
from gokart.storage.contract import Condition
from gokart.storage.s3 import parts
from gokart.testing.storage.actions import race, read, write

PART = 5 << 20
LARGE = os.urandom(PART + 1000)


@pytest.fixture
def unfinished(s3_server, bucket):
    """Tell which uploads are unfinished: their keys."""

    def list_keys() -> list[str]:
        found = s3_server.client().list_multipart_uploads(Bucket=bucket)
        return [upload['Key'] for upload in found.get('Uploads', ())]

    return list_keys


def test_a_small_object_is_written_by_one_request(proxy, storage, s3_url):
    write(storage, f'{s3_url}/object', b'content')
    assert requests(proxy) == ['PUT']


def test_a_conditional_write_takes_one_request_if_nothing_may_be_there(proxy, storage, s3_url):
    write(storage, f'{s3_url}/object', b'content', Condition.ABSENT)
    assert requests(proxy) == ['PUT']


@pytest.mark.parametrize(('size', 'parts'), [(PART, 0), (PART + 1, 2), (11 << 20, 3)])
def test_a_large_object_is_written_in_parts(proxy, storage, s3_url, small_parts, unfinished, size, parts):
    content = os.urandom(size)
    write(storage, f'{s3_url}/object', content)
    assert requests(proxy).count('PUT partNumber') == parts
    assert read(storage, f'{s3_url}/object') == content
    assert unfinished() == []


def test_nobody_waits_for_leave_to_send(proxy, storage, s3_url, s3_server, monkeypatch):
    headers = []
    client = storage._connection._current().boto
    client.meta.events.register('before-send.s3', lambda request, **kwargs: headers.append(dict(request.headers)))
    write(storage, f'{s3_url}/object', b'content')
    assert len(headers) == 1
    assert 'Expect' not in headers[0]


def test_there_are_never_too_many_parts():
    assert parts._part_bytes(10_000 * PART, PART) == PART
    for size in (10_000 * PART + 1, 1 << 40, 5 << 40):
        part = parts._part_bytes(size, PART)
        assert -(-size // part) <= 10_000
        assert part % (1 << 20) == 0


@pytest.mark.parametrize('condition', list(Condition))
@pytest.mark.parametrize('size', [7, len(LARGE)])
def test_a_write_whose_answer_is_lost_was_done(proxy, storage, s3_url, small_parts, unfinished, condition, size):
    lost = proxy.add('reset_after', method='PUT' if size == 7 else 'POST', path=r'object($|.*uploadId)', times=1)
    write(storage, f'{s3_url}/object', LARGE[:size], condition)
    assert lost.taken.is_set()
    assert read(storage, f'{s3_url}/object') == LARGE[:size]
    assert unfinished() == []


@pytest.mark.parametrize('size', [7, len(LARGE)])
def test_a_swap_whose_answer_is_lost_was_done(proxy, storage, s3_url, small_parts, size):
    write(storage, f'{s3_url}/object', b'old')
    version = storage.stat(f'{s3_url}/object').version
    proxy.add('reset_after', method='PUT' if size == 7 else 'POST', path=r'object($|.*uploadId)', times=1)
    write(storage, f'{s3_url}/object', LARGE[:size], version)
    assert read(storage, f'{s3_url}/object') == LARGE[:size]


@pytest.mark.parametrize('size', [7, len(LARGE)])
def test_a_refused_write_leaves_nothing(storage, s3_url, small_parts, unfinished, size):
    path = f'{s3_url}/object'
    stream = storage.open_write(path, Condition.ABSENT)
    stream.write(LARGE[:size])
    write(storage, path, b'first')
    with pytest.raises(PreconditionError, match='object'):
        stream.close()
    assert read(storage, path) == b'first'
    assert unfinished() == []


def test_a_large_object_is_refused_before_it_is_sent(proxy, storage, s3_url, small_parts):
    write(storage, f'{s3_url}/object', b'first')
    proxy.clear()
    with pytest.raises(PreconditionError):
        write(storage, f'{s3_url}/object', LARGE, Condition.ABSENT)
    assert 'PUT partNumber' not in requests(proxy)


def test_one_of_many_creators_of_large_objects_wins(storage, s3_url, small_parts, unfinished):
    def create(number: int) -> bool:
        try:
            write(storage, f'{s3_url}/object', bytes([number]) * (PART + 1), Condition.ABSENT)
        except PreconditionError:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(create, range(6)))
    assert results.count(True) == 1
    assert read(storage, f'{s3_url}/object') == bytes([results.index(True)]) * (PART + 1)
    assert unfinished() == []


def test_one_of_many_creators_wins_although_answers_are_lost(proxy, storage, s3_url):
    proxy.add('reset_after', method='PUT', share=0.5, times=12)
    winners = race(
        lambda number: write(storage, f'{s3_url}/object', b'%d' % number, Condition.ABSENT), PreconditionError
    )
    assert len(winners) == 1
    assert read(storage, f'{s3_url}/object') == b'%d' % winners[0]


@pytest.mark.parametrize('content', [b'', b'equal'])
def test_one_of_many_swappers_to_equal_bytes_wins(storage, s3_url, content):
    write(storage, f'{s3_url}/object', content)
    for _ in range(2):
        swap = partial(write, storage, f'{s3_url}/object', content, storage.stat(f'{s3_url}/object').version)
        assert len(race(lambda number, swap=swap: swap(), PreconditionError)) == 1
        assert read(storage, f'{s3_url}/object') == content


def test_passing_failures_of_parts_are_not_noticed(proxy, storage, s3_url, small_parts, unfinished):
    proxy.add('status', method='PUT', path='partNumber=1', status=500, times=1)
    proxy.add('reset_after', method='PUT', path='partNumber=2', times=1)
    write(storage, f'{s3_url}/object', LARGE)
    assert read(storage, f'{s3_url}/object') == LARGE
    assert unfinished() == []


def test_an_error_that_says_200_is_tried_again(proxy, storage, s3_url, small_parts):
    proxy.add('status', method='POST', path='uploadId', status=200, body=error_body('InternalError'), times=1)
    write(storage, f'{s3_url}/object', LARGE)
    assert read(storage, f'{s3_url}/object') == LARGE


@pytest.mark.parametrize(('method', 'path'), [('PUT', 'partNumber=2'), ('POST', 'uploadId')])
def test_an_upload_that_fails_is_aborted(proxy, storage, s3_url, small_parts, unfinished, method, path):
    proxy.add('status', method=method, path=path, status=403, body=error_body('AccessDenied'))
    with pytest.raises(PermissionError, match='object'):
        write(storage, f'{s3_url}/object', LARGE)
    assert unfinished() == []
    assert not storage.exists(f'{s3_url}/object')


def test_an_interrupted_upload_is_aborted(storage, s3_url, small_parts, unfinished, monkeypatch):
    def interrupt(futures):
        raise KeyboardInterrupt

    monkeypatch.setattr(parts, 'as_completed', interrupt)
    with pytest.raises(KeyboardInterrupt):
        write(storage, f'{s3_url}/object', LARGE)
    assert unfinished() == []
    assert not storage.exists(f'{s3_url}/object')


def test_an_upload_whose_beginning_was_lost_leaves_nothing(proxy, storage, s3_url, small_parts, unfinished):
    proxy.add('reset_after', method='POST', path=r'\?uploads', times=2)
    write(storage, f'{s3_url}/object', LARGE)
    assert read(storage, f'{s3_url}/object') == LARGE
    assert unfinished() == []


def test_an_upload_that_others_abort_is_made_again(proxy, storage, s3_url, small_parts, unfinished):
    proxy.add('status', method='PUT', path='partNumber=2', status=404, body=error_body('NoSuchUpload'), times=1)
    write(storage, f'{s3_url}/object', LARGE)
    assert read(storage, f'{s3_url}/object') == LARGE
    assert unfinished() == []


def test_uploads_of_others_are_left_alone(storage, s3_url, bucket, s3_server, small_parts, unfinished):
    for key in ('object', 'object2'):
        s3_server.client().create_multipart_upload(Bucket=bucket, Key=key)
    write(storage, f'{s3_url}/object', LARGE)
    assert unfinished() == ['object', 'object2']


def test_an_old_upload_of_the_key_is_aborted(proxy, storage, s3_url, bucket, s3_server, small_parts, unfinished):
    ids = [s3_server.client().create_multipart_upload(Bucket=bucket, Key='object')['UploadId'] for _ in range(2)]
    uploads = ''.join(
        f'<Upload><Key>object</Key><UploadId>{upload}</UploadId><Initiated>{year}-01-01T00:00:00.000Z</Initiated></Upload>'
        for upload, year in zip(ids, (2020, 2999), strict=True)
    )
    body = f'<ListMultipartUploadsResult>{uploads}</ListMultipartUploadsResult>'.encode()
    proxy.add('status', method='GET', path=r'\?uploads', status=200, body=body)
    write(storage, f'{s3_url}/object', LARGE)
    assert unfinished() == ['object']


def test_who_may_not_list_uploads_can_write_in_parts(user, storage, s3_url, small_parts):
    user('s3:PutObject', 's3:GetObject')
    write(storage, f'{s3_url}/object', LARGE)
    assert read(storage, f'{s3_url}/object') == LARGE


def test_large_objects_are_written_side_by_side(storage, s3_url, small_parts):
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda number: write(storage, f'{s3_url}/{number}', LARGE + b'%d' % number), range(2)))
    assert all(read(storage, f'{s3_url}/{number}') == LARGE + b'%d' % number for number in range(2))


def test_a_private_file_that_is_gone_is_an_error_that_says_so(storage, s3_url):
    stream = storage.open_write(f'{s3_url}/object')
    stream.write(b'content')
    Path(stream.name).unlink()
    with pytest.raises(StorageError, match=r'object.*somebody removed'):
        stream.close()


def test_what_others_put_back_has_a_version_of_its_own(storage, s3_url, bucket, s3_server):
    client = s3_server.client()
    write(storage, f'{s3_url}/object', b'content')
    version = storage.stat(f'{s3_url}/object').version
    client.copy_object(Bucket=bucket, Key='copy', CopySource=f'{bucket}/object')
    write(storage, f'{s3_url}/object', b'other')
    time.sleep(1)  # S3 tells times to the second
    client.copy_object(Bucket=bucket, Key='object', CopySource=f'{bucket}/copy')
    assert read(storage, f'{s3_url}/object') == b'content'
    assert storage.stat(f'{s3_url}/object').version != version


def test_the_seed_of_a_task_does_not_choose_the_version(storage, s3_url):
    versions = set()
    for _ in range(2):
        random.seed(1)
        write(storage, f'{s3_url}/object', b'same')
        versions.add(storage.stat(f'{s3_url}/object').version)
    assert len(versions) == 2
