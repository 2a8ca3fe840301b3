"""A walk over the files below a local directory, ordered by path."""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from gokart.storage.naming import is_scratch

logger = logging.getLogger(__name__)


def walk_files(top: str) -> Iterator[tuple[str, os.stat_result]]:
    """Yield path and stat of the regular files below `top`, ordered by path, without scratch of ours.

    Links are followed, but not to a directory that they are in. What cannot be looked at is left out and logged.
    """
    levels: list[_Level] = []
    _descend(levels, top)
    while levels:
        entry = next(levels[-1][1], None)
        if entry is None:
            levels.pop()
        elif _is_directory(entry):
            _descend(levels, entry.path)
        else:
            found = _stat(entry)
            if found is not None and stat.S_ISREG(found.st_mode):
                yield entry.path, found


_Level = tuple[tuple[int, int], Iterator['os.DirEntry[str]']]  # device and inode of a directory, and what is left in it


def _descend(levels: list[_Level], directory: str) -> None:
    try:
        found = Path(directory).stat()
        identity = (found.st_dev, found.st_ino)
        if identity not in [above for above, _ in levels]:
            levels.append((identity, _entries(directory)))
    except (FileNotFoundError, NotADirectoryError):
        pass
    except OSError as error:
        logger.warning('not listed: %s', error)


def _entries(directory: str) -> Iterator[os.DirEntry[str]]:
    with os.scandir(directory) as entries:
        # In the order of whole paths 'a.txt' comes before 'a/b', so a directory counts with its separator.
        return iter(sorted((entry for entry in entries if not is_scratch(entry.name)), key=_rank))


def _rank(entry: os.DirEntry[str]) -> str:
    return entry.name + os.sep if _is_directory(entry) else entry.name


def _is_directory(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads to itself
        return False


def _stat(entry: os.DirEntry[str]) -> os.stat_result | None:
    try:
        return entry.stat() if os.name != 'nt' else Path(entry.path).stat()  # entries have no inode there
    except FileNotFoundError:
        return None
    except OSError as error:
        logger.warning('not listed: %s', error)
        return None
