"""The labels that a task hands on with an object that it dumps, for targets that label what they store."""

from __future__ import annotations

from typing import Any

from gokart._nested import map_flattenable_items
from gokart.identity import ordered_requirements
from gokart.required_task_output import RequiredTaskOutput
from gokart.target import ModelTarget, SingleFileTarget
from gokart.target_contract import target_path

# Files of the local disk have no labels, and collecting them looks at all requirements. Targets of users may have some.
_WITHOUT_LABELS = (SingleFileTarget, ModelTarget)


def labels_for(target: object, task: Any, custom_labels: dict[str, Any] | None) -> dict[str, Any]:
    """Return what ``target.dump()`` takes besides the object."""
    if type(target) in _WITHOUT_LABELS:
        return {'custom_labels': custom_labels}
    return {
        'task_params': task.to_str_params(only_significant=True, only_public=True),
        'custom_labels': custom_labels,
        'required_task_outputs': _required_outputs(ordered_requirements(task)) or None,
    }


def _required_outputs(requirements: Any) -> Any:
    def outputs_of(required: Any) -> Any:
        def describe(output: object) -> RequiredTaskOutput:
            return RequiredTaskOutput(task_name=required.get_task_family(), output_path=target_path(output))

        return map_flattenable_items(describe, required.output())

    return map_flattenable_items(outputs_of, requirements)
