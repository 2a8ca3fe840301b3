"""A server that answers as Google Cloud Storage does: an emulator, and the rules of the JSON API that it leaves out.

The emulator (gcp-storage-emulator, in memory) keeps buckets and objects. Added are preconditions on generations,
ranges and their headers, resumable uploads, listings in pages, batches, gzip transcoding, limits, the texts of errors,
and connections that stay open. What is not there: old generations and authentication.

Usage: ``python -m support.gcs_strict [PORT]`` in the directory of the tests: it listens on the loopback interface,
prints its URL when it is ready, and ends when its standard input does.

See https://cloud.google.com/storage/docs/json_api/v1 and https://cloud.google.com/storage/docs/performing-resumable-uploads.
"""

from __future__ import annotations

import http.server
import io
import sys
import threading
import urllib.parse
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Any

from gcp_storage_emulator import server as emulator
from gcp_storage_emulator.exceptions import NotFound
from gcp_storage_emulator.handlers import objects
from gcp_storage_emulator.storage import Storage
from support.gcs_batches import batch
from support.gcs_reading import download, get, list_objects
from support.gcs_rules import Refusal, conditions, query, require, versions
from support.gcs_writing import cancel, delete, insert, upload_part

Handler = Callable[..., None]

_NO_BUCKET = 'The specified bucket does not exist.'
_OWN: dict[str, Handler] = {
    'get': get,
    'download': download,
    'ls': list_objects,
    'insert': insert,
    'upload_partial': upload_part,
    'delete': delete,
    'batch': batch,
}

_changing = threading.RLock()


def strict(handler: Handler) -> Handler:
    """Return `handler` of the emulator with the checks that come before it, and errors as the API words them."""
    own = _OWN.get(handler.__name__, handler)

    def answer(request: Any, response: Any, storage: Storage) -> None:
        try:
            _check(handler.__name__, request, storage)
            own(request, response, storage)
        except Refusal as refusal:
            _refuse(request, response, refusal)
        except NotFound:
            _refuse(request, response, Refusal(404, 'notFound', 'Not Found'))

    return answer


def _check(verb: str, request: Any, storage: Storage) -> None:
    bucket, name = request.params.get('bucket_name'), request.params.get('object_id')
    if bucket is not None and storage.get_bucket(bucket) is None:
        raise Refusal(404, 'notFound', _NO_BUCKET)
    if name is None:
        return
    if verb in ('copy', 'rewrite'):
        require(conditions(request, 'ifSource'), storage, bucket, name)
        bucket, name = request.params['dest_bucket_name'], request.params['dest_object_id']
    generation, _ = versions(storage, bucket, name)
    missing = Refusal(404, 'notFound', f'No such object: {bucket}/{name}')
    if verb in ('get', 'download', 'delete', 'patch') and generation == '0':
        raise missing
    require(conditions(request, 'if'), storage, bucket, name, verb in ('get', 'download'))
    if verb in ('get', 'download', 'delete', 'patch') and query(request, 'generation') not in (None, generation):
        raise missing


def _refuse(request: Any, response: Any, refusal: Refusal) -> None:
    response.status = HTTPStatus(refusal.status)
    for name, value in refusal.headers.items():
        response[name] = value
    if query(request, 'alt') == 'media':
        response.write_file(b'' if refusal.status == 304 else str(refusal).encode(), 'text/html; charset=UTF-8')
        return
    error = {'domain': 'global', 'reason': refusal.reason, 'message': str(refusal)}
    response.json({'error': {'code': refusal.status, 'message': str(refusal), 'errors': [error]}})


class Connection(emulator.RequestHandler):
    """A connection that stays open: the body is taken in before a request is looked at, and the lock is never held by
    a slow client.
    """

    protocol_version = 'HTTP/1.1'
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._answer('GET')

    def do_POST(self) -> None:
        self._answer('POST')

    def do_PUT(self) -> None:
        self._answer('PUT')

    def do_DELETE(self) -> None:
        self._answer('DELETE')

    def do_PATCH(self) -> None:
        self._answer('PATCH')

    def _answer(self, method: str) -> None:
        incoming, outgoing = self.rfile, self.wfile
        body = emulator._read_raw_data(self) or b''
        del self.headers['Transfer-Encoding'], self.headers['Content-Length']
        self.headers['Content-Length'] = str(len(body))
        self.rfile, self.wfile = io.BytesIO(body), io.BytesIO()
        try:
            with _changing:
                emulator.Router(self).handle(method)
            answer = self.wfile.getvalue()
        finally:
            self.rfile, self.wfile = incoming, outgoing
        outgoing.write(answer)


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 256


def serve(port: int) -> Server:
    """Return the server, bound to `port` of the loopback interface (0: a free one)."""
    Storage._write_config_to_file = lambda self: None
    Storage._object_path = lambda self, bucket, name: f'{bucket}/{urllib.parse.quote(name, safe="")}'
    routes = [
        (pattern, {method: strict(handler) if handler.__module__ == objects.__name__ else handler
                   for method, handler in handlers.items()})
        for pattern, handlers in emulator.HANDLERS
    ]  # fmt: skip
    for pattern, handlers in routes:
        if pattern.startswith('^/upload/'):
            handlers['DELETE'] = strict(cancel)
    emulator.HANDLERS = tuple(routes)
    return Server(('127.0.0.1', port), partial(Connection, Storage(use_memory_fs=True)))


if __name__ == '__main__':
    server = serve(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
    print(f'http://127.0.0.1:{server.server_address[1]}', flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()  # the end of the parent
