"""Remote objects are read like local files, and little more of them is fetched than is read."""

from __future__ import annotations

import errno
import io
import os
import pickle
import random
import sys
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.ranges import CountingSource, FinalError, PassingError

from gokart.errors import ObjectChangedError, StorageError, UnreachableStorageError
from gokart.storage.ranged import HEAD_BYTES, SmallFile

MiB = 1 << 20
CONTENT = random.Random(0).randbytes(6 * MiB)


def source_of(megabytes=6, **options):
    return CountingSource(CONTENT[: int(megabytes * MiB)], **options)


@pytest.mark.parametrize('size', [0, 1, HEAD_BYTES])
def test_object_within_the_head_takes_no_other_request(size):
    source = CountingSource(CONTENT[:size])
    with source.open() as file:
        assert file.read() == CONTENT[:size]
        assert file.seek(0) == 0
        assert file.name == source.path
    assert source.requests == []


def test_object_one_byte_larger_than_the_head_takes_one():
    source = CountingSource(CONTENT[: HEAD_BYTES + 1])
    with source.open() as file:
        assert file.read() == source.content
    assert source.requests == [(HEAD_BYTES, HEAD_BYTES + 1)]


def test_opening_and_reading_the_head_takes_no_request():
    source = source_of()
    with source.open() as file:
        assert file.read(HEAD_BYTES) == CONTENT[:HEAD_BYTES]
        file.seek(5)
        assert file.read(10) == CONTENT[5:15]
    assert source.requests == []


@pytest.mark.parametrize('chunk', [1 << 12, 70_000, 3 * MiB])
def test_reading_in_order_takes_few_requests_and_each_byte_once(chunk):
    source = source_of()
    with source.open() as file:
        assert b''.join(iter(lambda: file.read(chunk), b'')) == CONTENT
    assert len(source.requests) <= 2
    assert source.received_bytes == 5 * MiB


