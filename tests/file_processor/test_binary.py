"""Images and the like are bytes as they are."""

from __future__ import annotations

import io

import pytest

from gokart.errors import UnsupportedObjectError
from gokart.file_processor import BinaryFileProcessor


@pytest.mark.parametrize('obj', [b'', bytes(range(256)), bytearray(b'\r\n'), memoryview(b'ab')])
def test_bytes_are_stored_as_they_are(obj):
    file = io.BytesIO()
    BinaryFileProcessor().dump(obj, file)
    file.seek(0)
    assert BinaryFileProcessor().load(file) == bytes(obj)


@pytest.mark.parametrize('obj', ['text', [1], None, 3])
def test_anything_else_is_refused(obj):
    with pytest.raises(UnsupportedObjectError, match=type(obj).__name__):
        BinaryFileProcessor().dump(obj, io.BytesIO())
