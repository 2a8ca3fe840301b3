"""A storage of one's own: the objects of ``sqlite://`` paths are rows of a table of SQLite."""

import contextlib
import errno
import io
import os
import sqlite3
import tempfile
import uuid
from datetime import datetime, timezone
from functools import partial
from pathlib import Path

from gokart.errors import StorageError
from gokart.storage.condition import require
from gokart.storage.contract import Condition, ObjectStat
from gokart.storage.scratch import scratch_file
from gokart.storage.stream import PublishingStream

TABLE = """
PRAGMA journal_mode=WAL; -- readers and writers do not wait for each other
CREATE TABLE IF NOT EXISTS objects (path TEXT PRIMARY KEY, content BLOB, modified REAL, version TEXT)
"""
STAT = 'SELECT path, length(content), modified, version FROM objects'


class SqliteStorage:
    """Objects of up to 1 GB, in the file that the environment variable SQLITE_OBJECTS names."""

    def open_read(self, path):
        return io.BytesIO(first(path, 'SELECT content FROM objects WHERE path = ?')[0])

    def open_write(self, path, condition=Condition.ANY):
        return PublishingStream(scratch_file(tempfile.gettempdir()), path, partial(self._publish, path, condition))

    def stat(self, path):
        return described(first(path, f'{STAT} WHERE path = ?'))

    def exists(self, path):
        return bool(rows(path, f'{STAT} WHERE path = ?', path))

    def remove(self, path):
        first(path, 'DELETE FROM objects WHERE path = ? RETURNING path')

    def list(self, directory):
        prefix = directory if directory.endswith('/') else f'{directory}/'
        found = rows(directory, f'{STAT} WHERE substr(path, 1, ?) = ? ORDER BY path', len(prefix), prefix)
        return map(described, found)

    def _publish(self, path, condition, file):
        row = path, Path(file.path).read_bytes(), datetime.now(timezone.utc).timestamp(), uuid.uuid4().hex
        with transaction(path) as database:
            database.execute('BEGIN IMMEDIATE')  # from this look to the commit, nobody else writes
            found = database.execute('SELECT version FROM objects WHERE path = ?', [path]).fetchone()
            require(condition, found and found[0], path)
            database.execute('REPLACE INTO objects VALUES (?, ?, ?, ?)', row)


@contextlib.contextmanager
def transaction(path):
    """Connect anew, since neither threads nor forked processes share a connection; commit if nothing is raised."""
    try:
        with contextlib.closing(sqlite3.connect(os.environ['SQLITE_OBJECTS'], timeout=60)) as database, database:
            database.executescript(TABLE)
            yield database
    except sqlite3.Error as error:
        raise StorageError(f'{path} cannot be reached in {os.environ["SQLITE_OBJECTS"]}: {error}') from error


def rows(path, statement, *values):
    """Return all rows of a statement."""
    with transaction(path) as database:
        return database.execute(statement, values).fetchall()


def first(path, statement):
    """Return the one row of a statement about the object at `path`."""
    found = rows(path, statement, path)
    if not found:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
    return found[0]


def described(row):
    """Return what `STAT` found."""
    path, size_bytes, modified, version = row
    return ObjectStat(path, size_bytes, datetime.fromtimestamp(modified, timezone.utc), version)
