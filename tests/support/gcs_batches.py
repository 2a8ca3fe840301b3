"""The strict server of Google Cloud Storage: many requests in one."""

from __future__ import annotations

import email.message
import email.parser
import io
import secrets
import urllib.parse
from typing import Any

from gcp_storage_emulator import server as emulator
from gcp_storage_emulator.storage import Storage
from support.gcs_rules import Refusal

_MOST_CALLS_OF_A_BATCH = 100


class _Call:
    """One request of a batch, in the place of a connection."""

    def __init__(self, call: email.message.Message, server: Any, storage: Storage) -> None:
        text = str(call.get_payload())
        line, _, rest = text.lstrip().partition('\n')
        self.method, url, *_ = line.split()
        self.path = urllib.parse.urlunsplit(('', '', *urllib.parse.urlsplit(url)[2:]))
        self.headers = email.parser.Parser().parsestr(rest.lstrip('\r'))
        self.rfile = io.BytesIO(str(self.headers.get_payload()).encode())
        self.wfile = io.BytesIO()
        self.server, self.storage = server, storage
        self.head: list[str] = []

    def send_response(self, status: int, phrase: str) -> None:
        self.head.append(f'HTTP/1.1 {status} {phrase}')

    def send_header(self, name: str, value: str) -> None:
        self.head.append(f'{name}: {value}')

    def end_headers(self) -> None:
        self.wfile.write('\r\n'.join([*self.head, '', '']).encode())


def batch(request: Any, response: Any, storage: Storage) -> None:
    handler = request._request_handler
    body = f'Content-Type: {request.get_header("Content-Type")}\r\n\r\n'.encode() + handler.rfile.read()
    calls = email.parser.BytesParser().parsebytes(body).get_payload()
    if not isinstance(calls, list) or len(calls) > _MOST_CALLS_OF_A_BATCH:
        raise Refusal(400, 'badRequest', 'The batch is malformed, or has more than 100 calls.')
    boundary = f'batch_{secrets.token_urlsafe(12)}'
    parts = []
    for part in calls:
        call = _Call(part, handler.server, storage)
        emulator.Router(call).handle(call.method)
        head = f'--{boundary}\r\nContent-Type: application/http\r\n'
        if part['Content-ID']:
            head += f'Content-ID: {part["Content-ID"].replace("<", "<response-", 1)}\r\n'
        parts.append(head.encode() + b'\r\n' + call.wfile.getvalue() + b'\r\n')
    response.write_file(b''.join(parts) + f'--{boundary}--\r\n'.encode(), f'multipart/mixed; boundary={boundary}')
