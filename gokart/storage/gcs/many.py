"""Many objects of Google Cloud Storage at once: which exist, and the removal of all."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from gokart.errors import (
    BucketNotFoundError,
    CredentialsError,
    StorageError,
    UnreachableStorageError,
)
from gokart.storage.gcs.access import Access
from gokart.storage.gcs.batch import MOST_CALLS, remove_batch
from gokart.storage.gcs.errors import Action, Deed
from gokart.storage.gcs.objects import list_page
from gokart.storage.key_scan import KeyPage, existing_keys
from gokart.storage.object_url import ObjectUrl

Urls = Mapping[str, ObjectUrl]


def find_existing(access: Access, urls: Urls, exists: Callable[[str], bool]) -> set[str]:
    """Return the paths at which there is an object, with listings where these take fewer requests.

    Args:
        access: makes the requests.
        urls: paths in one bucket.
        exists: asks for one path.
    """
    by_key = {url.key: path for path, url in urls.items()}
    url = next(iter(urls.values()))

    def list_from(prefix: str, start: str) -> KeyPage:
        place = ObjectUrl(url.scheme, url.bucket, prefix)
        deed = Deed(Action.LIST, url.with_key(prefix))
        page = access.ask(deed, place, partial(list_page, url=place, start=start, fields='name'))
        return KeyPage(page.keys, page.next_token is None)

    deed = Deed(Action.LOOK_AT, next(iter(urls)))
    connections = access.client(deed).config.pool_size
    found = existing_keys(by_key, list_from, lambda key: exists(by_key[key]), connections)
    return {path for path, of_path in urls.items() if of_path.key in found}


def remove_existing(access: Access, urls: Urls, remove: Callable[[str], None]) -> None:
    """Remove the objects, as far as there are any, many with one request.

    Args:
        access: makes the requests.
        urls: paths in one bucket.
        remove: removes one.
    """

    def remove_if_there(path: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            remove(path)

    def remove_some(paths: Sequence[str]) -> Sequence[str]:
        """Remove the objects; returns the paths that remain to be removed one by one, each with its own error."""
        if len(paths) == 1:
            return paths
        wanted = [urls[path] for path in paths]
        try:
            statuses = access.ask(deed, None, lambda client: remove_batch(client, wanted))
        except (BucketNotFoundError, CredentialsError, UnreachableStorageError):
            raise
        except (StorageError, FileNotFoundError):
            return paths
        if 404 in statuses:
            access.require_bucket(paths[0], wanted[0])
        return [path for path, status in zip(paths, statuses, strict=True) if status not in (200, 204, 404)]

    paths = list(urls)
    deed = Deed(Action.REMOVE, paths[0])
    parts = [paths[start : start + MOST_CALLS] for start in range(0, len(paths), MOST_CALLS)]
    left = [path for remaining in access.side_by_side(deed, remove_some, parts) for path in remaining]
    access.side_by_side(deed, remove_if_there, left)
