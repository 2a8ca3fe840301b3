"""The strict server of Google Cloud Storage: uploads in one request, and in sessions of several."""

from __future__ import annotations

import email.parser
import json
import re
import secrets
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from gcp_storage_emulator.exceptions import Conflict
from gcp_storage_emulator.handlers import objects
from gcp_storage_emulator.storage import Storage
from support.gcs_rules import Refusal, Resource, Status, conditions, query, require

_PART_UNIT_BYTES = 256 * 1024
_LONGEST_NAME_BYTES = 1024
_MOST_METADATA_BYTES = 8192


@dataclass
class Upload:
    """One session of a resumable upload."""

    resource: Resource
    conditions: dict[str, str]
    received: bytearray = field(default_factory=bytearray)
    finished: Resource | None = None


_uploads: dict[str, Upload] = {}


def insert(request: Any, response: Any, storage: Storage) -> None:
    kind = query(request, 'uploadType')
    body: bytes = request._request_handler.rfile.read()
    described: Resource = {}
    content_type = request.get_header('Content-Type') or 'application/octet-stream'
    if kind == 'multipart':
        described, content_type, body = _parse_related(content_type, body)
    elif kind == 'resumable':
        described = json.loads(body or b'{}')
        content_type = request.get_header('X-Upload-Content-Type') or 'application/octet-stream'
    resource = _new_resource(request, described, content_type)
    wanted = conditions(request, 'if')
    require(wanted, storage, resource['bucket'], resource['name'])
    if kind == 'resumable':
        token = secrets.token_urlsafe(24)
        _uploads[token] = Upload(resource, wanted)
        response['Location'] = f'{request.full_url}&upload_id={token}'
        response['X-GUploader-UploadID'] = token
    else:
        response.json(_store(request, storage, resource, body))


def _new_resource(request: Any, described: Resource, content_type: str) -> Resource:
    name = query(request, 'name') or described.get('name')
    if not name:
        raise Refusal(400, 'required', 'Required object name')
    if len(name.encode()) > _LONGEST_NAME_BYTES:
        raise Refusal(
            400,
            'invalid',
            f'The maximum object length is 1024 characters, but got a name with {len(name.encode())} characters: '
            f"'{name}'",
        )
    metadata = described.get('metadata') or {}
    if sum(len(key.encode()) + len(value.encode()) for key, value in metadata.items()) > _MOST_METADATA_BYTES:
        raise Refusal(400, 'invalid', 'Your metadata exceeds the maximum allowed metadata size.')
    bucket = request.params['bucket_name']
    return objects._make_object_resource(
        request.base_url, bucket, name, described.get('contentType') or content_type, '0', described
    )


def _parse_related(content_type: str, body: bytes) -> tuple[Resource, str, bytes]:
    """Split a multipart/related body into what describes the object, its content type, and its bytes."""
    found = re.search(r'boundary="?([^";]+)', content_type)
    if found is None:
        raise Refusal(400, 'badContent', 'Missing boundary in Content-Type header.')
    boundary = b'--' + found.group(1).encode()
    try:
        _, described, media = (b'\r\n' + body).split(b'\r\n' + boundary, 2)
        media = media[: media.rindex(b'\r\n' + boundary + b'--')]
        head, content = media.removeprefix(b'\r\n').split(b'\r\n\r\n', 1)
    except ValueError:
        raise Refusal(400, 'badContent', 'Malformed multipart body.') from None
    head_fields = email.parser.BytesParser().parsebytes(head)
    return json.loads(described.split(b'\r\n\r\n', 1)[1]), head_fields.get_content_type(), content


def _store(request: Any, storage: Storage, resource: Resource, content: bytes) -> Resource:
    # The generation tells when the object came to be, not when its upload began.
    fresh = objects._make_object_resource(request.base_url, resource['bucket'], resource['name'], None, '0')
    for name in ('generation', 'id', 'mediaLink', 'timeCreated', 'updated', 'timeStorageClassUpdated'):
        resource[name] = fresh[name]
    resource['metageneration'] = '1'
    resource['size'] = str(len(content))
    try:
        objects._checksums(content, resource)
    except Conflict as error:
        raise Refusal(400, 'invalid', str(error)) from error
    storage.create_file(resource['bucket'], resource['name'], content, resource)
    return resource


def upload_part(request: Any, response: Any, storage: Storage) -> None:
    upload = _uploads.get(query(request, 'upload_id') or '')
    if upload is None:
        raise Refusal(404, 'notFound', 'No such upload session.')
    if upload.finished is None:
        _take_part(request, storage, upload)
    if upload.finished is not None:
        response.json(upload.finished)
        return
    response.status = Status(308)
    if upload.received:
        response['Range'] = f'bytes=0-{len(upload.received) - 1}'


def _take_part(request: Any, storage: Storage, upload: Upload) -> None:
    body: bytes = request._request_handler.rfile.read()
    found = re.fullmatch(r'bytes (?:(\d+)-(\d+)|\*)/(\d+|\*)', request.get_header('Content-Range') or '')
    if found is None:
        first, total = 0, str(len(body))
    else:
        first, total = int(found.group(1) or len(upload.received)), found.group(3)
        if found.group(2) and int(found.group(2)) - first + 1 != len(body):
            raise Refusal(400, 'badRequest', 'Content-Range and the length of the body differ.')
    if first > len(upload.received):
        raise Refusal(400, 'badRequest', 'Invalid request.  There were bytes missing before this part.')
    is_last = total != '*' and first + len(body) == int(total)
    if not is_last and len(body) % _PART_UNIT_BYTES:
        raise Refusal(400, 'badRequest', 'Parts other than the last must be multiples of 256 KiB.')
    upload.received += body[len(upload.received) - first :]  # what it has already is ignored
    if is_last and len(upload.received) == int(total):
        require(upload.conditions, storage, upload.resource['bucket'], upload.resource['name'])
        upload.finished = _store(request, storage, upload.resource, bytes(upload.received))
        upload.received.clear()


def cancel(request: Any, response: Any, storage: Storage) -> None:
    if _uploads.pop(query(request, 'upload_id') or '', None) is None:
        raise Refusal(404, 'notFound', 'No such upload session.')
    response.status = Status(499)
    response.status.phrase = 'Client Closed Request'


def delete(request: Any, response: Any, storage: Storage) -> None:
    storage.delete_file(request.params['bucket_name'], request.params['object_id'])
    response.status = HTTPStatus.NO_CONTENT
