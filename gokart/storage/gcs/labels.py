"""How labels travel as custom metadata of Google Cloud Storage: as they are, 8 KiB together."""

from __future__ import annotations

from collections.abc import Mapping

from gokart.errors import LabelsTooLargeError, StorageError

TOKEN = 'gokart-write'
"""Name of the entry that tells whose write an object is."""

MAX_LABEL_BYTES = 8192


def checked_labels(labels: Mapping[str, str], path: str) -> dict[str, str]:
    """Return the labels for the object at `path`.

    Raises:
        LabelsTooLargeError: they take too much.
        StorageError: one has no UTF-8 form.
    """
    try:
        size_bytes = _size_bytes(labels)
    except UnicodeEncodeError as error:
        raise StorageError(f'A label of {path!r} cannot be written in UTF-8: {error}.') from error
    if size_bytes > MAX_LABEL_BYTES:
        raise LabelsTooLargeError(
            f'The labels of {path!r} take {size_bytes} bytes, and may take {MAX_LABEL_BYTES}: give fewer or shorter '
            'ones.'
        )
    return dict(labels)


def with_token(labels: Mapping[str, str], token: str) -> dict[str, str]:
    """Return the metadata of a write with `token`; full labels leave no room for it, and come back as they are."""
    metadata = {**labels, TOKEN: token}
    return metadata if _size_bytes(metadata) <= MAX_LABEL_BYTES else dict(labels)


def labels_of(metadata: Mapping[str, str]) -> dict[str, str]:
    """Return the labels in the metadata of an object."""
    return {name: value for name, value in metadata.items() if name != TOKEN}


def _size_bytes(metadata: Mapping[str, str]) -> int:
    return sum(len(text.encode()) for entry in metadata.items() for text in entry)
