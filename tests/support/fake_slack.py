"""A server that answers like Slack's Web API, on a port of loopback, and the fixture that leads clients to it."""

from __future__ import annotations

import functools
import http.server
import json
import threading
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import slack_sdk

TOKEN = 'xoxb-1234567890-Secret'

Answer = dict[str, Any]

_SCOPES = {'chat:write', 'files:write', 'channels:read', 'groups:read'}
_SCOPE_OF_METHOD = {
    'chat.postMessage': 'chat:write',
    'conversations.list': 'channels:read',
    'files.getUploadURLExternal': 'files:write',
    'files.completeUploadExternal': 'files:write',
}


@dataclass(frozen=True)
class Channel:
    """A channel; whoever is no member cannot post there, and does not see it if it is private."""

    id: str
    name: str
    is_member: bool = True
    is_private: bool = False


@dataclass(frozen=True)
class File:
    """A file that was uploaded and shared."""

    title: str
    data: bytes
    channel: str
    comment: str | None
    thread: str | None
    snippet_type: str | None


@dataclass
class Fault:
    """What the next calls of `method` get instead of an answer, after `seconds`.

    Without a status the connection ends.
    """

    method: str
    times: int
    status: int | None
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0


class FakeSlack:
    """The server.

    Attributes:
        channels: the channels that there are.
        page_size: how many of them a page holds at most.
        scopes: what the token may do.
        calls: the methods that were called, in order, ``upload`` among them.
        posts: the messages.
        files: the files.
    """

    def __init__(self) -> None:
        self.channels = [
            Channel('C001', 'general'),
            Channel('C002', 'strangers', is_member=False),
            Channel('C003', 'reports'),
            Channel('G004', 'secret', is_private=True),
            Channel('G005', 'hidden', is_private=True, is_member=False),
        ]
        self.page_size = 2
        self.scopes = set(_SCOPES)
        self.calls: list[str] = []
        self.posts: list[Answer] = []
        self.files: list[File] = []
        self._faults: list[Fault] = []
        self._uploads: dict[str, Answer] = {}
        self._server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), functools.partial(_Handler, self))
        self._server.daemon_threads = True
        self.root = f'http://127.0.0.1:{self._server.server_address[1]}'
        self.base_url = f'{self.root}/api/'
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    def start(self) -> None:
        """Answer from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Answer no more: the port is closed."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()

    def fail(self, method: str, status: int | None = 200, times: int = 1, **options: Any) -> None:
        """Let the next calls of `method` fail."""
        self._faults.append(Fault(method, times, status, **options))

    def take_fault(self, method: str) -> Fault | None:
        """Return the fault of a call of `method`, if there is one left."""
        fault = next((fault for fault in self._faults if fault.method == method and fault.times > 0), None)
        if fault is not None:
            fault.times -= 1
        return fault

    def answer(self, method: str, token: str, arguments: Answer) -> Answer:
        """Answer a call of a method."""
        if token != TOKEN:
            return _refusal('invalid_auth' if token else 'not_authed')
        needed = [_SCOPE_OF_METHOD.get(method)]
        if method == 'conversations.list' and 'private' in arguments.get('types', ''):
            needed.append('groups:read')
        missing = [scope for scope in needed if scope is not None and scope not in self.scopes]
        if missing:
            return _refusal('missing_scope', needed=missing[0], provided=','.join(sorted(self.scopes)))
        answers = {
            'chat.postMessage': self._post,
            'conversations.list': self._list,
            'files.getUploadURLExternal': self._give_upload_url,
            'files.completeUploadExternal': self._complete_upload,
        }
        return answers[method](arguments) if method in answers else _refusal('unknown_method')

    def upload(self, file_id: str, data: bytes) -> bool:
        """Take the content of a file; it must be as long as was announced."""
        if len(data) != int(self._uploads[file_id]['length']):
            return False
        self._uploads[file_id]['data'] = data
        return True

    def _post(self, arguments: Answer) -> Answer:
        channel = self._channel(arguments['channel'])
        if channel is None:
            return _refusal('channel_not_found')
        if not channel.is_member:
            return _refusal('not_in_channel')
        if not arguments.get('text'):
            return _refusal('no_text')
        self.posts.append({**arguments, 'channel': channel.id})
        return {'ok': True, 'channel': channel.id, 'ts': f'1700000000.{len(self.posts):06}'}

    def _list(self, arguments: Answer) -> Answer:
        kinds = arguments.get('types', 'public_channel')
        seen = [c for c in self.channels if (c.is_private and c.is_member and 'private' in kinds) or not c.is_private]
        start = int(arguments.get('cursor') or 0)
        end = start + min(int(arguments.get('limit') or 100), self.page_size)
        return {
            'ok': True,
            'channels': [{'id': channel.id, 'name': channel.name} for channel in seen[start:end]],
            'response_metadata': {'next_cursor': str(end) if end < len(seen) else ''},
        }

    def _give_upload_url(self, arguments: Answer) -> Answer:
        if not arguments.get('filename') or int(arguments.get('length') or 0) <= 0:
            return _refusal('invalid_arguments')
        file_id = f'F{len(self._uploads):03}'
        self._uploads[file_id] = dict(arguments)
        return {'ok': True, 'upload_url': f'{self.root}/upload/{file_id}', 'file_id': file_id}

    def _complete_upload(self, arguments: Answer) -> Answer:
        if self._channel(arguments.get('channel_id', ''), by_name=False) is None:
            return _refusal('channel_not_found')
        files = json.loads(arguments['files'])
        for item in files:
            upload = self._uploads[item['id']]
            self.files.append(
                File(
                    item['title'],
                    upload['data'],
                    arguments['channel_id'],
                    arguments.get('initial_comment'),
                    arguments.get('thread_ts'),
                    upload.get('snippet_type'),
                )
            )
        return {'ok': True, 'files': files}

    def _channel(self, wanted: str, by_name: bool = True) -> Channel | None:
        names = (wanted.removeprefix('#'),) if by_name else ()
        return next((channel for channel in self.channels if channel.id == wanted or channel.name in names), None)


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def __init__(self, slack: FakeSlack, *args: Any) -> None:
        self._slack = slack
        super().__init__(*args)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get('Content-Length') or 0))
        method = 'upload' if self.path.startswith('/upload/') else self.path.removeprefix('/api/')
        self._slack.calls.append(method)
        fault = self._slack.take_fault(method)
        if fault is not None:
            threading.Event().wait(fault.seconds)
            self._fail(fault)
        elif method == 'upload':
            taken = self._slack.upload(self.path.rpartition('/')[2], body)
            self._send(b'OK' if taken else b'length mismatch', 200 if taken else 400)
        else:
            token = self.headers.get('Authorization', '').removeprefix('Bearer ')
            self._send(self._slack.answer(method, token, self._arguments(body)))

    def log_message(self, *args: Any) -> None:
        pass

    def _arguments(self, body: bytes) -> Answer:
        if 'json' in self.headers.get('Content-Type', ''):
            return dict(json.loads(body or b'{}'))
        return dict(urllib.parse.parse_qsl(body.decode()))

    def _fail(self, fault: Fault) -> None:
        if fault.status is None:
            self.close_connection = True
            self.connection.close()
        else:
            self._send(_refusal('ratelimited') if fault.body is None else fault.body, fault.status, fault.headers)

    def _send(self, answer: Answer | bytes, status: int = 200, headers: dict[str, str] | None = None) -> None:
        data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header('Content-Type', 'text/plain' if isinstance(answer, bytes) else 'application/json')
        self.send_header('Content-Length', str(len(data)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)


def _refusal(error: str, **more: str) -> Answer:
    return {'ok': False, 'error': error, **more}


@pytest.fixture
def fake_slack(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeSlack]:
    """A running server, to which each new client of slack_sdk talks."""
    for name in ('HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'):
        monkeypatch.delenv(name, raising=False)
    slack = FakeSlack()
    slack.start()
    monkeypatch.setattr(slack_sdk, 'WebClient', functools.partial(slack_sdk.WebClient, base_url=slack.base_url))
    yield slack
    slack.stop()
