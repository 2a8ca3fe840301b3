"""Requests to Google Cloud Storage: what they raise, and whether a missing object misses its bucket, too."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from gokart._calls import side_by_side
from gokart.errors import AccessDeniedError, CredentialsError, GokartError
from gokart.storage.gcs.client import GCSClient, make_client
from gokart.storage.gcs.errors import Action, Deed, explain
from gokart.storage.gcs.objects import list_page
from gokart.storage.object_url import ObjectUrl
from gokart.storage.per_process import PerProcess

S = TypeVar('S')
T = TypeVar('T')

_SECRET = 'upload_id='  # whoever knows the address of an upload can write to it


class Access:
    """Makes requests with the client of the process."""

    def __init__(self) -> None:
        self._client = PerProcess(make_client)
        self._known_buckets: set[str] = set()

    def client(self, deed: Deed) -> GCSClient:
        """Return the client of this process; raises what `make_client` does."""
        try:
            return self._client.get()
        except CredentialsError as error:
            raise CredentialsError(f'{deed}: {error}') from error.__cause__

    def ask(self, deed: Deed, url: ObjectUrl | None, request: Callable[[GCSClient], T]) -> T:
        """Return what `request` returns, which is tried again as the client's policy says.

        Args:
            deed: what is done.
            url: what is in the bucket that exists if the request succeeds; None if that tells nothing.
            request: makes one request.

        Raises:
            GokartError: it failed, or the client cannot be made.
            FileNotFoundError: the service knows no such object.
        """
        client = self.client(deed)
        return self.explained(deed, url, client, lambda: client.retries.call(partial(request, client)))

    def ask_for_object(self, deed: Deed, url: ObjectUrl, request: Callable[[GCSClient], T]) -> T:
        """Do as `ask`, and tell a missing bucket from a missing object, which some servers do not.

        Raises:
            BucketNotFoundError: there is no bucket.
            FileNotFoundError: there is no object.
        """
        try:
            return self.ask(deed, url, request)
        except FileNotFoundError:
            self.require_bucket(deed.path, url)
            raise

    def explained(self, deed: Deed, url: ObjectUrl | None, client: GCSClient, request: Callable[[], T]) -> T:
        """Return what `request` returns, which retries by itself; its errors become ours."""
        try:
            result = request()
        except GokartError:
            raise
        except Exception as error:
            ours = explain(error, deed, client.endpoint)
            if ours is error:
                raise
            raise ours from (None if _SECRET in str(error) else error)
        if url is not None:
            self._known_buckets.add(url.bucket)
        return result

    def require_bucket(self, path: str, url: ObjectUrl) -> None:
        """Look whether the bucket exists, once a process.

        Raises:
            BucketNotFoundError: it does not.
        """
        if url.bucket not in self._known_buckets:
            try:
                self.ask(Deed(Action.LIST, path), url, partial(list_page, url=url, fields='name', most=1))
            except AccessDeniedError:
                self._known_buckets.add(url.bucket)

    def side_by_side(self, deed: Deed, function: Callable[[S], T], items: Sequence[S]) -> list[T]:
        """Call `function` with each item, as many at once as the configuration allows."""
        return side_by_side(function, items, self.client(deed).config.pool_size)
