"""Paths of the local disk: checked, without ``file://``, and independent of later changes of directory."""

# ruff: noqa: PTH100 (pathlib would take longer than the disk)

from __future__ import annotations

import os
import re
from urllib.parse import unquote

from gokart.errors import StorageError

_FILE_URL = re.compile('file://', re.IGNORECASE)
_DRIVE = re.compile('/[A-Za-z]:')


def local_path(path: str) -> str:
    """Return the plain form of `path`: as it is, or of a ``file://`` URL the path that it names.

    Raises:
        StorageError: no file can have such a path.
    """
    if _FILE_URL.match(path):
        path = _path_of_url(path)
    if not path:
        raise StorageError('The path is empty: give the path of a file.')
    if '\0' in path:
        raise StorageError(f'{path!r} cannot be a path: it contains a NUL character.')
    try:
        os.fsencode(path)
    except UnicodeEncodeError as error:
        raise StorageError(f'{path!r} cannot be a path: {error}.') from error
    return path


def absolute_directory(directory: str) -> str:
    """Return the absolute path of `directory`; ``..`` after a symbolic link leads where the system would go."""
    return os.path.realpath(directory) if os.pardir in directory else os.path.abspath(directory)


def _path_of_url(url: str) -> str:
    host, slash, rest = url[len('file://') :].partition('/')
    if host.lower() not in ('', 'localhost') or not slash:
        raise StorageError(f'{url!r} names no local file: a URL of one is file:///absolute/path.')
    path = unquote('/' + rest)
    return path[1:] if os.name == 'nt' and _DRIVE.match(path) else path
