"""Which of many keys exist: asked with listings where keys lie close together, one by one where they do not."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KeyPage:
    """One page of a listing: keys in the order of their UTF-8 bytes."""

    keys: Sequence[str]
    is_last: bool


def existing_keys(
    wanted: Collection[str],
    list_from: Callable[[str, str], KeyPage],
    exists: Callable[[str], bool],
    connections: int,
) -> set[str]:
    """Return those of `wanted` that exist in one bucket.

    Args:
        wanted: the keys.
        list_from: given a prefix and a start, returns the first page of the keys that begin with the prefix and are
            not less than the start.
        exists: asks for one key.
        connections: how many requests may be made side by side.
    """
    raise NotImplementedError
