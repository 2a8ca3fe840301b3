"""The message of a `GokartBuildError`: what failed, why, where, and how to run it alone."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator

import luigi

from gokart._nested import flatten
from gokart.representation import label
from gokart.running.failures import Frame, TaskFailure
from gokart.running.outcome import Outcome
from gokart.running.task_call import source_of_build
from gokart.target_contract import target_path

_MAX_TASKS = 10
_MAX_FRAMES = 12
_MAX_LABEL_CHARACTERS = 500
_MAX_DESCRIPTION_LINES = 30
_MAX_LINE_CHARACTERS = 2000


def report(outcome: Outcome) -> str:
    """Describe what kept the root task of a build from being done."""
    blocks = [_headline(outcome)]
    blocks += [_describe_failure(task, outcome) for task in outcome.troubled[:_MAX_TASKS]]
    blocks += _rest(outcome.troubled, 'more tasks failed')
    blocks += _tasks('External data is missing', outcome.missing, _missing_outputs)
    blocks += _tasks('Another worker was running', outcome.run_elsewhere)
    blocks += _tasks('The scheduler gave no permission to run', outcome.not_run)
    return '\n\n'.join(blocks)


def _headline(outcome: Outcome) -> str:
    counted = [
        (len(outcome.failed), 'failed'),
        (len(outcome.unschedulable), 'could not be scheduled'),
        (len(outcome.missing), 'found no external data'),
        (len(outcome.run_elsewhere), 'left to another worker'),
        (len(outcome.blocked), 'could not run because of that'),
        (len(outcome.not_run), 'not run'),
    ]
    facts = ', '.join(f'{count} {what}' for count, what in counted if count)
    root = f'{_shortened_label(outcome.root)} was not built' if outcome.root else 'The task was not built'
    return f'{root}. Of {outcome.scheduled} tasks: {facts or "none failed"}.'


def _describe_failure(task: luigi.Task, outcome: Outcome) -> str:
    failures = outcome.failures.get(task.task_id, [])
    last = failures[-1] if failures else None
    lines = [f'{_shortened_label(task)} {last.stage.value if last else "failed"}']
    if len(failures) > 1:
        lines[0] += f' ({len(failures)} times, here the last one)'
    lines.append(textwrap.indent('\n'.join(_details(last)) if last else 'No exception is known.', '  '))
    lines.append('  To run it alone:')
    lines.append(textwrap.indent(_source(task), '    '))
    return '\n'.join(lines)


def _details(failure: TaskFailure) -> Iterator[str]:
    description = failure.description.splitlines()
    yield from (line[:_MAX_LINE_CHARACTERS] for line in description[:_MAX_DESCRIPTION_LINES])
    if len(description) > _MAX_DESCRIPTION_LINES:
        yield f'... ({len(description) - _MAX_DESCRIPTION_LINES} more lines)'
    if len(failure.frames) > _MAX_FRAMES:
        yield f'  ... ({len(failure.frames) - _MAX_FRAMES} lines of the traceback)'
    yield from map(_frame, failure.frames[-_MAX_FRAMES:])


def _frame(frame: Frame) -> str:
    place = f'  {frame.path}:{frame.line} in {frame.function}'
    return f'{place}\n    {frame.source}' if frame.source else place


def _source(task: luigi.Task) -> str:
    try:
        return source_of_build(task)
    except Exception as error:  # a parameter of the user's may not serialize; the report is needed all the same
        return f'# its parameters cannot be written as source: {type(error).__name__}: {error}'


def _tasks(title: str, tasks: list[luigi.Task], details: Callable[[luigi.Task], str] = lambda task: '') -> list[str]:
    if not tasks:
        return []
    lines = [f'{title}:']
    for task in tasks[:_MAX_TASKS]:
        lines.append(f'  {_shortened_label(task)}{details(task)}')
    return ['\n'.join([*lines, *(f'  {line}' for line in _rest(tasks, 'more tasks'))])]


def _missing_outputs(task: luigi.Task) -> str:
    try:
        return ': ' + ', '.join(target_path(output) for output in flatten(task.output()) if not output.exists())
    except Exception as error:
        return f': {type(error).__name__}: {error}'


def _rest(tasks: list[luigi.Task], what: str) -> list[str]:
    return [f'... and {len(tasks) - _MAX_TASKS} {what}'] if len(tasks) > _MAX_TASKS else []


def _shortened_label(task: luigi.Task) -> str:
    text = label(task)
    return text if len(text) <= _MAX_LABEL_CHARACTERS else f'{text[:_MAX_LABEL_CHARACTERS]} ...'
