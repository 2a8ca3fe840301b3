"""Labels of stored objects: short texts by name, where the storage keeps any."""

from __future__ import annotations

from collections.abc import Mapping

from gokart.errors import LabelsTooLargeError
from gokart.storage.contract import Condition, LabelledStorage, WriteCondition, WriteStream
from gokart.storage.registry import storage_for


def max_label_bytes(path: str) -> int:
    """Return how much the labels of the object at `path` may take together; 0 if its storage keeps none."""
    storage = storage_for(path)
    return storage.max_label_bytes if isinstance(storage, LabelledStorage) else 0


def labels_of(path: str) -> dict[str, str]:
    """Return the labels of the object at `path`; none if its storage keeps none.

    Raises:
        FileNotFoundError: there is no object, in a storage that keeps labels.
    """
    storage = storage_for(path)
    return storage.labels(path) if isinstance(storage, LabelledStorage) else {}


def open_labelled(
    path: str, labels: Mapping[str, str] | None, condition: WriteCondition = Condition.ANY
) -> WriteStream:
    """Start to write the object at `path` with the first of `labels`, as many as its storage keeps.

    Raises:
        PreconditionError: may be raised here already when `condition` does not hold.
    """
    storage = storage_for(path)
    if not labels or not isinstance(storage, LabelledStorage):
        return storage.open_write(path, condition)
    kept = dict(labels)
    while True:
        try:
            return storage.open_write(path, condition, kept)
        except LabelsTooLargeError:  # what a storage has to escape takes more than `fitting_labels` knows of
            if not kept:
                raise
            kept.popitem()


def fitting_labels(labels: Mapping[str, str], max_bytes: int) -> dict[str, str]:
    """Return the first of `labels`, as many as take at most `max_bytes` together, names and values in UTF-8."""
    fitting = {}
    left_bytes = max_bytes
    for name, value in labels.items():
        left_bytes -= len(name.encode()) + len(value.encode())
        if left_bytes < 0:
            break
        fitting[name] = value
    return fitting
