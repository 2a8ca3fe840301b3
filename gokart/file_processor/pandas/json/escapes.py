"""Names of JSON objects, which are always text, from labels and back: a text that reads as a number is escaped."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from gokart.file_processor.pandas.json.encoders import quote

_MARK = '\udfff'
"""Stands before a text label that reads as a number, while it is parsed, and before one that begins with it itself."""

_ESCAPED_NAME = re.compile(rb'"(?=\\u00(?:3[0-9]|2d)[0-9.e+-]*"\s*:)')
"""The opening quote of a name whose first character, a digit or minus, is escaped without need."""

_MARKED_QUOTE = rb'"\\udfff'


def encode_names(labels: Sequence[Any]) -> list[str]:
    """Turn labels into quoted names of a JSON object.

    Labels that read as numbers but are texts get their first character escaped: every reader of JSON decodes that to
    the same text, and ours knows by it that they are texts.
    """
    names = [quote(_text(label)) for label in labels]
    if all(type(label) is str for label in labels) and _as_numbers(labels) is not None:
        return [f'"\\u{ord(name[1]):04x}{name[2:]}' for name in names]
    return names


def survive(labels: Sequence[Any]) -> bool:
    """Whether labels that were written by `encode_names` are read as what they were."""
    return all(type(label) is str for label in labels) or _as_numbers([_text(label) for label in labels]) == list(
        labels
    )


def may_have_escaped(content: bytes) -> bool:
    """Whether `encode_names` may have escaped names in this JSON."""
    return b'"\\u00' in content and (b'"\\u003' in content or b'"\\u002d' in content)


def mark_texts(content: bytes) -> bytes:
    """Mark the names in JSON that `encode_names` escaped, for `decode_names`."""
    if may_have_escaped(content):
        return _ESCAPED_NAME.sub(_MARKED_QUOTE, content)
    return content


def decode_names(names: Sequence[str]) -> list[Any]:
    """Turn names of a JSON object into labels: into numbers if all of them read exactly as numbers are written."""
    numbered = range(len(names))
    if names == list(map(str, numbered)):
        return list(numbered)
    if any(name.startswith(_MARK) for name in names):
        return [name.removeprefix(_MARK) for name in names]
    numbers = _as_numbers(names)
    return list(names) if numbers is None else numbers


def _text(label: Any) -> str:
    text = float.__repr__(label) if isinstance(label, float) else str(label)
    return _MARK + text if text.startswith(_MARK) else text


def _as_numbers(names: Sequence[str]) -> list[Any] | None:
    types: tuple[Callable[[str], Any], ...] = (int, float)
    for number in types:
        try:
            numbers = [number(name) for name in names]
        except ValueError:
            continue
        if numbers and all(
            repr(value) == name and value - value == 0 for value, name in zip(numbers, names, strict=True)
        ):
            return numbers
    return None
