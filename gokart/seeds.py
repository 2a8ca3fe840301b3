"""Seeds: the same task starts from the same random numbers, wherever and whenever it runs."""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import logging
from collections.abc import Callable, Iterable

from gokart import late_seed

logger = logging.getLogger(__name__)

UNSET = -42497368
"""The value of ``fix_random_seed_value`` that stands for "from the unique id"."""

# numpy takes seeds below 2**32; the modulus is part of the contract.
_MODULUS = 2**32 - 1


def seed_of(unique_id: str, fixed_seed: int | None) -> int:
    """Return `fixed_seed`, or the seed that belongs to `unique_id` if it is None or `UNSET`."""
    if fixed_seed is not None and fixed_seed != UNSET:
        return fixed_seed
    try:
        return int(unique_id, 16) % _MODULUS
    except ValueError:  # an id that a make_unique_id() of the user's made
        return int(hashlib.md5(unique_id.encode('utf-8'), usedforsecurity=False).hexdigest(), 16) % _MODULUS


def try_set_seed(methods: Iterable[str], random_seed: int) -> list[str]:
    """Call each function of the dotted names `methods` with `random_seed`; return the names that worked."""
    return [name for name in methods if _set_seed(name, random_seed)]


def import_modules(methods: Iterable[str]) -> None:
    """Import the modules that `try_set_seed` would need; those that there are not are left to it."""
    for name in methods:
        with contextlib.suppress(Exception):
            _resolve(name)


def _set_seed(name: str, random_seed: int) -> bool:
    if name == late_seed.FUNCTION and late_seed.seed_later(random_seed):
        return True
    try:
        _resolve(name)(random_seed)
    except Exception as error:
        logger.warning(
            'The random seed was not set by %r (fix_random_seed_methods): %r. It must be the dotted name of a '
            'function of one integer in an installed module, like numpy.random.seed.',
            name,
            error,
        )
        return False
    return True


def _resolve(name: str) -> Callable[[int], object]:
    module_name, _, attributes = name.partition('.')
    found: object = importlib.import_module(module_name)
    for attribute in attributes.split('.'):
        module_name = f'{module_name}.{attribute}'
        found = getattr(found, attribute, None) or importlib.import_module(module_name)
    if not callable(found):
        raise TypeError(f'{name} is not callable')
    return found
