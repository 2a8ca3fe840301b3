"""Whether a task is complete, and if not, why: the one place that decides. It never writes or deletes a file."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from gokart._nested import flatten
from gokart.foresight import checks_its_inputs, foreseen, may_be_remote
from gokart.private_parameters import made_with_other_values, private_parameters
from gokart.rerun import only_looking, stale_outputs
from gokart.storage.snapshot import is_looking
from gokart.target_contract import target_path
from gokart.walk import bottom_up


class Cause(enum.Enum):
    """Why a task is not complete; the value ends the sentence "the task is not complete: …"."""

    FORCED = 'it must run once more (rerun)'
    OUTPUT_MISSING = 'an output does not exist'
    REQUIREMENT_INCOMPLETE = 'a requirement is not complete'
    INPUT_MISSING = 'an input does not exist'
    INPUT_NEWER = 'an input is newer than an output'
    PRIVATE_PARAMETER_CHANGED = 'the outputs were made with another value of a private parameter'


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason why a task is not complete."""

    cause: Cause
    subject: str = ''
    """The path or task that the cause speaks of; may be empty."""

    def __str__(self) -> str:
        return f'{self.cause.value}: {self.subject}' if self.subject else self.cause.value


def is_complete(task: Any) -> bool:
    """Whether there is no reason why `task` is not complete."""
    if is_looking() or not may_be_remote(task):
        return next(reasons(task), None) is None
    with foreseen([task]):
        return next(reasons(task), None) is None


def reasons(task: Any) -> Iterator[Reason]:
    """Find the reasons why `task` is not complete, one by one; there is none if it is complete.

    The first look honours ``rerun=True``, unless the block `only_looking` is around it.
    """
    stale = stale_outputs(task)
    if stale is not None:
        yield Reason(Cause.FORCED, ', '.join(stale))
    for output in flatten(task.output()):
        if not output.exists():
            yield Reason(Cause.OUTPUT_MISSING, target_path(output))
    if made_with_other_values(task):
        yield Reason(Cause.PRIVATE_PARAMETER_CHANGED, ', '.join(private_parameters(task)))
    if checks_its_inputs(task):
        yield from _reasons_of_inputs(task)


def ask_all(tasks: Iterable[Any]) -> list[bool]:
    """Ask each of `tasks`, which come after their requirements, once whether it is complete; strict checks ask no more.

    Nothing changes by it, not even what the next look at a task with ``rerun=True`` finds.
    """
    answers: dict[int, tuple[Any, bool]] = {}
    token = _settled.set(answers)
    try:
        with only_looking():
            return [_answer(task, answers) for task in tasks]
    finally:
        _settled.reset(token)


def _answer(task: Any, answers: dict[int, tuple[Any, bool]]) -> bool:
    if id(task) not in answers:
        answers[id(task)] = (task, bool(task.complete()))
    return answers[id(task)][1]


# What is known already of the tasks below the one that was asked first; the tasks are kept so that ids stay theirs.
_settled: ContextVar[dict[int, tuple[Any, bool]] | None] = ContextVar('settled_tasks', default=None)


def _reasons_of_inputs(task: Any) -> list[Reason]:
    incomplete = [
        Reason(Cause.REQUIREMENT_INCOMPLETE, str(requirement))
        for requirement, complete in _requirements_settled(task)
        if not complete
    ]
    if incomplete:
        return incomplete
    inputs, outputs = flatten(task.input()), flatten(task.output())
    missing = [Reason(Cause.INPUT_MISSING, target_path(target)) for target in inputs if not target.exists()]
    if missing or not task.modification_time_check or not all(output.exists() for output in outputs):
        return missing
    return [] if task._check_modification_time() else [Reason(Cause.INPUT_NEWER)]


def _requirements_settled(task: Any) -> list[tuple[Any, bool]]:
    """Ask each requirement whether it is complete; each task below once, however many ways lead to it."""
    requirements = flatten(task.requires())
    known = _settled.get()
    if known is not None:
        _settle(task, requirements, known)
        return [known[id(requirement)] for requirement in requirements]
    known = {}
    token = _settled.set(known)
    try:
        _settle(task, requirements, known)
    finally:
        _settled.reset(token)
    return [known[id(requirement)] for requirement in requirements]


def _settle(task: Any, requirements: list[Any], known: dict[int, tuple[Any, bool]]) -> None:
    def unknown_requirements(node: Any) -> list[Any]:
        below = requirements if node is task else flatten(node.requires()) if checks_its_inputs(node) else []
        return [requirement for requirement in below if id(requirement) not in known]

    for node in bottom_up(task, unknown_requirements):
        if node is not task:
            known[id(node)] = (node, bool(node.complete()))
