"""What the strict server of Google Cloud Storage refuses: preconditions that do not hold, and how it says so."""

from __future__ import annotations

from typing import Any

from gcp_storage_emulator.exceptions import NotFound
from gcp_storage_emulator.storage import Storage

Resource = dict[str, Any]

_FAILED_CONDITION = 'At least one of the pre-conditions you specified did not hold.'
_CONDITIONS = ('GenerationMatch', 'GenerationNotMatch', 'MetagenerationMatch', 'MetagenerationNotMatch')


class Refusal(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, reason: str, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.reason, self.headers = status, reason, headers or {}


class Status(int):
    """A status with a phrase, also where `HTTPStatus` has another or none."""

    phrase = 'Resume Incomplete'

    @property
    def value(self) -> int:
        """The number."""
        return int(self)


def query(request: Any, name: str) -> str | None:
    """Return a parameter of the request."""
    values = request.query.get(name)
    return values[0] if values else None


def conditions(request: Any, prefix: str) -> dict[str, str]:
    """Return the preconditions of the request."""
    found = {name: query(request, prefix + name) for name in _CONDITIONS}
    return {name: value for name, value in found.items() if value is not None}


def versions(storage: Storage, bucket: str, name: str) -> tuple[str, str]:
    """Return generation and metageneration of an object, zeros if there is none."""
    try:
        found = storage.get_file_obj(bucket, name)
    except NotFound:
        return '0', '0'
    return str(found['generation']), str(found['metageneration'])


def require(conditions: dict[str, str], storage: Storage, bucket: str, name: str, is_reading: bool = False) -> None:
    """Check preconditions against the object that is there."""
    generation, metageneration = versions(storage, bucket, name)
    for condition, wanted in conditions.items():
        found = metageneration if condition.startswith('Meta') else generation
        if (wanted == found) == condition.endswith('NotMatch'):
            status = 304 if is_reading and condition.endswith('NotMatch') else 412
            raise Refusal(status, 'conditionNotMet', _FAILED_CONDITION)
