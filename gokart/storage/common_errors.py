"""The errors that several storages raise alike, and what their messages say alike."""

from __future__ import annotations

import errno
import os
from urllib.parse import urlsplit

from gokart.errors import ObjectChangedError

_LONGEST_DETAIL = 300


def missing(path: str) -> FileNotFoundError:
    """Return the error that there is no object at `path`."""
    return FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)


def changed(path: str) -> ObjectChangedError:
    """Return the error that the rest of the object at `path` cannot be read."""
    return ObjectChangedError(f'{path!r} was replaced or removed while it was being read. Open it anew.')


def server_of(endpoint: str) -> str:
    """Return the URL of a server for messages: without path and password."""
    url = urlsplit(endpoint)
    return f'{url.scheme}://{url.netloc.rpartition("@")[2]}'


def shortened(text: str) -> str:
    """Return the beginning of what somebody else says, on one line and without a stop at its end."""
    text = ' '.join(text.split()).rstrip('.')
    return text if len(text) <= _LONGEST_DETAIL else f'{text[:_LONGEST_DETAIL]}…'
