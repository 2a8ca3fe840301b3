"""Small objects whose whole content is made in memory, as that is the quickest way to a file."""

from __future__ import annotations

import contextlib
from typing import Any

from gokart.file_processor.contract import FileProcessor
from gokart.file_processor.pickle import SMALL_CHARACTERS, PickleFileProcessor, small_pickle
from gokart.file_processor.text import TextFileProcessor


def small_content(processor: FileProcessor, obj: Any) -> bytes | None:
    """Return the bytes that `processor` would write of `obj`; None if it has to write them itself."""
    # Subclasses are of the user's, and may write something else.
    if type(processor) is PickleFileProcessor:
        return small_pickle(obj)
    if type(processor) is TextFileProcessor and type(obj) is str and len(obj) <= SMALL_CHARACTERS:
        with contextlib.suppress(UnicodeEncodeError):  # the processor has the words for it
            return obj.encode('utf-8')
    return None
