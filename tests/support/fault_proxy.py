"""A reverse proxy that does to requests what networks and servers do: errors, waits, resets, halves of answers."""

from __future__ import annotations

import contextlib
import http.client
import http.server
import random
import re
import select
import socket
import socketserver
import struct
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

import pytest

Action = Literal['status', 'delay', 'hold', 'reset_before', 'reset_after', 'truncate', 'throttle']
_TURN_OFF_LINGER = struct.pack('hh' if sys.platform == 'win32' else 'ii', 1, 0)  # a close becomes a reset
_PIECE_BYTES = 1 << 16
_CONNECTION_HEADERS = {'connection', 'keep-alive', 'transfer-encoding', 'content-length', 'expect'}


class Entry(NamedTuple):
    """What became of one request: the status of the answer, or the action that cut it."""

    method: str
    path: str
    outcome: int | str


@dataclass
class Rule:
    """An action and the requests that it befalls.

    Attributes:
        action: ``status`` answers itself, with `status`, `headers` and `body`; ``delay`` waits `seconds` first;
            ``hold`` waits for `event`; ``reset_before`` ends the connection and the server hears nothing,
            ``reset_after`` once the server has done what was asked; ``truncate`` ends it after `size_bytes` of the
            answer's body; ``throttle`` sends the body at `bytes_per_second`.
        method: of the requests; all if None.
        path: a regular expression that is searched for in the path and query of the requests.
        repetition: only when the very same request is made for this time, counted from 0; always if None.
        skip: how many such requests are spared at first.
        times: how many are befallen in all; any number if None.
        share: part of the requests, 0 to 1: which ones depends on the proxy's seed and on how often the same request
            was made, and on no thread's pace.
        taken: set once the rule has befallen a request.
    """

    action: Action
    method: str | None = None
    path: str = ''
    repetition: int | None = None
    skip: int = 0
    times: int | None = None
    share: float = 1.0
    status: int = 503
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b''
    seconds: float = 0.0
    event: threading.Event = field(default_factory=threading.Event)
    size_bytes: int = 0
    bytes_per_second: float = 1 << 20
    taken: threading.Event = field(default_factory=threading.Event)

    def takes(self, method: str, path: str, repetition: int, chance: Callable[[], float]) -> bool:
        """Whether the rule befalls this request; counts it."""
        if self.method not in (None, method) or not re.search(self.path, path) or self.times == 0:
            return False
        if self.repetition not in (None, repetition):
            return False
        if self.share < 1 and chance() >= self.share:
            return False
        if self.skip:
            self.skip -= 1
            return False
        if self.times is not None:
            self.times -= 1
        self.taken.set()
        return True


