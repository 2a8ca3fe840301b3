"""What Google Cloud Storage says of objects, and their removal: one request each.

See https://cloud.google.com/storage/docs/json_api/v1/objects.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from gokart.storage.gcs.client import GCSClient
from gokart.storage.gcs.errors import ForeignAnswerError
from gokart.storage.object_url import ObjectUrl

_MOST_OBJECTS = 1000
_TIME = re.compile(r'(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(?:Z|([+-]\d\d):(\d\d))', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Resource:
    """One generation of an object.

    Attributes:
        modified: when it was written; a later change of its metadata is no write.
    """

    key: str
    size_bytes: int
    modified: datetime
    generation: str
    metadata: Mapping[str, str]

    @classmethod
    def of(cls, answer: Mapping[str, Any]) -> Resource:
        """Take what the service says.

        Raises:
            ForeignAnswerError: it says something else.
        """
        try:
            return cls(
                str(answer['name']),
                int(answer['size']),
                _time(answer['timeCreated']),
                str(answer['generation']),
                answer.get('metadata') or {},
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ForeignAnswerError(f'{type(error).__name__}: {error}') from error


@dataclass(frozen=True, slots=True)
class Page:
    """Some objects, in the order of their keys, and what the next page is asked for with; None after the last."""

    items: Sequence[Mapping[str, Any]]
    next_token: str | None

    @property
    def keys(self) -> list[str]:
        """The keys of the objects."""
        return [str(item['name']) for item in self.items]


def look_at(client: GCSClient, url: ObjectUrl) -> Resource:
    """Ask what is known of an object."""
    return Resource.of(client.json(client.url_of(url), {'fields': 'name,size,timeCreated,generation,metadata'}))


def remove(client: GCSClient, url: ObjectUrl, generation: str | None = None) -> None:
    """Remove an object, if it is of the `generation`."""
    condition = {'ifGenerationMatch': generation} if generation else {}
    client.finish(client.ask('DELETE', client.url_of(url), condition, {}), 200, 204)


def list_page(
    client: GCSClient,
    url: ObjectUrl,
    *,
    token: str | None = None,
    start: str | None = None,
    fields: str = 'name,size,timeCreated,generation',
    most: int = _MOST_OBJECTS,
) -> Page:
    """Ask for one page of the objects whose keys begin with the key of `url`.

    Args:
        client: the client of this process.
        url: a bucket, and the beginning of keys.
        token: what the page before gave.
        start: the first key.
        fields: what is asked of each object.
        most: how many objects are asked for.
    """
    wanted = {'prefix': url.key, 'startOffset': start, 'pageToken': token}
    params = {name: value for name, value in wanted.items() if value}
    params.update(maxResults=str(most), fields=f'items({fields}),nextPageToken')
    answer = client.json(client.url_of_bucket(url), params)
    items = answer.get('items') or []
    if not isinstance(items, list) or not all(isinstance(item, dict) and 'name' in item for item in items):
        raise ForeignAnswerError('a listing without names')
    return Page(items, answer.get('nextPageToken') or None)


def _time(text: str) -> datetime:
    found = _TIME.fullmatch(text)
    if found is None:
        raise ValueError(f'{text!r} is no time')
    seconds, fraction, hours, minutes = found.groups()
    offset = timedelta(hours=int(hours or 0), minutes=int(f'{(hours or "+")[0]}{minutes or 0}'))
    microseconds = timedelta(microseconds=int((fraction or '').ljust(6, '0')[:6]))
    return (datetime.fromisoformat(seconds) + microseconds - offset).replace(tzinfo=timezone.utc)
