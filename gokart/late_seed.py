"""The seed of ``numpy.random`` while that is not imported: it is set as soon as it is, before anybody can draw.

To import numpy takes 0.1 seconds and 15 MB, which a process whose tasks do not use it need not spend.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

_MODULE = 'numpy.random'
FUNCTION = 'numpy.random.seed'
_SEEDS = range(2**32)

_waiting: int | None = None


class _Finder:
    """Lets the other finders of `sys.meta_path` find the module, and adds the seed to its execution."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name != _MODULE or _waiting is None:
            return None
        # Finders of the protocol before Python 3.4 have no find_spec; Python passes over them, too.
        others = [finder for finder in sys.meta_path if finder is not self and hasattr(finder, 'find_spec')]
        found = (finder.find_spec(name, path, target) for finder in others)
        spec = next((spec for spec in found if spec is not None), None)
        if spec is not None and spec.loader is not None:
            _seed_after_execution(spec.loader)
        return spec


def seed_later(random_seed: Any) -> bool:
    """Have ``numpy.random`` seeded when it is imported; False if that is for the caller to do now."""
    global _waiting
    if _MODULE in sys.modules or ('numpy' in sys.modules and sys.modules['numpy'] is None):
        return False
    if type(random_seed) is not int or random_seed not in _SEEDS:
        return False  # numpy says what is wrong with it
    if _finder not in sys.meta_path:
        sys.meta_path.insert(0, _finder)  # for good: to remove it would disturb imports of other threads
    _waiting = random_seed
    return True


def waiting_seed() -> int | None:
    """Return the seed that waits for the import; None if there is none."""
    return _waiting


def wait_with(random_seed: int | None) -> None:
    """Let `random_seed` wait for the import, or none."""
    global _waiting
    _waiting = random_seed


def _seed_after_execution(loader: Any) -> None:
    execute = loader.exec_module

    def execute_and_seed(module: Any) -> None:
        execute(module)
        random_seed = waiting_seed()
        wait_with(None)
        if random_seed is not None:
            module.seed(random_seed)

    loader.exec_module = execute_and_seed


_finder = _Finder()
