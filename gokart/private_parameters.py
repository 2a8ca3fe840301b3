"""Private parameters: they do not join the id, so a digest beside the outputs tells whether their values changed.

That they do not join is part of the contract; a task whose password changed would else never run again. The digest is
PBKDF2-HMAC-SHA256 (RFC 8018) salted with the unique id, so that the file gives no value away.
"""

from __future__ import annotations

import hashlib
from typing import Any

from gokart.records.log_files import log_files_of

_ITERATIONS = 100_000
_REMEMBERED = '_gokart_private_digest'


def private_parameters(task: Any) -> tuple[str, ...]:
    """Return the names of the private parameters that are significant."""
    names: tuple[str, ...] = type(task).parameter_table.private
    return names


def private_digest(task: Any) -> str | None:
    """Return the digest of the private values of `task`, made once; None if it has none."""
    names = private_parameters(task)
    if not names:
        return None
    remembered: dict[str, str] = vars(task)
    if _REMEMBERED not in remembered:
        remembered[_REMEMBERED] = _digest(task, names)
    return remembered[_REMEMBERED]


def _digest(task: Any, names: tuple[str, ...]) -> str:
    parameters = dict(task.get_params())
    values = str([(name, parameters[name].serialize(task.param_kwargs[name])) for name in names])
    salt = task.make_unique_id().encode('utf-8')
    return hashlib.pbkdf2_hmac('sha256', values.encode('utf-8'), salt, _ITERATIONS).hex()


def made_with_other_values(task: Any) -> bool:
    """Whether the outputs of `task` were stored with another digest than its own; no record means no."""
    if not private_parameters(task):
        return False
    lines = log_files_of(task).read('private_params', [])
    return bool(lines) and lines != [private_digest(task)]
