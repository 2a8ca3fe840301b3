"""The labels of a stored object: which task made it, of what parameters and from which inputs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from gokart._nested import map_flattenable_items
from gokart.errors import ParameterTypeError
from gokart.required_task_output import RequiredTaskOutput
from gokart.storage.labels import fitting_labels

REQUIRED_TASK_OUTPUTS = '__required_task_outputs'
"""Name of the label that tells the inputs, as JSON in the structure of ``requires()``."""

_LOG_FILE = re.compile(
    '/log/(module_versions|private_params|processing_time|random_seed|task_info|task_log|task_params)/.'
)


def is_log_file(path: str) -> bool:
    """Whether `path` is one of a log file of a task; they have no labels."""
    return _LOG_FILE.search(path) is not None


def make_labels(
    task_params: Mapping[str, Any] | None,
    custom_labels: Mapping[str, Any] | None,
    required_task_outputs: Any,
    max_bytes: int,
) -> dict[str, str]:
    """Return the labels in the order of their importance, as many as take at most `max_bytes`.

    Args:
        task_params: parameters of the task by name.
        custom_labels: labels of the user's, which come first and win over parameters of the same name.
        required_task_outputs: a `RequiredTaskOutput`, or a structure of them; None if there are none.
        max_bytes: what names and values may take together, in UTF-8; the last ones are left out first.

    Raises:
        ParameterTypeError: the structure holds something else.
    """
    if not isinstance(custom_labels, (Mapping, type(None))):
        raise ParameterTypeError(
            f'custom_labels is {custom_labels!r:.100}, but must be a dict of names and values, or None.'
        )
    labels: dict[str, str] = {}
    for name, value in _wanted(task_params, custom_labels, required_task_outputs):
        if value:
            labels.setdefault(name, value)
    return fitting_labels(labels, max_bytes)


def _wanted(
    task_params: Mapping[str, Any] | None, custom_labels: Mapping[str, Any] | None, required_task_outputs: Any
) -> Iterator[tuple[str, str]]:
    for given in (custom_labels, task_params):
        yield from ((_text(name), _text(value)) for name, value in (given or {}).items())
    if required_task_outputs:
        described = map_flattenable_items(_describe, required_task_outputs)
        yield REQUIRED_TASK_OUTPUTS, json.dumps(described)


def _describe(output: object) -> dict[str, str] | None:
    if output is None:
        return None
    if isinstance(output, RequiredTaskOutput):
        return output.serialize()
    raise ParameterTypeError(
        f'required_task_outputs holds a {type(output).__name__}; it may hold RequiredTaskOutput, '
        'in dicts, lists or tuples.'
    )


def _text(value: object) -> str:
    return str(value).encode('utf-8', 'backslashreplace').decode('utf-8')  # lone surrogates cannot be stored
