"""Python source that makes a task again, for messages that say how to run it."""

from __future__ import annotations

import datetime
import enum
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

import luigi

from gokart.parameter.shown import is_public

_EXACT_TYPES = (type(None), bool, int, str, bytes, datetime.date, datetime.datetime, datetime.time, datetime.timedelta)


@dataclass(slots=True)
class _Needs:
    """What an expression takes besides itself."""

    modules: set[str] = field(default_factory=lambda: {'gokart'})
    private_values: bool = False


def source_of_build(task: luigi.Task) -> str:
    """Return lines that build `task`, with ``...`` in the place of private values."""
    needs = _Needs()
    expression = _call(task, needs)
    lines = [f'import {module}' for module in sorted(needs.modules)]
    if needs.private_values:
        lines.append('# private values are not shown: write them in the place of ...')
    return '\n'.join([*lines, f'gokart.build({expression})'])


def _call(task: luigi.Task, needs: _Needs) -> str:
    task_class = _class_source(type(task), needs)
    arguments = []
    for name, parameter in task.get_params():
        value = task.param_kwargs[name]
        if not _needs_mention(task, name, parameter, value):
            continue
        if not is_public(parameter):
            needs.private_values = True
            source = '...'
        else:
            source = _value(value, needs) or f'{task_class}.{name}.parse({parameter.serialize(value)!r})'
        arguments.append(f'{name}={source}')
    return f'{task_class}({", ".join(arguments)})'


def _needs_mention(task: luigi.Task, name: str, parameter: luigi.Parameter[Any], value: Any) -> bool:
    if parameter.significant:
        return True
    family = task.get_task_family()
    return not parameter.has_task_value(family, name) or parameter.task_value(family, name) != value


def _value(value: Any, needs: _Needs) -> str | None:
    """Return source of `value`, or None if its parameter has to parse it."""
    source = None
    if isinstance(value, luigi.Task):
        source = _call(value, needs)
    elif isinstance(value, enum.Enum):
        # Combined flags have no entry of their own.
        known = value.name in type(value).__members__
        source = f'{_class_source(type(value), needs)}[{value.name!r}]' if known else None
    elif type(value) is float:
        source = repr(value) if math.isfinite(value) else f"float('{value}')"
    elif type(value) in _EXACT_TYPES:
        source = _exact(value, needs)
    elif isinstance(value, PurePath):
        needs.modules.add('pathlib')
        source = f'pathlib.Path({str(value)!r})'
    elif type(value) in (list, tuple):
        source = _sequence(value, needs)
    elif isinstance(value, Mapping):
        source = _mapping(value, needs)
    return source


def _exact(value: Any, needs: _Needs) -> str | None:
    if type(value).__module__ == 'datetime':
        zone = getattr(value, 'tzinfo', None)
        if zone is not None and type(zone) is not datetime.timezone:
            return None
        needs.modules.add('datetime')
    return repr(value)


def _sequence(value: Any, needs: _Needs) -> str | None:
    items = [_value(item, needs) for item in value]
    if None in items:
        return None
    joined = ', '.join(map(str, items))
    if isinstance(value, list):
        return f'[{joined}]'
    return f'({joined},)' if len(items) == 1 else f'({joined})'


def _mapping(value: Mapping[Any, Any], needs: _Needs) -> str | None:
    items = [(_value(key, needs), _value(item, needs)) for key, item in value.items()]
    if any(None in pair for pair in items):
        return None
    return f'{{{", ".join(f"{key}: {item}" for key, item in items)}}}'


def _class_source(cls: type, needs: _Needs) -> str:
    # A class inside of a function can only be reached from there, by its plain name.
    name = cls.__qualname__.rpartition('<locals>.')[2]
    if cls.__module__ == '__main__' or name != cls.__qualname__:
        return name
    needs.modules.add(cls.__module__)
    return f'{cls.__module__}.{name}'