class FaultProxy:
    """Hands requests on to `upstream`, a URL, as its rules allow; signatures stay valid, since the host is kept.

    Attributes:
        url: where it listens, on loopback.
        log: each request that was answered or cut, in that order.
    """

    def __init__(self, upstream: str, seed: int = 0) -> None:
        self.upstream = urlsplit(upstream)
        self.log: list[Entry] = []
        self._seed = seed
        self._rules: list[Rule] = []
        self._requests: Counter[tuple[str, str]] = Counter()
        self._deciding = threading.Lock()
        self._server = _Server(self)
        self.url = f'http://127.0.0.1:{self._server.server_address[1]}'

    def add(self, action: Action, **options: object) -> Rule:
        """Add a rule; `options` are the other attributes of `Rule`. The rules that take a request all act on it."""
        rule = Rule(action, **options)  # type: ignore[arg-type]
        with self._deciding:
            self._rules.append(rule)
        return rule

    def clear(self) -> None:
        """Forget all rules and the log."""
        with self._deciding:
            self._rules.clear()
            self._requests.clear()
            self.log.clear()

    def start(self) -> FaultProxy:
        """Serve in threads until `stop`."""
        threading.Thread(target=self._server.serve_forever, kwargs={'poll_interval': 0.05}, daemon=True).start()
        return self

    def stop(self) -> None:
        """Listen no more, and end the open connections."""
        self._server.shutdown()
        self._server.server_close()
        self._server.end_connections()

    def rules_for(self, method: str, path: str) -> dict[Action, Rule]:
        """Return the rules that take this request."""
        with self._deciding:
            repetition = self._requests[method, path]
            self._requests[method, path] += 1
            found = {}
            for index, rule in enumerate(self._rules):
                chance = random.Random(f'{self._seed} {index} {repetition} {method} {path}').random
                if rule.takes(method, path, repetition, chance):
                    found[rule.action] = rule
            return found


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, proxy: FaultProxy) -> None:
        self.proxy = proxy
        self._connections: set[socket.socket] = set()
        self._to_reset: set[socket.socket] = set()
        super().__init__(('127.0.0.1', 0), _Handler)

    def process_request(self, request, client_address) -> None:
        self._connections.add(request)
        super().process_request(request, client_address)

    def reset(self, connection: socket.socket) -> None:
        """Let `connection` end with a reset once its handler is done."""
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _TURN_OFF_LINGER)
        self._to_reset.add(connection)

    def shutdown_request(self, request) -> None:
        self._connections.discard(request)
        if request in self._to_reset:
            self._to_reset.discard(request)
            request.close()  # a shutdown would end it in good order first
        else:
            super().shutdown_request(request)

    def handle_error(self, request, client_address) -> None:
        if not isinstance(sys.exc_info()[1], OSError):  # a client that goes away is no error
            super().handle_error(request, client_address)

    def end_connections(self) -> None:
        for connection in list(self._connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Server

    def setup(self) -> None:
        super().setup()
        upstream = self.server.proxy.upstream
        self._upstream = http.client.HTTPConnection(upstream.hostname or '', upstream.port, timeout=60)

    def finish(self) -> None:
        self._upstream.close()
        super().finish()

    def log_message(self, *args: object) -> None:
        pass

    def handle_expect_100(self) -> bool:
        self.send_response_only(100)
        self.end_headers()
        self.wfile.flush()
        return True

    def _handle(self) -> None:
        body = self._body()
        rules = self.server.proxy.rules_for(self.command, self.path)
        if 'hold' in rules:
            rules['hold'].event.wait(30)
        if 'delay' in rules:
            time.sleep(rules['delay'].seconds)
        if 'reset_before' in rules:
            self._reset('reset_before')
        elif 'status' in rules:
            rule = rules['status']
            length = {} if rule.status in (204, 304) else {'Content-Length': str(len(rule.body))}
            self._answer(rule.status, '', {**rule.headers, **length}, rule.body)
        else:
            self._ask(body, rules)

    do_GET = do_HEAD = do_PUT = do_POST = do_PATCH = do_DELETE = do_OPTIONS = _handle

    def _body(self) -> bytes:
        if 'chunked' not in self.headers.get('Transfer-Encoding', ''):
            return self.rfile.read(int(self.headers.get('Content-Length') or 0))
        pieces = []
        while size := int(self.rfile.readline().partition(b';')[0], 16):
            pieces.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():  # trailers
            pass
        return b''.join(pieces)

    def _ask(self, body: bytes, rules: dict[Action, Rule]) -> None:
        response = self._request(body)
        data = response.read()
        if 'reset_after' in rules:
            return self._reset('reset_after')
        headers = [(name, value) for name, value in response.getheaders() if name.lower() not in _CONNECTION_HEADERS]
        length = response.getheader('Content-Length') if self.command == 'HEAD' else str(len(data))
        if length is not None and response.status not in (204, 304):
            headers.append(('Content-Length', length))
        if 'truncate' in rules and rules['truncate'].size_bytes < len(data):
            self._send(response.status, response.reason, headers, data[: rules['truncate'].size_bytes])
            return self._reset('truncate')
        speed = rules['throttle'].bytes_per_second if 'throttle' in rules else None
        return self._answer(response.status, response.reason, dict(headers), data, speed)

    def _request(self, body: bytes) -> http.client.HTTPResponse:
        open_socket = self._upstream.sock
        if open_socket is not None and select.select([open_socket], [], [], 0)[0]:  # the server has closed it
            self._upstream.close()
        self._upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() not in _CONNECTION_HEADERS:
                self._upstream.putheader(name, value)
        if body or self.command in ('PUT', 'POST', 'PATCH'):
            self._upstream.putheader('Content-Length', str(len(body)))
        self._upstream.endheaders(body or None)
        return self._upstream.getresponse()

    def _answer(
        self, status: int, reason: str, headers: Mapping[str, str], body: bytes, speed: float | None = None
    ) -> None:
        self.server.proxy.log.append(Entry(self.command, self.path, status))
        self._send(status, reason, list(headers.items()), body, speed)

    def _send(
        self, status: int, reason: str, headers: list[tuple[str, str]], body: bytes, speed: float | None = None
    ) -> None:
        self.send_response_only(status, reason or None)
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        for start in range(0, len(body) if self.command != 'HEAD' else 0, _PIECE_BYTES):
            piece = body[start : start + _PIECE_BYTES]
            self.wfile.write(piece)
            if speed is not None:
                self.wfile.flush()
                time.sleep(len(piece) / speed)
        self.wfile.flush()

    def _reset(self, action: Action) -> None:
        self.server.proxy.log.append(Entry(self.command, self.path, action))
        self.close_connection = True
        self.server.reset(self.connection)


@pytest.fixture
def fault_proxy() -> Iterator[Callable[..., FaultProxy]]:
    """Start a `FaultProxy`: called with the URL of a server and perhaps a seed; all stop when the test ends."""
    proxies: list[FaultProxy] = []

    def start(upstream: str, seed: int = 0) -> FaultProxy:
        proxies.append(FaultProxy(upstream, seed).start())
        return proxies[-1]

    yield start
    for proxy in proxies:
        proxy.stop()
