"""Optional imports: a package that an extra of gokart brings, imported when it is first used."""

from __future__ import annotations

import importlib
from types import ModuleType


def import_optional(module: str, extra: str, purpose: str) -> ModuleType:
    """Import `module`, which ``pip install gokart[extra]`` brings.

    Args:
        module: dotted name of the module.
        extra: the extra of gokart that installs it.
        purpose: what it is needed for; the subject of the error's sentence.

    Raises:
        ImportError: the package is not installed; the message holds the pip command.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or not (module + '.').startswith(error.name + '.'):
            raise
        raise ImportError(
            f"{purpose} needs the package '{error.name}', which is not installed. Run: pip install 'gokart[{extra}]'",
            name=error.name,
        ) from error
