"""Private parameters: they do not join the id, so a digest beside the outputs tells whether their values changed.

That they do not join is part of the contract; a task whose password changed would else never run again. Whoever has the
file and would guess the values must make PBKDF2-HMAC-SHA256 (RFC 8018) for each guess, which is slow on purpose. Its
salt is the name of the class: a process makes it once for all tasks of a class with the same values, and a table of
guesses serves for classes of that name only. The digest is an HMAC (RFC 2104) of the unique id under that key: it is
quick, and does not show which tasks have the same values.
"""

from __future__ import annotations

import functools
import hashlib
import hmac
from typing import Any

from gokart.records.log_files import log_files_of

_ITERATIONS = 100_000
_FORM = 'pbkdf2-hmac-sha256'
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
        digest = hmac.new(_key_of(task, names), task.make_unique_id().encode('utf-8'), 'sha256').hexdigest()
        remembered[_REMEMBERED] = f'{_FORM}:{digest}'
    return remembered[_REMEMBERED]


def prepare(task: Any) -> None:
    """Make in this process what takes long, so that the processes forked from it need not make it each."""
    names = private_parameters(task)
    if names:
        _key_of(task, names)


def made_with_other_values(task: Any) -> bool:
    """Whether the outputs of `task` were stored with another digest than its own; no record means no."""
    if not private_parameters(task):
        return False
    lines = log_files_of(task).read('private_params', [])
    # A record in a form of another version tells nothing.
    return bool(lines) and lines[0].startswith(f'{_FORM}:') and lines != [private_digest(task)]


def _key_of(task: Any, names: tuple[str, ...]) -> bytes:
    parameters = dict(task.get_params())
    values = str([(name, parameters[name].serialize(task.param_kwargs[name])) for name in names])
    return _key(values, type(task).__name__)


@functools.lru_cache(maxsize=256)
def _key(values: str, class_name: str) -> bytes:
    return hashlib.pbkdf2_hmac('sha256', values.encode('utf-8'), class_name.encode('utf-8'), _ITERATIONS)
