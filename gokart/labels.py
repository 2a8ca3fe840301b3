"""The labels that a task hands on with an object that it dumps, for targets that label what they store."""

from __future__ import annotations

from typing import Any

from gokart._nested import map_flattenable_items
from gokart.identity import ordered_requirements
from gokart.required_task_output import RequiredTaskOutput
from gokart.target import ModelTarget, SingleFileTarget
from gokart.target_contract import target_path

_OURS = (SingleFileTarget, ModelTarget)


def labels_for(target: Any, task: Any, custom_labels: dict[str, Any] | None) -> dict[str, Any]:
    """Return what ``target.dump()`` takes besides the object."""
    # Collecting labels looks at all requirements. What a class of the user's does with them is not known.
    if type(target) in _OURS and not target.keeps_labels():
        return {'custom_labels': custom_labels}
    return {
        'task_params': task.to_str_params(only_significant=True, only_public=True),
        'custom_labels': custom_labels,
        'required_task_outputs': _required_outputs(ordered_requirements(task)) or None,
    }


def _required_outputs(requirements: Any) -> Any:
    def outputs_of(required: Any) -> Any:
        def describe(output: Any) -> RequiredTaskOutput | None:
            return None if output is None else RequiredTaskOutput(required.get_task_family(), target_path(output))

        return None if required is None else map_flattenable_items(describe, required.output())

    return map_flattenable_items(outputs_of, requirements)
