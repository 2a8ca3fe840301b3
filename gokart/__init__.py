"""Luigi tasks that remember: every result is stored under a hash of what made it."""

from gokart.config import add_config
from gokart.pandas_type_config import PandasTypeConfig
from gokart.parameter import (
    ExplicitBoolParameter,
    ListTaskInstanceParameter,
    SerializableParameter,
    TaskInstanceParameter,
    ZonedDateSecondParameter,
)
from gokart.task import TaskOnKart

# `gokart.build` and `gokart.run` are modules and functions: bound last, the functions win.
from gokart.build import WorkerSchedulerFactory, build  # isort: skip
from gokart.run import run  # isort: skip

__all__ = [
    'ExplicitBoolParameter',
    'ListTaskInstanceParameter',
    'PandasTypeConfig',
    'SerializableParameter',
    'TaskInstanceParameter',
    'TaskOnKart',
    'WorkerSchedulerFactory',
    'ZonedDateSecondParameter',
    'add_config',
    'build',
    'run',
]
