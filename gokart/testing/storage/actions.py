"""What the tests of a storage do again and again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from gokart.storage.contract import Condition, Storage, WriteCondition

_WRITERS = 24


def write(storage: Storage, path: str, content: bytes, condition: WriteCondition = Condition.ANY) -> None:
    """Write a whole object."""
    with storage.open_write(path, condition) as stream:
        stream.write(content)


def read(storage: Storage, path: str) -> bytes:
    """Read a whole object."""
    with storage.open_read(path) as file:
        return file.read()


def fail_to_write(storage: Storage, path: str) -> None:
    """Leave a write by an exception, which must come through."""

    def write_half() -> None:
        with storage.open_write(path) as stream:
            stream.write(b'half of the')
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_half()


def race(attempt: Callable[[int], None], defeat: type[Exception]) -> list[int]:
    """Run `attempt` in many threads at once; returns the numbers of those that did not raise `defeat`."""
    barrier = threading.Barrier(_WRITERS)

    def run(number: int) -> bool:
        barrier.wait()
        try:
            attempt(number)
        except defeat:
            return False
        return True

    with ThreadPoolExecutor(_WRITERS) as pool:
        return [number for number, has_won in enumerate(pool.map(run, range(_WRITERS))) if has_won]
