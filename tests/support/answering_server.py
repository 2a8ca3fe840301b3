"""A server that gives one answer to whatever it is asked."""

from __future__ import annotations

import contextlib
import http.server
import json
import threading
from collections.abc import Iterator


class Answer:
    """What a server answers to whatever it is asked.

    Attributes:
        requests: method and target of each request so far.
    """

    def __init__(self) -> None:
        self.status, self.body, self.headers = 200, b'', {'Content-Type': 'application/json; charset=UTF-8'}
        self.requests: list[str] = []

    def refuse(self, status: int, reason: str, message: str) -> None:
        """Answer with an error as Google words it."""
        error = {'message': message, 'domain': 'global', 'reason': reason}
        self.status = status
        self.body = json.dumps({'error': {'code': status, 'message': message, 'errors': [error]}}).encode()

    def show_page(self, status: int) -> None:
        """Answer with a page, as servers do that are no storage."""
        self.status, self.body, self.headers = (
            status,
            b'<!DOCTYPE html><title>Hello</title>',
            {'Content-Type': 'text/html'},
        )


@contextlib.contextmanager
def serving(answer: Answer) -> Iterator[str]:
    """Serve `answer`; yields the URL."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = 'HTTP/1.1'

        def _handle(self) -> None:
            self.rfile.read(int(self.headers.get('Content-Length') or 0))
            answer.requests.append(f'{self.command} {self.path}')
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header('Content-Length', str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        do_GET = do_POST = do_PUT = do_DELETE = _handle

        def log_message(self, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={'poll_interval': 0.02})
    thread.start()
    try:
        yield f'http://127.0.0.1:{server.server_address[1]}'
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
