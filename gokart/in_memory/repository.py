"""The objects that are kept in memory, by key: one place for the whole process."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, ClassVar

from gokart.errors import MissingKeyError

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class InMemoryData:
    """One object, and when it was kept."""

    value: Any
    last_modification_time: datetime
    number: int
    """Tells states of one key apart that are quicker than the clock."""


class InMemoryCacheRepository:
    """Objects by key; all instances share them, other processes do not.

    An object is kept as it is, not as a copy: whoever changes it changes it for all.
    """

    _cache: ClassVar[dict[str, InMemoryData]] = {}

    def set_value(self, key: str, obj: Any) -> None:
        """Keep `obj` in place of what is there."""
        self._cache[key] = InMemoryData(obj, datetime.now(timezone.utc), next(_numbers))

    def get_value(self, key: str) -> Any:
        """Return the object.

        Raises:
            MissingKeyError: there is none.
        """
        return self.get_data(key).value

    def get_data(self, key: str) -> InMemoryData:
        """Return the object with its time.

        Raises:
            MissingKeyError: there is none.
        """
        try:
            return self._cache[key]
        except KeyError:
            raise MissingKeyError(f'No object is kept in memory under the key {key!r}.') from None

    def get_last_modification_time(self, key: str) -> datetime:
        """Return when the object was kept; aware, in UTC.

        Raises:
            MissingKeyError: there is none.
        """
        return self.get_data(key).last_modification_time

    def has(self, key: str) -> bool:
        """Whether there is an object."""
        return key in self._cache

    def remove(self, key: str) -> None:
        """Forget the object.

        Raises:
            MissingKeyError: there is none.
        """
        if self._cache.pop(key, None) is None:
            raise MissingKeyError(f'{key} does not exist in memory, so it cannot be removed.')

    def empty(self) -> bool:
        """Whether nothing is kept."""
        return not self._cache

    def clear(self) -> None:
        """Forget all objects."""
        self._cache.clear()

    def get_gen(self) -> Iterator[tuple[str, Any]]:
        """Yield keys and objects as they are now, oldest key first."""
        yield from [(key, data.value) for key, data in self._cache.copy().items()]

    @property
    def size(self) -> int:
        """The number of objects."""
        return len(self._cache)
