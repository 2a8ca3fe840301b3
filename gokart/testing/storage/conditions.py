"""The contract of a storage: conditional writes, also of many at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gokart.errors import PreconditionError
from gokart.storage.contract import Condition, Storage, Version, VersionedStorage, VersionedWriteStream, WriteCondition
from gokart.testing.storage.actions import race, read, write


class ConditionFacts:
    """Facts about conditional writes, also of many at once."""

    def test_absent_writes_where_nothing_is(self, storage: Storage, root: str) -> None:
        write(storage, f'{root}/object', b'content', Condition.ABSENT)
        assert read(storage, f'{root}/object') == b'content'

    def test_absent_does_not_replace(self, storage: Storage, root: str) -> None:
        write(storage, f'{root}/object', b'first')
        with pytest.raises(PreconditionError, match='object'):
            write(storage, f'{root}/object', b'second', Condition.ABSENT)
        assert read(storage, f'{root}/object') == b'first'

    def test_absent_is_true_at_publication(self, storage: Storage, root: str) -> None:
        stream = storage.open_write(f'{root}/object', Condition.ABSENT)
        stream.write(b'late')
        write(storage, f'{root}/object', b'early')
        with pytest.raises(PreconditionError):
            stream.close()
        assert stream.closed
        assert not Path(stream.name).exists()
        assert read(storage, f'{root}/object') == b'early'

    def test_absent_writes_again_after_a_removal(self, storage: Storage, root: str) -> None:
        write(storage, f'{root}/object', b'first', Condition.ABSENT)
        storage.remove(f'{root}/object')
        write(storage, f'{root}/object', b'second', Condition.ABSENT)
        assert read(storage, f'{root}/object') == b'second'

    def test_one_of_many_creators_wins(self, storage: Storage, root: str) -> None:
        winners = race(
            lambda number: write(storage, f'{root}/object', b'%d' % number, Condition.ABSENT), PreconditionError
        )
        assert len(winners) == 1
        assert read(storage, f'{root}/object') == b'%d' % winners[0]
        assert len(list(storage.list(root))) == 1

    def test_a_known_version_is_replaced(self, storage: Storage, root: str) -> None:
        write(storage, f'{root}/object', b'first')
        write(storage, f'{root}/object', b'second', storage.stat(f'{root}/object').version)
        assert read(storage, f'{root}/object') == b'second'

    def test_the_version_that_a_stream_tells_is_replaced(self, storage: Storage, root: str) -> None:
        version = _write_versioned(storage, f'{root}/object', b'first')
        _write_versioned(storage, f'{root}/object', b'second', version)
        assert read(storage, f'{root}/object') == b'second'

    def test_an_old_version_that_a_stream_told_is_refused(self, storage: Storage, root: str) -> None:
        version = _write_versioned(storage, f'{root}/object', b'first')
        write(storage, f'{root}/object', b'second')
        with pytest.raises(PreconditionError, match='object'):
            write(storage, f'{root}/object', b'third', version)
        storage.remove(f'{root}/object')
        with pytest.raises(PreconditionError, match='object'):
            write(storage, f'{root}/object', b'third', version)

    def test_a_version_that_a_stream_told_is_removed(self, storage: Storage, root: str) -> None:
        version = _write_versioned(storage, f'{root}/object', b'first')
        if not isinstance(storage, VersionedStorage):
            pytest.skip('it removes no version')
        storage.remove_version(f'{root}/object', version)
        with pytest.raises(PreconditionError, match='object'):
            storage.remove_version(f'{root}/object', version)
        write(storage, f'{root}/object', b'second')
        with pytest.raises(PreconditionError, match='object'):
            storage.remove_version(f'{root}/object', version)
        assert read(storage, f'{root}/object') == b'second'

    def test_an_old_version_is_refused(self, storage: Storage, root: str) -> None:
        write(storage, f'{root}/object', b'first')
        version = storage.stat(f'{root}/object').version
        write(storage, f'{root}/object', b'second')
        with pytest.raises(PreconditionError, match='object'):
            write(storage, f'{root}/object', b'third', version)
        assert read(storage, f'{root}/object') == b'second'

    @pytest.mark.parametrize('is_late', [False, True])
    def test_a_version_of_a_removed_object_is_refused(self, storage: Storage, root: str, is_late: bool) -> None:
        write(storage, f'{root}/object', b'first')
        version = storage.stat(f'{root}/object').version
        if is_late:
            stream = storage.open_write(f'{root}/object', version)
            storage.remove(f'{root}/object')
            with pytest.raises(PreconditionError):
                stream.close()
        else:
            storage.remove(f'{root}/object')
            with pytest.raises(PreconditionError):
                write(storage, f'{root}/object', b'second', version)
        assert not storage.exists(f'{root}/object')

    def test_one_of_many_swappers_wins(self, storage: Storage, root: str) -> None:
        write(storage, f'{root}/object', b'first')
        version = storage.stat(f'{root}/object').version
        winners = race(lambda number: write(storage, f'{root}/object', b'%d' % number, version), PreconditionError)
        assert len(winners) == 1
        assert read(storage, f'{root}/object') == b'%d' % winners[0]

    def test_no_swap_is_lost(self, storage: Storage, root: str) -> None:
        """Threads that count up by compare and swap, and try again when they lose, lose no count."""
        write(storage, f'{root}/object', b'0')

        def count_up(number: int) -> None:
            while True:
                version = storage.stat(f'{root}/object').version
                count = int(read(storage, f'{root}/object'))
                try:
                    write(storage, f'{root}/object', b'%d' % (count + 1), version)
                except PreconditionError:
                    continue
                return

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(count_up, range(32)))
        assert read(storage, f'{root}/object') == b'32'


def _write_versioned(
    storage: Storage, path: str, content: bytes, condition: WriteCondition = Condition.ABSENT
) -> Version:
    with storage.open_write(path, condition) as stream:
        stream.write(content)
    version = stream.version if isinstance(stream, VersionedWriteStream) else None
    if version is None:
        pytest.skip('its streams tell no version')
    return version
