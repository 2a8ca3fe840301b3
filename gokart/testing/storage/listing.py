"""The contract of a storage: the listing of a directory."""

from __future__ import annotations

from gokart.storage.contract import Storage
from gokart.testing.storage.actions import write


class ListingFacts:
    """Facts about the listing of a directory."""

    def test_list_goes_to_any_depth_in_order(self, storage: Storage, root: str) -> None:
        names = ['a-b', 'a.txt', 'a/b', 'a/b.c/d', 'a/b0', 'a0', 'Z', 'é/x', 'b/deep/er/still']
        for name in names:
            write(storage, f'{root}/{name}', name.encode())
        assert [found.path for found in storage.list(root)] == sorted(f'{root}/{name}' for name in names)

    def test_list_tells_what_stat_tells(self, storage: Storage, root: str) -> None:
        for name in ('one', 'two/three'):
            write(storage, f'{root}/{name}', name.encode())
        for found in storage.list(root):
            stat = storage.stat(found.path)
            assert (found.path, found.size_bytes, found.modified) == (stat.path, stat.size_bytes, stat.modified)

    def test_list_stays_in_the_directory(self, storage: Storage, root: str) -> None:
        for name in ('in/x', 'in-between/y', 'inside', 'other/z'):
            write(storage, f'{root}/{name}', b'')
        assert [found.path for found in storage.list(f'{root}/in')] == [f'{root}/in/x']

    def test_a_slash_at_the_end_of_a_listed_directory_makes_no_difference(self, storage: Storage, root: str) -> None:
        write(storage, f'{root}/in/x', b'')
        assert [found.path for found in storage.list(f'{root}/in/')] == [f'{root}/in/x']

    def test_there_is_nothing_in_a_missing_directory(self, storage: Storage, root: str) -> None:
        assert list(storage.list(f'{root}/missing')) == []
