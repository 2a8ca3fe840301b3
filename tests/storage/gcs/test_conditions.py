"""Conditional writes to Google Cloud Storage whose answers are lost, or which lose."""

from __future__ import annotations

import os
import random

import pytest
from google.cloud.storage import Client

from gokart.errors import PreconditionError
from gokart.storage.contract import Condition
from gokart.testing.storage.actions import read, write

SIZES = [7, 3 * 256 * 1024]
"""In one request, and in parts."""


@pytest.fixture
def path(gcs_url) -> str:
    return f'{gcs_url}/object'


@pytest.mark.parametrize('size', SIZES)
@pytest.mark.parametrize('skip', [0, 3])
def test_a_create_whose_answer_was_lost_was_written(storage, path, proxy, small_parts, size, skip):
    content = os.urandom(size)
    proxy.add('reset_after', path='/upload/', skip=skip if size > 7 else 0, times=2)
    write(storage, path, content, Condition.ABSENT)
    assert read(storage, path) == content


@pytest.mark.parametrize('size', SIZES)
def test_a_swap_whose_answer_was_lost_was_written(storage, path, proxy, small_parts, size):
    write(storage, path, b'first')
    content = os.urandom(size)
    proxy.add('reset_after', path='/upload/', times=2)
    write(storage, path, content, storage.stat(path).version)
    assert read(storage, path) == content


@pytest.mark.parametrize('size', SIZES)
@pytest.mark.parametrize('action', ['reset_before', 'status'])
def test_a_create_that_was_not_heard_does_not_win_by_that(storage, path, proxy, small_parts, size, action):
    stream = storage.open_write(path, Condition.ABSENT)
    stream.write(os.urandom(size))
    write(storage, path, b'quicker')
    proxy.add(action, path='/upload/', times=1)
    with pytest.raises(PreconditionError):
        stream.close()
    assert read(storage, path) == b'quicker'


def test_an_upload_that_was_finished_and_forgotten_was_written(storage, path, proxy, small_parts):
    content = os.urandom(SIZES[1])
    proxy.add('reset_after', method='PUT', skip=2, times=1)
    proxy.add('status', method='PUT', skip=3, status=404)
    write(storage, path, content, Condition.ABSENT)
    assert read(storage, path) == content


def test_a_lost_race_takes_no_look_at_the_winner(storage, path, proxy):
    write(storage, path, b'first')
    proxy.clear()
    with pytest.raises(PreconditionError):
        write(storage, path, b'second', Condition.ABSENT)
    assert [entry.method for entry in proxy.log] == ['POST']


def test_the_token_of_a_write_is_no_label(storage, path):
    with storage.open_write(path, Condition.ABSENT, {'name': 'value'}) as stream:
        stream.write(b'content')
    assert storage.labels(path) == {'name': 'value'}


def test_full_labels_leave_no_room_for_a_token(storage, path):
    labels = {'name': 'v' * (storage.max_label_bytes - 4)}
    storage.open_write(path, Condition.ABSENT, labels).close()
    assert storage.labels(path) == labels


def test_tokens_do_not_depend_on_the_seed_of_random(storage, gcs_url):
    tokens = set()
    for name in ('one', 'two'):
        random.seed(0)
        storage.open_write(f'{gcs_url}/{name}', Condition.ABSENT).close()
        tokens.add(Client().bucket(gcs_url.removeprefix('gs://')).get_blob(name).metadata['gokart-write'])
    assert len(tokens) == 2
