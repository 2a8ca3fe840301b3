"""The upload of an object in parts, which goes on where it broke off.

See https://cloud.google.com/storage/docs/performing-resumable-uploads.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, BinaryIO

from gokart.storage.gcs.client import GCSClient
from gokart.storage.gcs.config import PART_UNIT_BYTES
from gokart.storage.retries import BrokenOffError

if TYPE_CHECKING:
    from requests import Response

_INCOMPLETE = 308
_LAST_RECEIVED = re.compile(r'bytes=0-(\d+)')


class LostSessionError(Exception):
    """The server has forgotten the upload: it must begin anew, unless it was finished."""


class PartsUpload:
    """One session of an upload.

    Args:
        client: the client of this process.
        session: URL of the session; whoever knows it can write to it.
        file: the bytes.
        size_bytes: how many they are.
        ask: makes the request of a part, as `GCSClient.ask`.
    """

    def __init__(
        self, client: GCSClient, session: str, file: BinaryIO, size_bytes: int, ask: Callable[..., Response]
    ) -> None:
        self._client = client
        self._session = session
        self._file = file
        self._size_bytes = size_bytes
        self._ask = ask
        self._received = 0
        self._is_sure = True
        self._is_done = False

    def run(self) -> None:
        """Send all parts, or else cancel the session.

        Raises:
            LostSessionError: the server has forgotten the session.
        """
        try:
            while not self._is_done:
                self._client.retries.call(self._send_part)
        except BaseException:
            with contextlib.suppress(Exception):  # the error that ended the upload says more
                self._client.ask('DELETE', self._session, {}, {}).close()
            raise

    def _send_part(self) -> None:
        if not self._is_sure:
            self._take_answer(
                self._client.ask('PUT', self._session, {}, {'Content-Range': f'bytes */{self._size_bytes}'})
            )
        if self._is_done:
            return
        self._is_sure = False
        start = self._received
        self._file.seek(start)
        part = self._file.read(self._client.config.part_size_bytes)
        span = f'bytes {start}-{start + len(part) - 1}/{self._size_bytes}'
        self._take_answer(self._ask('PUT', self._session, {}, {'Content-Range': span}, part))
        if not self._is_done and self._received <= start:
            raise BrokenOffError('the server kept nothing of a part')

    def _take_answer(self, response: Response) -> None:
        """Note how far the server has got."""
        if response.status_code in (404, 410):
            response.close()
            raise LostSessionError('the server has forgotten the upload')
        self._client.finish(response, 200, 201, _INCOMPLETE)
        self._is_done = response.status_code != _INCOMPLETE
        told = _LAST_RECEIVED.fullmatch(response.headers.get('Range', ''))
        received = int(told.group(1)) + 1 if told else 0
        self._received = received - received % PART_UNIT_BYTES  # what is sent twice is ignored
        self._is_sure = True