def test_ranges_of_a_stream_grow():
    source = CountingSource(bytes(80 * MiB))
    with source.open() as file:
        while file.read(MiB):
            pass
    assert [(stop - start) // MiB for start, stop in source.requests] == [4, 8, 16, 32, 19]


def test_reading_on_after_a_jump_is_a_stream_again():
    source = CountingSource(bytes(20 * MiB))
    with source.open() as file:
        file.seek(4 * MiB)
        for _ in range(7 * 16):
            file.read(1 << 16)
    assert [stop - start for start, stop in source.requests] == [1 << 16, MiB, 2 * MiB, 4 * MiB]


@pytest.mark.parametrize('size', [10, 1 << 16, 100_000, 2 * MiB + 1])
def test_read_after_a_jump_fetches_about_what_is_read(size):
    source = source_of()
    with source.open() as file:
        file.seek(3 * MiB)
        assert file.read(size) == CONTENT[3 * MiB :][:size]
    assert len(source.requests) == 1
    assert source.received_bytes <= max(size, 1 << 16)


def test_small_gap_is_read_over():
    source = source_of()
    with source.open() as file:
        for start in range(MiB, 5 * MiB, 200_000):
            file.seek(start)
            assert file.read(70_000) == CONTENT[start:][:70_000]
    assert len(source.requests) <= 3


def test_end_of_the_object_is_fetched_once():
    """Readers of zip and parquet look for several things there."""
    source = source_of()
    with source.open() as file:
        for offset in (-22, -60_000, -42, -1):
            file.seek(offset, os.SEEK_END)
            assert file.read() == CONTENT[offset:]
        file.seek(0)
        assert file.read(10) == CONTENT[:10]
    assert source.requests == [(len(CONTENT) - (1 << 16), len(CONTENT))]


def test_end_that_reaches_into_the_head_is_fetched_without_it():
    source = source_of(1.03)
    with source.open() as file:
        file.seek(-1, os.SEEK_END)
        assert file.read() == source.content[-1:]
    assert source.requests == [(HEAD_BYTES, source.size_bytes)]


READS = st.one_of(
    st.tuples(st.just('seek'), st.integers(0, 3 * MiB)),
    st.tuples(st.just('read'), st.integers(0, 200_000)),
    st.tuples(st.just('read1'), st.integers(1, 100_000)),
    st.tuples(st.just('peek'), st.just(1)),
    st.tuples(st.just('readinto'), st.integers(0, 200_000)),
    st.tuples(st.just('readline'), st.integers(1, 5000)),
)


def do(file, name, argument):
    """What a read gives; those that may give less are completed."""
    if name == 'seek':
        return file.seek(argument)
    if name == 'readinto':
        buffer = bytearray(argument)
        return bytes(buffer[: file.readinto(buffer)])
    if name == 'peek':
        return file.peek(argument)[:argument] if hasattr(file, 'peek') else file.getvalue()[file.tell() :][:argument]
    if name == 'read1':
        piece = file.read1(argument)
        return piece + file.read(argument - len(piece))
    return getattr(file, name)(argument)


@given(
    reads=st.lists(READS, max_size=12),
    failures=st.lists(st.tuples(st.integers(0, 300_000), st.sampled_from([PassingError(), None])), max_size=2),
)
@settings(derandomize=True, max_examples=100, deadline=None)
def test_any_reads_give_what_a_file_gives(reads, failures):
    source = source_of(2.5, failures=failures, piece_bytes=10_000)
    with source.open() as file, io.BytesIO(source.content) as plain:
        for name, argument in reads:
            assert do(file, name, argument) == do(plain, name, argument)
            assert file.tell() == plain.tell()


def test_lines_and_texts_are_read():
    content = b'\n'.join(b'line %d' % number for number in range(200_000))
    source = CountingSource(content)
    with source.open() as file:
        assert list(file) == content.splitlines(keepends=True)
    with io.TextIOWrapper(CountingSource(content).open(), 'utf-8') as text:
        assert text.read().encode() == content
    assert len(source.requests) == 1


@pytest.mark.parametrize('read', [lambda file: file.read(), lambda file: file.read(30 * MiB), pickle.load])
def test_large_object_is_in_memory_once(read):
    content = pickle.dumps(bytes(30 * MiB), protocol=4)
    source = CountingSource(content)
    with source.open() as file:
        tracemalloc.start()
        try:
            result = read(file)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert len(result) >= 30 * MiB
    assert peak < 34 * MiB


def test_large_read_goes_into_the_buffer_of_the_reader():
    source = CountingSource(bytes(30 * MiB))
    array = np.ones(20 * MiB, dtype='u1')
    with source.open() as file:
        tracemalloc.start()
        try:
            file.seek(5 * MiB)
            assert file.readinto(array) == 20 * MiB
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert not array.any()
    assert peak < 2 * MiB
    assert source.requests == [(5 * MiB, 25 * MiB)]


@pytest.mark.parametrize('error', [PassingError(), None], ids=['broken', 'short'])
def test_broken_download_goes_on_where_it_broke_off(error):
    source = source_of(failures=[(1000, error), (0, PassingError()), (10, error)])
    with source.open() as file:
        assert file.read() == CONTENT
    assert source.received_bytes == 5 * MiB
    starts = [start - MiB for start, _ in source.requests]
    assert starts == [0, 1000, 1000, 1010]


def test_retries_are_counted_anew_after_progress():
    source = source_of(failures=[(1, PassingError())] * 30, retry_limit=1)
    with source.open() as file:
        assert file.read() == CONTENT


@pytest.mark.parametrize(
    ('error', 'expected', 'requests'),
    [
        (PassingError(), StorageError, 4),
        (ConnectionRefusedError(), UnreachableStorageError, 3),
        (FinalError(), FinalError, 1),
    ],
)
def test_failure_that_stays_is_explained(error, expected, requests):
    source = source_of(failures=[(0, error)] * 10)
    with source.open() as file, pytest.raises(expected) as caught:
        file.read()
    assert caught.value is error or caught.value.__cause__ is error
    assert len(source.requests) == requests
    assert source.open_downloads == 0


def test_download_that_always_ends_early_is_an_error():
    source = source_of(failures=[(0, None)] * 10)
    with source.open() as file, pytest.raises(StorageError, match=r's3://bucket/key.* byte 1048576 of 6291456'):
        file.read()


def test_reader_goes_on_after_an_error():
    """The bytes of a failed read are not lost."""
    source = source_of(failures=[(100_000, PassingError())] + [(0, PassingError())] * 3)
    with source.open() as file:
        file.seek(2 * MiB)
        with pytest.raises(StorageError):
            file.read(MiB)
        assert file.tell() == 2 * MiB
        assert file.read(MiB) == CONTENT[2 * MiB : 3 * MiB]


def test_object_that_was_replaced_is_an_error():
    source = source_of()
    with source.open() as file:
        source.content = None
        with pytest.raises(ObjectChangedError) as caught:
            file.read()
    assert caught.value.__cause__ is None
    assert len(source.requests) == 1


def test_interrupt_passes_and_leaves_no_download():
    source = source_of(failures=[(10, KeyboardInterrupt())])
    with source.open() as file:
        with pytest.raises(KeyboardInterrupt):
            file.read()
        assert source.open_downloads == 0
        assert file.read() == CONTENT


@pytest.mark.parametrize('size', [0, 10, 2 * MiB])
def test_no_download_is_left_open(size):
    source = source_of()
    with source.open() as file:
        file.seek(MiB)
        file.read(size)
        file.seek(4 * MiB)
        file.read(size)
        assert source.open_downloads <= 1
    assert source.open_downloads == 0


def test_range_that_was_read_gives_its_connection_back():
    source = source_of(2)
    with source.open() as file:
        assert file.read(2 * MiB) == source.content
        assert source.open_downloads == 0


def test_dropped_file_drops_its_download():
    source = source_of()
    file = source.open()
    file.seek(MiB)
    file.read(70_000)
    file.read(70_000)
    assert source.open_downloads == 1
    del file
    assert source.open_downloads == 0


@pytest.mark.parametrize('offset', [-1, -7 * MiB])
def test_position_before_the_start_is_refused_as_files_do(offset):
    with source_of().open() as file:
        file.read(1)
        with pytest.raises(OSError, match=r's3://bucket/key') as caught:
            file.seek(offset, os.SEEK_SET if offset == -1 else os.SEEK_END)
        assert caught.value.errno == errno.EINVAL
        assert file.tell() == 1


def test_there_is_nothing_behind_the_end():
    source = source_of()
    with source.open() as file:
        assert file.seek(100 * MiB) == 100 * MiB
        assert file.read() == file.read(10) == file.read(MiB) == b''
        assert file.readinto(bytearray(10)) == 0
        assert file.tell() == 100 * MiB
    assert source.requests == []


def test_reading_nothing_takes_no_request():
    source = source_of()
    with source.open() as file:
        file.seek(3 * MiB)
        assert file.readinto(bytearray()) == 0
        assert file.read(0) == file.read1(0) == b''
    assert source.requests == []


@pytest.mark.parametrize('whence', [3, 4, 99])
def test_position_of_an_unknown_kind_is_refused(whence):
    with source_of().open() as file, pytest.raises((ValueError, io.UnsupportedOperation)):
        file.seek(0, whence)


@pytest.mark.parametrize('use', ['read', 'tell', 'readline', 'peek'])
def test_closed_file_is_not_read(use):
    file = source_of().open()
    file.close()
    file.close()
    with pytest.raises(ValueError, match='closed'):
        getattr(file, use)()


def test_file_is_binary_seekable_and_has_no_descriptor():
    with source_of().open() as file:
        assert (file.name, file.mode) == ('s3://bucket/key', 'rb')
        assert file.readable()
        assert file.seekable()
        assert not file.writable()
        with pytest.raises(io.UnsupportedOperation):
            file.fileno()


def test_duplicate_is_independent():
    source = source_of()
    with source.open() as file:
        file.seek(2 * MiB)
        with file.duplicate() as other:
            assert source.requests == []
            assert other.read(10) == CONTENT[:10]
            assert file.read(10) == CONTENT[2 * MiB : 2 * MiB + 10]
        assert file.read(10) == CONTENT[2 * MiB + 10 : 2 * MiB + 20]
    with file.duplicate() as another:
        assert another.read() == CONTENT


def test_threads_read_duplicates_side_by_side():
    source = source_of(piece_bytes=50_000)
    with source.open() as file, ThreadPoolExecutor(8) as pool:
        files = [file.duplicate() for _ in range(8)]
        assert set(pool.map(lambda duplicate: duplicate.read(), files)) == {CONTENT}


@pytest.mark.skipif(sys.platform == 'win32', reason='no fork there')
def test_forked_child_does_not_take_bytes_from_its_parent(run_child):
    source = source_of()
    with source.open() as file:
        file.seek(MiB)
        assert file.read(70_000) + file.read(70_000) == CONTENT[MiB:][:140_000]
        before = len(source.requests)

        def read_on():
            assert file.read() == CONTENT[MiB + 140_000 :]
            assert len(source.requests) > before
            assert source.open_downloads == 1, 'that of the parent stays as it is'

        assert run_child(read_on) == 0
        assert file.read() == CONTENT[MiB + 140_000 :]
    assert len(source.requests) == before + 1


def test_a_small_object_cannot_be_written_to():
    """What is written there would be lost."""
    file = SmallFile('far://bucket/key', b'content')
    assert not file.writable()
    with pytest.raises(io.UnsupportedOperation):
        file.write(b'lost')
