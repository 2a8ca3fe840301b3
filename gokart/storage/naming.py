"""The names of our scratch on the local disk, by which it is told from objects."""

from __future__ import annotations

import platform
import re
import zlib

_FAMILY = '.gokart-'
_SCRATCH = re.compile(r'\.gokart-[0-9a-f]{8}-.+\.(tmp|lock)', re.DOTALL)

# Many network file systems keep locks to one host, so a name tells whose it is.
PREFIX = f'{_FAMILY}{zlib.crc32(platform.node().encode()):08x}-'
SUFFIX = '.tmp'


def is_scratch(name: str) -> bool:
    """Whether a file or directory with this name (without its directory) is scratch of ours and no object."""
    return name.startswith(_FAMILY) and _SCRATCH.fullmatch(name) is not None
