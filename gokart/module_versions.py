"""The versions of the packages that a process has imported."""

from __future__ import annotations

import functools
import sys
from collections.abc import Iterable

_last: tuple[int, str | None, str] = (0, None, '')
"""How many modules there were, and the last of them, when their versions were listed; and the list."""


def module_versions() -> str:
    """List the imported packages that are not of the standard library, a line ``module==version`` each."""
    global _last
    number, newest, text = _last
    # New modules come last; comparing all of them would take longer than to write a log file.
    if number != len(sys.modules) or newest != next(reversed(sys.modules), None):
        modules = list(sys.modules)
        text = _versions_of(modules)
        _last = len(modules), modules[-1], text
    return text


def _versions_of(modules: Iterable[str]) -> str:
    names = {name for name in modules if '.' not in name and not name.startswith('_')}
    versions = ((name, _version(name)) for name in sorted(names - sys.stdlib_module_names))
    return '\n'.join(f'{name}=={version}' for name, version in versions if version)


@functools.cache
def _version(name: str) -> str | None:
    # Not getattr(): modules with a __getattr__ may import or warn.
    version = vars(sys.modules[name]).get('__version__') if name in sys.modules else None
    if isinstance(version, str):
        return version
    import importlib.metadata  # takes 10 ms, which an import of gokart need not pay

    try:
        return importlib.metadata.version(name)
    except (importlib.metadata.PackageNotFoundError, ValueError):
        return None
