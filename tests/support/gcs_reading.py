"""The strict server of Google Cloud Storage: bytes of objects, in ranges and transcoded, and listings in pages."""

from __future__ import annotations

import gzip
import re
import urllib.parse
from http import HTTPStatus
from typing import Any

from gcp_storage_emulator.handlers import objects
from gcp_storage_emulator.storage import Storage
from support.gcs_rules import Refusal, Resource, query


def get(request: Any, response: Any, storage: Storage) -> None:
    (download if query(request, 'alt') == 'media' else objects.get)(request, response, storage)


def download(request: Any, response: Any, storage: Storage) -> None:
    bucket, name = request.params['bucket_name'], request.params['object_id']
    resource, content = storage.get_file_obj(bucket, name), storage.get_file(bucket, name)
    encoding = resource.get('contentEncoding')
    _describe(response, resource, len(content))
    if encoding == 'gzip' and 'gzip' not in (request.get_header('Accept-Encoding') or ''):
        response.write_file(gzip.decompress(content), resource.get('contentType'))  # ranges are ignored then
        return
    if encoding:
        response['Content-Encoding'] = encoding
    wanted = _range(request.get_header('Range'), len(content))
    if wanted is not None:
        start, stop = wanted
        response.status = HTTPStatus.PARTIAL_CONTENT
        response['Content-Range'] = f'bytes {start}-{stop - 1}/{len(content)}'
        content = content[start:stop]
    response.write_file(content, resource.get('contentType'))


def _describe(response: Any, resource: Resource, size: int) -> None:
    response['x-goog-generation'] = str(resource['generation'])
    response['x-goog-metageneration'] = str(resource['metageneration'])
    response['x-goog-stored-content-length'] = str(size)
    response['x-goog-stored-content-encoding'] = resource.get('contentEncoding') or 'identity'
    response['x-goog-hash'] = f'crc32c={resource["crc32c"]},md5={resource["md5Hash"]}'
    for name, value in (resource.get('metadata') or {}).items():
        response[f'x-goog-meta-{urllib.parse.quote(name)}'] = urllib.parse.quote(value)


def _range(header: str | None, size: int) -> tuple[int, int] | None:
    found = re.fullmatch(r'\s*bytes=(\d*)-(\d*)', header or '')
    if not found or found.group() == 'bytes=-':
        return None
    first, last = found.groups()
    if not first:
        start, stop = max(0, size - int(last)), size
    else:
        start, stop = int(first), min(size, int(last) + 1) if last else size
    if start >= size:
        raise Refusal(
            416,
            'requestedRangeNotSatisfiable',
            'Request range not satisfiable',
            {'Content-Range': f'bytes */{size}'},
        )
    return start, stop


def list_objects(request: Any, response: Any, storage: Storage) -> None:
    """Answer one page, in which objects and prefixes count alike."""
    found, prefixes = storage.get_file_list(
        request.params['bucket_name'], query(request, 'prefix'), query(request, 'delimiter')
    )
    entries: dict[str, Resource | None] = {**{item['name']: item for item in found}, **dict.fromkeys(prefixes)}
    start, end, after = (query(request, name) for name in ('startOffset', 'endOffset', 'pageToken'))
    most = min(int(query(request, 'maxResults') or 1000), 1000)
    names = [
        name
        for name in sorted(entries, key=str.encode)
        if name >= (start or '') and (not end or name < end) and name > (after or '')
    ]
    page = names[:most]
    answer: Resource = {'kind': 'storage#objects'}
    items = [entries[name] for name in page if entries[name] is not None]
    folders = [name for name in page if entries[name] is None]
    answer.update({key: value for key, value in (('items', items), ('prefixes', folders)) if value})
    if len(names) > most:
        answer['nextPageToken'] = page[-1]
    response.json(answer)
