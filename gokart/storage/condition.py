"""The check of a write's condition against what is there."""

from __future__ import annotations

from gokart.errors import PreconditionError
from gokart.storage.contract import Condition, Version, WriteCondition


def require(condition: WriteCondition, version: Version | None, path: str) -> None:
    """Check `condition` against the version of the object at `path`, None if there is no object.

    Raises:
        PreconditionError: it does not hold.
    """
    if condition is Condition.ANY or condition == version:
        return
    if condition is not Condition.ABSENT:
        state = 'does not exist' if version is None else f'has the version {version}'
        raise PreconditionError(f'{path!r} {state}, and was to be replaced only in the version {condition}.')
    if version is not None:
        raise already_there(path)


def already_there(path: str) -> PreconditionError:
    """Return the error that there is an object at `path`, which was to be written only if there was none."""
    return PreconditionError(f'{path!r} exists, and was to be written only if it did not.')
