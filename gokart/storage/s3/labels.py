"""How labels travel as user metadata of S3: names in lower case, all of it ASCII, 2 KiB together.

A label is an entry of its own, with what HTTP or S3 would change as percent escapes. Where that takes too much space,
as in text of many escapes, one entry holds all labels, compressed.
"""

from __future__ import annotations

import base64
import json
import re
import string
import zlib
from collections.abc import Mapping
from urllib.parse import unquote_to_bytes

from gokart.errors import LabelsTooLargeError

TOKEN = 'gokart-write'
"""Name of the entry that is another one for each write."""

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html
_MAX_METADATA_BYTES = 2048
_PREFIX_BYTES = len('x-amz-meta-')  # some servers count it, AWS does not
_TOKEN_BYTES = len(TOKEN) + 32
MAX_LABEL_BYTES = _MAX_METADATA_BYTES - _TOKEN_BYTES

_PACKED = 'gokart-labels'
_PLAIN_IN_NAMES = set(f'{string.ascii_lowercase}{string.digits}-_.'.encode())
_PLAIN_IN_VALUES = set(range(0x20, 0x7F)) - {ord('%')}
_BLANKS_THAT_GET_LOST = re.compile(r'^ | $|(?<= ) ')


def metadata_of(labels: Mapping[str, str], token: str, path: str) -> dict[str, str]:
    """Return the user metadata for an object with `labels`, written by the write `token`, of 32 characters.

    Raises:
        LabelsTooLargeError: the labels take too much.
    """
    if _size_bytes(labels) <= MAX_LABEL_BYTES:
        ways = [_packed(labels)] if {'', TOKEN, _PACKED} & labels.keys() else [_plain(labels), _packed(labels)]
        for prefix_bytes in (_PREFIX_BYTES, 0):
            for metadata in ways:
                if _size_bytes(metadata) + prefix_bytes * (len(metadata) + 1) <= MAX_LABEL_BYTES:
                    return {**metadata, TOKEN: token}
    raise LabelsTooLargeError(
        f'{path!r} was to be written with labels of {_size_bytes(labels)} bytes, but S3 keeps {MAX_LABEL_BYTES} bytes '
        'of names and values together, of which some characters take several. Shorten them, or leave some out.'
    )


def labels_of(metadata: Mapping[str, str]) -> dict[str, str]:
    """Return the labels in the user metadata of an object; those that others wrote come as they are."""
    if TOKEN not in metadata:
        return dict(metadata)
    if _PACKED in metadata:
        packed = zlib.decompress(base64.b85decode(metadata[_PACKED]))
        labels: dict[str, str] = json.loads(packed.decode('utf-8', 'surrogatepass'))
        return labels
    return {_unescaped(name): _unescaped(value) for name, value in metadata.items() if name != TOKEN}


def _plain(labels: Mapping[str, str]) -> dict[str, str]:
    return {
        _escaped(name, _PLAIN_IN_NAMES): _BLANKS_THAT_GET_LOST.sub('%20', _escaped(value, _PLAIN_IN_VALUES))
        for name, value in labels.items()
    }


def _packed(labels: Mapping[str, str]) -> dict[str, str]:
    text = json.dumps(dict(labels), separators=(',', ':'), ensure_ascii=False)
    return {_PACKED: base64.b85encode(zlib.compress(_utf8(text), level=9)).decode()} if labels else {}


def _escaped(text: str, plain: set[int]) -> str:
    return ''.join(chr(byte) if byte in plain else f'%{byte:02x}' for byte in _utf8(text))


def _unescaped(text: str) -> str:
    return unquote_to_bytes(text).decode('utf-8', 'surrogatepass')


def _size_bytes(labels: Mapping[str, str]) -> int:
    return sum(len(_utf8(text)) for entry in labels.items() for text in entry)


def _utf8(text: str) -> bytes:
    return text.encode('utf-8', 'surrogatepass')
