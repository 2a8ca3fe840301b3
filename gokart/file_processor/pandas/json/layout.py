"""Where the values are in a JSON object of flat objects with equal keys, found in all bytes at once."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy

_LONGEST_KEY = 64
_MOST_DIGITS = 12


@dataclass(frozen=True)
class Layout:
    """What was found.

    Attributes:
        codes: the bytes.
        starts: where the opening brace of each column is.
        ends: where its closing one is.
        opens: where the opening quotes of the keys of each column are.
        closes: where their closing ones are.
    """

    codes: numpy.ndarray[Any, Any]
    starts: numpy.ndarray[Any, Any]
    ends: numpy.ndarray[Any, Any]
    opens: numpy.ndarray[Any, Any]
    closes: numpy.ndarray[Any, Any]

    def begins_with_text(self, position: int) -> bool:
        """Whether the first value of a column is a text."""
        return bool(self.codes[self.closes[position, 0] + 2] == ord('"'))

    def objects(self) -> list[memoryview] | None:
        """Return the columns with each value in an object of its own, as in ``{"":1}{"":2}``; None if keys differ."""
        import numpy
        from numpy.lib.stride_tricks import sliding_window_view

        content = self.codes.copy()
        sizes = self.closes[0] - self.opens[0] + 1
        for size in numpy.unique(sizes).tolist():
            opens = self.opens[:, sizes == size]
            keys = sliding_window_view(self.codes, size)
            if any((keys[others] != keys[opens[0]]).any() for others in opens[1:]):
                return None
            places = sliding_window_view(content, size + 2, writeable=True)  # from the comma to the colon
            places[opens.ravel() - 1] = numpy.frombuffer(_between(size + 2), 'u1')
        content[self.starts] = ord(' ')
        bounds = zip(self.starts.tolist(), self.ends.tolist(), strict=True)
        return [memoryview(content)[start : end + 1] for start, end in bounds]


def _between(size: int) -> bytes:
    """Return what ends an object and begins the next one, on a line of its own if there is room for the newline."""
    return b'}\n{"":'.ljust(size) if size > len('}{"":') else b'}{"":'


def find_layout(content: bytes) -> tuple[Layout, list[str], list[str]] | None:
    """Find the values in `content`, and return them with the names of the columns and the keys of each.

    The keys are none for the numbers from 0 on.

    None if `content` is anything else; it has no escaped quotes, and no blanks around it. What is at the places of the
    values is for others to parse.
    """
    import numpy

    codes = numpy.frombuffer(content, 'u1')
    quotes = numpy.flatnonzero(codes == ord('"'))
    if len(quotes) % 2 or not content.endswith(b'}}'):
        return None
    opens, closes = quotes[::2], quotes[1::2]
    is_key = codes[closes + 1] == ord(':')
    is_name = is_key & (codes[closes + 2] == ord('{'))
    names, keys = numpy.flatnonzero(is_name), numpy.flatnonzero(is_key & ~is_name)
    if not len(names) or not len(keys) or len(keys) % len(names):
        return None
    ends = numpy.append(opens[names][1:] - 2, len(content) - 2)
    layout = Layout(
        codes, closes[names] + 2, ends, opens[keys].reshape(len(names), -1), closes[keys].reshape(len(names), -1)
    )
    if not _is_regular(layout, opens[names]):
        return None
    labels = _texts(content, opens[names], closes[names])
    index = [] if _are_numbered(layout) else _texts(content, layout.opens[0], layout.closes[0])
    return None if labels is None or index is None else (layout, labels, index)


def _are_numbered(layout: Layout) -> bool:
    """Whether the keys are the numbers from 0 on."""
    import numpy
    from numpy.lib.stride_tricks import sliding_window_view

    sizes = layout.closes[0] - layout.opens[0] - 1
    if sizes.max() > _MOST_DIGITS:
        return False
    for size in numpy.unique(sizes).tolist():
        rows = numpy.flatnonzero(sizes == size)
        digits = sliding_window_view(layout.codes, size)[layout.opens[0][rows] + 1].astype('i8') - ord('0')
        numbers = digits @ 10 ** numpy.arange(size, dtype='i8')[::-1]
        is_padded = size > 1 and not digits[:, 0].all()
        if is_padded or digits.min() < 0 or digits.max() > 9 or (numbers != rows).any():
            return False
    return True


def _is_regular(layout: Layout, names: numpy.ndarray[Any, Any]) -> bool:
    """Whether only keys are at the places of keys."""
    codes, opens = layout.codes, layout.opens
    sizes = layout.closes - opens
    return bool(
        names[0] == 1
        and (codes[names[1:] - 1] == ord(',')).all()
        and (codes[names[1:] - 2] == ord('}')).all()
        and (opens[:, 0] == layout.starts + 1).all()
        and (codes[opens[:, 1:] - 1] == ord(',')).all()
        and (sizes == sizes[0]).all()
        and sizes.min() > 1
        and sizes.max() <= _LONGEST_KEY
    )


def _texts(content: bytes, opens: numpy.ndarray[Any, Any], closes: numpy.ndarray[Any, Any]) -> list[str] | None:
    """Parse different texts; None if they are not."""
    quoted = [content[start : end + 1] for start, end in zip(opens.tolist(), closes.tolist(), strict=True)]
    try:
        texts: list[str] = json.loads(b'[%s]' % b','.join(quoted))
    except ValueError:
        return None
    return texts if len(set(texts)) == len(texts) else None
