"""Luigi tasks that remember: every result is stored under a hash of what made it."""

import importlib
import pkgutil
from typing import Any

from gokart.config import add_config
from gokart.info import make_tree_info, tree_info
from gokart.pandas_type_config import PandasTypeConfig
from gokart.parameter import (
    ExplicitBoolParameter,
    ListTaskInstanceParameter,
    SerializableParameter,
    TaskInstanceParameter,
    ZonedDateSecondParameter,
)
from gokart.plan.views import make_task_info_as_tree_str
from gokart.task import TaskOnKart
from gokart.testing import test_run
from gokart.workspace_management import delete_local_unnecessary_outputs

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
    'delete_local_unnecessary_outputs',
    'make_task_info_as_tree_str',
    'make_tree_info',
    'run',
    'test_run',
    'tree_info',
]


def __getattr__(name: str) -> Any:
    """Import the other modules when they are first used as attributes, as in ``gokart.target.make_target``."""
    if any(module.name == name for module in pkgutil.iter_modules(__path__)):
        return importlib.import_module(f'{__name__}.{name}')
    raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
