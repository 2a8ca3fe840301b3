"""Objects as bytes for other processes, with the definitions of what cannot be imported there."""

from __future__ import annotations

import dis
import functools
import os
import pickle
import sys
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType
from typing import Any
from weakref import WeakSet, WeakValueDictionary

import luigi
from luigi.task_register import Register

from gokart import _luigi
from gokart.running.pickling import dumps_with
from gokart.running.process_settings import remake


def dumps(obj: Any) -> bytes:
    """Pickle `obj`; what belongs to ``__main__`` or to a function, or was defined anew, goes with its definition."""
    return dumps_with(_pickler_class(), obj)


def dumps_to_driver(obj: Any) -> bytes:
    """Pickle `obj` for the process of the driver, which has whatever has a name in ``__main__``."""
    return dumps_with(_pickler_to_driver(), obj)


def loads(data: bytes) -> Any:
    """Return what `dumps` was given, in whichever process."""
    return pickle.loads(data)


@functools.cache
def _pickler_class() -> Any:
    from cloudpickle import Pickler

    class PortablePickler(Pickler):  # type: ignore[misc] # Any for mypy
        def reducer_override(self, obj: Any) -> Any:
            if isinstance(obj, luigi.Task):
                return remake, (type(obj), _luigi.portable_state(obj))
            reduced: Any = super().reducer_override(obj)
            if isinstance(obj, type) and isinstance(reduced, tuple) and len(reduced) == _PARTS_OF_DEFINITION:
                if obj is not _classes.get(reduced[1][_DEFINITION]):
                    _own_classes.add(obj)
                return _with_registration(reduced)
            if isinstance(obj, FunctionType) and isinstance(reduced, tuple):
                _, slots = reduced[_STATE]
                slots['__globals__'].update(_globals_of_class_bodies(obj))
            return reduced

    return PortablePickler


@functools.cache
def _pickler_to_driver() -> Any:
    class PicklerToDriver(_pickler_class()):  # type: ignore[misc] # Any for mypy
        def reducer_override(self, obj: Any) -> Any:
            if isinstance(obj, (type, FunctionType)) and _has_name(obj):
                return NotImplemented
            return super().reducer_override(obj)

    return PicklerToDriver


def _has_name(obj: type | FunctionType) -> bool:
    module = sys.modules.get(obj.__module__) if obj.__module__ != '__mp_main__' else None
    return obj.__qualname__ == obj.__name__ and getattr(module, obj.__name__, None) is obj


_STATE = 2
"""Of the tuple that defines a function anew: its attributes, and its slots, with the globals that it uses."""


def _globals_of_class_bodies(function: FunctionType) -> dict[str, Any]:
    """Return the globals that bodies of classes inside of `function` use, for which cloudpickle does not look."""
    known = function.__globals__
    return {name: known[name] for name in _names_in_class_bodies(function.__code__) if name in known}


def _names_in_class_bodies(code: CodeType) -> Iterator[str]:
    for nested in code.co_consts:
        if isinstance(nested, CodeType):
            yield from (step.argval for step in dis.get_instructions(nested) if step.opname in _LOADS_OF_CLASS_BODIES)
            yield from _names_in_class_bodies(nested)


_LOADS_OF_CLASS_BODIES = ('LOAD_NAME', 'LOAD_FROM_DICT_OR_GLOBALS')


_PARTS_OF_DEFINITION = 6
"""Of the tuple that defines a class anew: function, arguments, state, None, None, function that sets the state."""


_DEFINITION = -2
"""Of the arguments: a text that all copies of one definition have in common."""


def _with_registration(reduced: tuple[Any, ...]) -> tuple[Any, ...]:
    make, arguments, (attributes, slots), _, _, set_state = reduced
    # Made from the other attributes when it is first asked for.
    attributes = {name: value for name, value in attributes.items() if name != '_parameter_table'}
    return _class_of, (make, arguments), (set_state, (attributes, slots)), None, None, _define


_classes: WeakValueDictionary[str, Any] = WeakValueDictionary()
"""The classes that came to this process with their definition, by the name of that definition."""


_own_classes: WeakSet[Any] = WeakSet()
"""The classes that went from this process to others, which may send them back."""

if hasattr(os, 'register_at_fork'):
    # In the child they are those of another process, which may change them.
    os.register_at_fork(after_in_child=_own_classes.clear)


def _class_of(make: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    # cloudpickle makes a second class each time, and drops it; to Luigi that would be the class of the name.
    definition = arguments[_DEFINITION]
    found = _classes.get(definition)
    return _classes.setdefault(definition, make(*arguments)) if found is None else found


def _define(task_class: Any, state: tuple[Any, Any]) -> Any:
    """Give a class its attributes, and make it known by its name, as its definition in this process would."""
    set_state, attributes = state
    if task_class in _own_classes:
        return task_class
    set_state(task_class, attributes)
    main = sys.modules.get('__main__')
    if main is not None and task_class.__module__ == '__main__' and task_class.__name__ == task_class.__qualname__:
        setattr(main, task_class.__name__, task_class)  # pickle finds it there when its objects are dumped
    if isinstance(task_class, Register):
        _luigi.forget_earlier_definitions(task_class, type(task_class))
    return task_class
