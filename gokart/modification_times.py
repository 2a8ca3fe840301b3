"""Whether inputs are older than outputs, in storages that know times more or less exactly."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from typing import Any

from gokart.remote_targets import ask_each, remote_path
from gokart.target_contract import target_path

_EXACT, _TO_THE_SECOND = timedelta(0), timedelta(seconds=1)


def modified_in_order(inputs: Iterable[Any], outputs: Iterable[Any]) -> bool:
    """Whether no input is newer than an output; equal times are fine, and what is both input and output is left out.

    Some storages know times to the second only, rounded down: an output of such a time is not older than an input of
    the same second.
    """
    inputs_by_path = {target_path(target): target for target in inputs}
    outputs_by_path = {target_path(target): target for target in outputs}
    paths = list(inputs_by_path.keys() ^ outputs_by_path.keys())
    times = ask_each(_modified, [inputs_by_path.get(path) or outputs_by_path[path] for path in paths])
    modified = dict(zip(paths, times, strict=True))
    newest_read = max((modified[path][1] for path in paths if path in inputs_by_path), default=None)
    oldest_written = _oldest([modified[path] for path in paths if path in outputs_by_path])
    return newest_read is None or all(
        newest_read <= written or newest_read - written < blur for blur, written in oldest_written.items()
    )


def _modified(target: Any) -> tuple[timedelta, datetime]:
    """Return how exact the time is that is known of `target`, and the time."""
    # A naive time, from a target of the user's, is meant as local time.
    modified: datetime = target.last_modification_time().astimezone(timezone.utc)
    is_rounded = remote_path(target) is not None and modified.microsecond == 0
    return _TO_THE_SECOND if is_rounded else _EXACT, modified


def _oldest(times: Iterable[tuple[timedelta, datetime]]) -> dict[timedelta, datetime]:
    """Return the oldest of the times that are equally exact."""
    found: dict[timedelta, datetime] = {}
    for blur, time in times:
        found[blur] = min(found.get(blur, time), time)
    return found
