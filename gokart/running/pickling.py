"""Objects as bytes, by a pickler that treats some of them in a way of its own."""

from __future__ import annotations

import io
import pickle
from typing import Any


def dumps_with(pickler: Any, obj: Any) -> bytes:
    """Pickle `obj` by `pickler`, a class like `pickle.Pickler`."""
    buffer = io.BytesIO()
    pickler(buffer, pickle.HIGHEST_PROTOCOL).dump(obj)
    return buffer.getvalue()
