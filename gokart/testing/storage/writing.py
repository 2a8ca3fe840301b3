"""The contract of a storage: what a write stream does, and what it leaves."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest

from gokart.storage.contract import Storage
from gokart.testing.storage.actions import fail_to_write, read, write


class WritingFacts:
    """Facts about what a write stream does, and what it leaves."""

    @pytest.mark.parametrize('size', [0, 1, 65536, 5_000_001])
    def test_what_was_written_is_read(self, storage: Storage, root: str, size: int) -> None:
        content = bytes(range(256)) * (size // 256 + 1)
        write(storage, f'{root}/object', content[:size])
        assert read(storage, f'{root}/object') == content[:size]

    def test_parts_are_joined(self, storage: Storage, root: str) -> None:
        with storage.open_write(f'{root}/object') as stream:
            for number in range(1000):
                assert stream.write(b'%04d' % number) == 4
        assert read(storage, f'{root}/object') == b''.join(b'%04d' % number for number in range(1000))

    def test_parents_are_made(self, storage: Storage, root: str) -> None:
        write(storage, f'{root}/a/b/c/object', b'deep')
        assert read(storage, f'{root}/a/b/c/object') == b'deep'

    @pytest.mark.parametrize(
        'name',
        [
            'with blank',
            'percent%20sign',
            'plus+and&amp;=',
            'question?mark#hash',
            'brackets[0]{1}*',
            'quotes\'"',
            '.hidden',
            'données_データ_🦆.pkl',
            'n' * 200 + '.pkl',
            'ü' * 100,
        ],
    )
    def test_any_name_serves(self, storage: Storage, root: str, name: str) -> None:
        write(storage, f'{root}/{name}', b'content')
        assert read(storage, f'{root}/{name}') == b'content'
        assert [found.path for found in storage.list(root)] == [f'{root}/{name}']

    def test_a_write_replaces_the_object(self, storage: Storage, root: str) -> None:
        write(storage, f'{root}/object', b'a long first content')
        write(storage, f'{root}/object', b'short')
        assert read(storage, f'{root}/object') == b'short'

    def test_nobody_sees_an_object_that_is_being_written(self, storage: Storage, root: str) -> None:
        with storage.open_write(f'{root}/object') as stream:
            stream.write(b'content')
            stream.flush()
            assert not storage.exists(f'{root}/object')
            assert list(storage.list(root)) == []
            with pytest.raises(FileNotFoundError):
                storage.open_read(f'{root}/object')

    def test_an_exception_discards(self, storage: Storage, root: str) -> None:
        fail_to_write(storage, f'{root}/object')
        assert not storage.exists(f'{root}/object')
        assert list(storage.list(root)) == []

    def test_an_exception_keeps_the_old_object(self, storage: Storage, root: str) -> None:
        write(storage, f'{root}/object', b'old')
        before = storage.stat(f'{root}/object')
        fail_to_write(storage, f'{root}/object')
        assert read(storage, f'{root}/object') == b'old'
        assert storage.stat(f'{root}/object') == before

    def test_discard_forgets_what_was_written(self, storage: Storage, root: str) -> None:
        stream = storage.open_write(f'{root}/object')
        stream.write(b'content')
        stream.discard()
        assert stream.closed
        stream.close()
        assert not storage.exists(f'{root}/object')

    def test_a_dropped_stream_discards(self, storage: Storage, root: str) -> None:
        stream = storage.open_write(f'{root}/object')
        stream.write(b'content')
        spool = stream.name
        del stream
        gc.collect()
        assert not storage.exists(f'{root}/object')
        assert not Path(spool).exists()

    def test_a_second_close_does_nothing(self, storage: Storage, root: str) -> None:
        stream = storage.open_write(f'{root}/object')
        stream.write(b'content')
        states = [stream.closed]
        stream.close()
        assert [*states, stream.closed] == [False, True]
        before = storage.stat(f'{root}/object')
        stream.close()
        stream.discard()
        assert storage.stat(f'{root}/object') == before

    def test_a_closed_stream_takes_no_more(self, storage: Storage, root: str) -> None:
        stream = storage.open_write(f'{root}/object')
        stream.close()
        with pytest.raises(ValueError, match='closed'):
            stream.write(b'more')

    def test_the_local_file_holds_what_was_flushed(self, storage: Storage, root: str) -> None:
        with storage.open_write(f'{root}/object') as stream:
            stream.write(b'content')
            stream.flush()
            assert Path(stream.name).read_bytes() == b'content'

    def test_the_local_file_can_be_filled_by_path(self, storage: Storage, root: str) -> None:
        with storage.open_write(f'{root}/object') as stream:
            Path(stream.name).write_bytes(b'written by path')
        assert read(storage, f'{root}/object') == b'written by path'

    @pytest.mark.parametrize('finish', ['close', 'discard'])
    def test_the_local_file_does_not_stay(self, storage: Storage, root: str, finish: str) -> None:
        stream = storage.open_write(f'{root}/object')
        stream.write(b'content')
        getattr(stream, finish)()
        assert not Path(stream.name).exists()

    def test_a_write_may_go_back(self, storage: Storage, root: str) -> None:
        with storage.open_write(f'{root}/object') as stream:
            assert stream.seekable()
            stream.write(b'....body')
            assert stream.tell() == 8
            assert stream.seek(0) == 0
            stream.write(b'head')
        assert read(storage, f'{root}/object') == b'headbody'
