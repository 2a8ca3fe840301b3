"""Parameters beyond Luigi's: tasks, serializable objects, explicit switches, zoned times."""

from gokart.parameter.explicit_bool import ExplicitBoolParameter
from gokart.parameter.serializable import Serializable, SerializableParameter
from gokart.parameter.task_instance import ListTaskInstanceParameter, TaskInstanceParameter
from gokart.parameter.zoned_date_second import ZonedDateSecondParameter

__all__ = [
    'ExplicitBoolParameter',
    'ListTaskInstanceParameter',
    'Serializable',
    'SerializableParameter',
    'TaskInstanceParameter',
    'ZonedDateSecondParameter',
]
