"""The contract of a storage as tests: what `gokart.storage.contract` says, one fact a method."""

from __future__ import annotations

from gokart.testing.storage.conditions import ConditionFacts
from gokart.testing.storage.listing import ListingFacts
from gokart.testing.storage.reading import ReadingFacts
from gokart.testing.storage.writing import WritingFacts


class StorageContract(WritingFacts, ReadingFacts, ConditionFacts, ListingFacts):
    """Tests for pytest that every storage passes.

    Derive a class from it whose name begins with ``Test``, and give it two fixtures: ``storage``, the storage, and
    ``root``, a path without trailing slash below which there is nothing yet. With
    ``pytest.register_assert_rewrite('gokart.testing.storage')`` in ``conftest.py`` failing assertions show more.
    """
