"""The contract of a storage: reading, and what a storage tells of one object."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

import pytest

from gokart.storage.contract import Storage
from gokart.testing.storage.actions import read, write

_CLOCK_TOLERANCE = timedelta(minutes=5)


class ReadingFacts:
    """Facts about reading, and what a storage tells of one object."""

    def test_a_read_is_seekable(self, storage: Storage, root: str) -> None:
        write(storage, f'{root}/object', b'0123456789')
        with storage.open_read(f'{root}/object') as file:
            assert file.readable()
            assert file.seekable()
            assert file.seek(-3, 2) == 7
            assert file.read() == b'789'
            assert file.seek(2) == 2
            assert file.read(3) == b'234'
            assert file.tell() == 5
            assert file.read(100) == b'56789'
            assert file.read(1) == b''

    def test_a_read_gives_lines(self, storage: Storage, root: str) -> None:
        write(storage, f'{root}/object', b'one\r\ntwo\nthree')
        with storage.open_read(f'{root}/object') as file:
            assert list(file) == [b'one\r\n', b'two\n', b'three']

    def test_a_reader_keeps_the_bytes_as_they_were_at_opening(self, storage: Storage, root: str) -> None:
        write(storage, f'{root}/object', b'old' * 100_000)
        with storage.open_read(f'{root}/object') as file:
            start = file.read(3)
            write(storage, f'{root}/object', b'new' * 100_000)
            assert start + file.read() == b'old' * 100_000
        assert read(storage, f'{root}/object') == b'new' * 100_000

    def test_readers_do_not_see_parts_of_concurrent_writes(self, storage: Storage, root: str) -> None:
        write(storage, f'{root}/object', b'0' * 100_000)
        done = threading.Event()

        def keep_writing(letter: bytes) -> None:
            while not done.is_set():
                write(storage, f'{root}/object', letter * 100_000)

        with ThreadPoolExecutor(2) as pool:
            writers = [pool.submit(keep_writing, letter) for letter in (b'1', b'2')]
            try:
                contents = [read(storage, f'{root}/object') for _ in range(50)]
            finally:
                done.set()
        assert all(content in (b'0' * 100_000, b'1' * 100_000, b'2' * 100_000) for content in contents)
        assert [writer.result() for writer in writers] == [None, None]

    def test_exists_tells(self, storage: Storage, root: str) -> None:
        assert not storage.exists(f'{root}/object')
        write(storage, f'{root}/object', b'')
        assert storage.exists(f'{root}/object')
        assert not storage.exists(f'{root}/obj')

    def test_a_directory_is_no_object(self, storage: Storage, root: str) -> None:
        write(storage, f'{root}/directory/object', b'content')
        assert not storage.exists(f'{root}/directory')

    def test_stat_tells_path_and_size(self, storage: Storage, root: str) -> None:
        write(storage, f'{root}/object', b'12345')
        assert storage.stat(f'{root}/object').path == f'{root}/object'
        assert storage.stat(f'{root}/object').size_bytes == 5

    def test_stat_tells_the_time_in_utc(self, storage: Storage, root: str) -> None:
        write(storage, f'{root}/object', b'content')
        modified = storage.stat(f'{root}/object').modified
        assert modified.utcoffset() == timedelta(0)
        assert abs(modified - datetime.now(timezone.utc)) < _CLOCK_TOLERANCE

    def test_a_version_stays_until_the_next_write(self, storage: Storage, root: str) -> None:
        write(storage, f'{root}/object', b'content')
        version = storage.stat(f'{root}/object').version
        read(storage, f'{root}/object')
        assert storage.stat(f'{root}/object').version == version

    def test_each_write_gives_a_new_version(self, storage: Storage, root: str) -> None:
        """Also when the same bytes are written at once, or after a removal."""
        versions = set()
        for number in range(20):
            write(storage, f'{root}/object', b'same')
            versions.add(storage.stat(f'{root}/object').version)
            if number % 5 == 4:
                storage.remove(f'{root}/object')
        assert len(versions) == 20

    def test_remove_removes(self, storage: Storage, root: str) -> None:
        write(storage, f'{root}/object', b'content')
        storage.remove(f'{root}/object')
        assert not storage.exists(f'{root}/object')
        assert list(storage.list(root)) == []

    @pytest.mark.parametrize('verb', ['open_read', 'stat', 'remove'])
    def test_a_missing_object_is_named(self, storage: Storage, root: str, verb: str) -> None:
        with pytest.raises(FileNotFoundError) as caught:
            getattr(storage, verb)(f'{root}/missing')
        assert f'{root}/missing' in str(caught.value)
