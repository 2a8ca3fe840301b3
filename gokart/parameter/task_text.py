"""Tasks as text: the form in which a task stands in a parameter of another task, and back."""

from __future__ import annotations

import bz2
import difflib
import json
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import luigi
from luigi.task_register import Register, TaskClassAmbigiousException, TaskClassNotFoundException

from gokart import _luigi
from gokart.errors import ParameterTypeError, ParameterValueError
from gokart.parameter.shown import shown_class
from gokart.walk import bottom_up

EXAMPLE = '{"type": "Namespace.Task", "params": {"number": "1"}}'
"""A text that `parse_task` takes."""

_REMEMBERED = '_gokart_serialized_task'
_json_text: Callable[[dict[str, Any]], str] = luigi.DictParameter().serialize


def serialize_task(task: luigi.Task) -> str:
    """Return the text of `task`: JSON of its family and its significant parameters, these as JSON, bz2, hex.

    The text is part of the contract with workspaces that exist: it joins the id of the task that holds `task`. It is
    made once for an instance, since a task may be part of many.

    Raises:
        ParameterTypeError: `task` is no task.
    """
    if not isinstance(task, luigi.Task):
        raise ParameterTypeError(f'A task was expected, but an object of {shown_class(type(task))} was given.')
    attributes = vars(task)
    if _REMEMBERED not in attributes:
        params = _json_text(task.to_str_params(only_significant=True))
        compressed = bz2.compress(params.encode()).hex()
        attributes[_REMEMBERED] = _json_text({'type': task.get_task_family(), 'params': compressed})
    text: str = attributes[_REMEMBERED]
    return text


def parse_task(text: str) -> luigi.Task:
    """Make the task of its text, which may hold the parameters as they are, too: see `EXAMPLE`.

    Each text is parsed once, however often it occurs in the parameters, and without recursion.

    Raises:
        ParameterValueError: `text` is no such text, its task class is not known, or it does not take the parameters.
    """
    running = _running.get()
    if running is not None and text in running:
        return _taken(running[text])
    found: dict[str, luigi.Task | ParameterValueError] = {}
    token = _running.set(found)
    try:
        root = _Text.read(text)
        for node in bottom_up(root, _Readings({text: root}).below):
            found[node.text] = _made(node)
        return _taken(found[text])
    finally:
        _running.reset(token)


_running: ContextVar[dict[str, luigi.Task | ParameterValueError] | None] = ContextVar('parsed_tasks', default=None)
"""What the texts of the parse that is running come to; the tasks that use a broken one say where it is."""


@dataclass(frozen=True, slots=True, eq=False)
class _Text:
    text: str
    task_class: type[luigi.Task]
    params: dict[str, Any]

    @classmethod
    def read(cls, text: str) -> _Text:
        family, params = _family_and_params(text)
        task_class = _task_class(family)
        return cls(
            text, task_class, _decompressed(params) if isinstance(params, str) else _written_out(task_class, params)
        )


@dataclass(frozen=True, slots=True)
class _Readings:
    read: dict[str, _Text | None]
    """None: the text is broken, which is told where it is used."""

    def below(self, node: _Text) -> Iterator[_Text]:
        """Yield the texts among the parameters of `node`."""
        for name, parameter in node.task_class.get_params():
            texts_within = getattr(parameter, 'texts_within', None)
            for text in texts_within(node.params[name]) if texts_within and name in node.params else ():
                inner = self._read(text)
                if inner is not None:
                    yield inner

    def _read(self, text: str) -> _Text | None:
        if text not in self.read:
            try:
                self.read[text] = _Text.read(text)
            except ParameterValueError:
                self.read[text] = None
        return self.read[text]


def _made(node: _Text) -> luigi.Task | ParameterValueError:
    try:
        task: luigi.Task = node.task_class.from_str_params(node.params)
    except Exception as error:
        broken = ParameterValueError(
            f'the task {node.task_class.get_task_family()} cannot be made: {type(error).__name__}: {error}'
        )
        broken.__cause__ = error
        return broken
    return task


def _taken(found: luigi.Task | ParameterValueError) -> luigi.Task:
    if isinstance(found, ParameterValueError):
        raise found
    return found


def _family_and_params(text: str) -> tuple[str, Any]:
    try:
        fields = json.loads(text)
    except (ValueError, TypeError) as error:
        raise ParameterValueError(f'it is no JSON ({error})') from error
    if not isinstance(fields, dict) or not {'type', 'params'} <= fields.keys():
        raise ParameterValueError("it is no JSON object with 'type' and 'params'")
    if not isinstance(fields['type'], str) or not isinstance(fields['params'], (str, dict)):
        raise ParameterValueError("'type' is no string, or 'params' is neither a string nor an object")
    return fields['type'], fields['params']


def _decompressed(params: str) -> dict[str, Any]:
    try:
        value = json.loads(bz2.decompress(bytes.fromhex(params)))
    except (ValueError, OSError, EOFError) as error:
        raise ParameterValueError(f"its 'params' are damaged ({error})") from error
    if not isinstance(value, dict):
        raise ParameterValueError("its 'params' are damaged (they hold no JSON object)")
    return value


def _written_out(task_class: type[luigi.Task], params: dict[str, Any]) -> dict[str, Any]:
    known = [name for name, _ in task_class.get_params()]
    unknown = sorted(params.keys() - set(known))
    if unknown:
        raise ParameterValueError(f'the task {task_class.get_task_family()} has no parameter {unknown}, only {known}')
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in params.items()}


def _task_class(family: str) -> type[luigi.Task]:
    try:
        task_class: type[luigi.Task] = Register.get_task_cls(family)
    except TaskClassNotFoundException:
        similar = difflib.get_close_matches(family, Register.task_names())
        hint = f'; similar ones are {similar}' if similar else ''
        raise ParameterValueError(
            f"no task class of the family '{family}' is known; import the module that defines it{hint}"
        ) from None
    except TaskClassAmbigiousException:
        return _last_definition(family)
    return task_class


def _last_definition(family: str) -> type[luigi.Task]:
    classes = [cls for cls in _luigi.task_classes() if cls.get_task_family() == family]
    places = sorted({shown_class(cls) for cls in classes})
    if len(places) > 1:
        raise ParameterValueError(
            f"several task classes are of the family '{family}': {places}; give them namespaces or other names"
        )
    return classes[-1]
