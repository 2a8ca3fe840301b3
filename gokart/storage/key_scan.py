"""Which of many keys exist: asked with listings where keys lie close together, one by one where they do not."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from gokart._calls import side_by_side
from gokart.errors import AccessDeniedError

_WORTHWHILE = 4
"""How many keys a page has to settle to be better than asking for each: it takes several times as long."""


@dataclass(frozen=True, slots=True)
class KeyPage:
    """One page of a listing: keys in the order of their UTF-8 bytes, which is that of Python's texts."""

    keys: Sequence[str]
    is_last: bool


def existing_keys(
    wanted: Collection[str],
    list_from: Callable[[str, str], KeyPage],
    exists: Callable[[str], bool],
    connections: int,
) -> set[str]:
    """Return those of `wanted` that exist in one bucket, by hardly more requests than there are keys.

    A listing starts at the first key that is not settled, and settles all up to the last one of its page. Where pages
    settle few, more and more keys are asked for one by one before the next listing; where listings are denied, all.

    Args:
        wanted: the keys.
        list_from: given a prefix and a start, returns the first page of the keys that begin with the prefix and are
            not less than the start.
        exists: asks for one key.
        connections: how many requests may be made side by side.
    """
    pending = sorted(set(wanted))
    found: set[str] = set()
    alone = connections
    while pending:
        try:
            count = _settle_by_page(pending, list_from, found) if len(pending) >= _WORTHWHILE else 0
        except AccessDeniedError:  # many may look at objects and not list them
            count, alone = 0, len(pending)
        pending = pending[count:]
        if count >= _WORTHWHILE:
            alone = connections
            continue
        asked = pending[:alone]
        found.update(key for key, there in zip(asked, side_by_side(exists, asked, connections), strict=True) if there)
        pending = pending[alone:]
        alone *= 2
    return found


def _settle_by_page(pending: list[str], list_from: Callable[[str, str], KeyPage], found: set[str]) -> int:
    """List from the first of the sorted `pending`; add those found to `found`, and return how many are settled."""
    page = list_from(_common_directory(pending[0], pending[-1]), pending[0])
    count = len(pending) if page.is_last else bisect_right(pending, page.keys[-1]) if page.keys else 0
    found |= set(pending[:count]).intersection(page.keys)
    return count


def _common_directory(first: str, last: str) -> str:
    """Return the directory, with its slash, that is common to all keys from `first` to `last`."""
    directory = first[: first.rfind('/') + 1]
    while not last.startswith(directory):
        directory = directory[: directory.rfind('/', 0, -1) + 1]
    return directory
