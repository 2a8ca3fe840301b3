"""The removal of many objects of Google Cloud Storage in one request.

See https://cloud.google.com/storage/docs/batch.
"""

from __future__ import annotations

import email
import re
import uuid
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from gokart.storage.gcs.client import GCSClient
from gokart.storage.object_url import ObjectUrl

MOST_CALLS = 100

_STATUS = re.compile(rb'HTTP/[\d.]+ (\d{3})')


def remove_batch(client: GCSClient, urls: Sequence[ObjectUrl]) -> list[int | None]:
    """Ask for the removal of at most `MOST_CALLS` objects; no call is tried again.

    Returns:
        The status of each call, in the order of `urls`; None for one that has no answer.
    """
    boundary = uuid.uuid4().hex
    body = b''.join(_call(client, boundary, number, url) for number, url in enumerate(urls))
    headers = {'Content-Type': f'multipart/mixed; boundary={boundary}'}
    endpoint = f'{client.endpoint}/batch/storage/v1'
    response = client.ask('POST', endpoint, {}, headers, body + f'--{boundary}--\r\n'.encode())
    content = client.finish(response, 200)
    content_type = response.headers.get('Content-Type', '')
    message: Any = email.message_from_bytes(f'Content-Type: {content_type}\r\n\r\n'.encode() + content)
    statuses: list[int | None] = [None] * len(urls)
    for place, answer in enumerate(message.get_payload() if message.is_multipart() else []):
        numbered = re.search(r'(\d+)>?$', answer.get('Content-ID', ''))  # answers come in any order
        number = int(numbered.group(1)) if numbered else place
        found = _STATUS.search(answer.get_payload(decode=True) or b'')
        if found and number < len(urls):
            statuses[number] = int(found.group(1))
    return statuses


def _call(client: GCSClient, boundary: str, number: int, url: ObjectUrl) -> bytes:
    billed = f'?userProject={quote(client.config.project)}' if client.config.project else ''
    return (
        f'--{boundary}\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n'
        f'Content-ID: <{boundary}+{number}>\r\n\r\n'
        f'DELETE /storage/v1/b/{url.bucket}/o/{quote(url.key, safe="")}{billed} HTTP/1.1\r\n\r\n\r\n'
    ).encode()
