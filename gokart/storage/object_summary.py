"""What a storage tells of an object, under the names that users of boto3 know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gokart.storage.contract import ObjectEntry, ObjectStat
from gokart.storage.object_url import parse_object


@dataclass(frozen=True, slots=True)
class ObjectSummary:
    """An object; the names are those of boto3's ``ObjectSummary``."""

    path: str
    """The whole URL."""
    size: int
    """In bytes."""
    last_modified: datetime
    """Aware, in UTC."""
    e_tag: str | None
    """The version of the object, an opaque mark; None in a listing, which tells no versions."""

    @property
    def bucket_name(self) -> str:
        """The bucket."""
        return parse_object(self.path).bucket

    @property
    def key(self) -> str:
        """The path of the object in its bucket."""
        return parse_object(self.path).key

    @property
    def content_length(self) -> int:
        """The same as `size`."""
        return self.size


def summary_of(entry: ObjectEntry) -> ObjectSummary:
    """Return the summary of what a listing, or `Storage.stat`, tells of an object."""
    version = entry.version if isinstance(entry, ObjectStat) else None
    return ObjectSummary(entry.path, entry.size_bytes, entry.modified, version)
