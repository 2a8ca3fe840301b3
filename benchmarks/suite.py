"""What is measured: each case is one script, asked the same for each side."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Options:
    """The sizes of a run."""

    tasks: tuple[int, ...] = (100, 1_000, 10_000)
    frame_mebibytes: float = 500
    rounds: int = 3
    limit_seconds: float = 120


@dataclass(frozen=True)
class Case:
    """One question to one script.

    Attributes:
        script: its file.
        question: its arguments, without the side.
        reference: the side to compare with: ``'luigi'``, or ``'plain'`` for another library alone.
        title: heads the figures of the case.
        group: who takes too long for one case of a group is not asked for those after it, which are larger or need it.
        rounds: how often it is measured; None: as the options say.
    """

    script: str
    question: dict[str, Any]
    reference: str
    title: str = ''
    group: str = ''
    rounds: int | None = None


@dataclass(frozen=True)
class Section:
    """Cases of one kind: a table."""

    name: str
    heading: str
    reference: str
    unit: str
    factor: float
    cases: tuple[Case, ...]


def sections(options: Options, directory: str) -> Iterator[Section]:
    """Yield all that can be measured, with sizes of `options`; files go into `directory`."""
    yield importing(options)
    yield creation(options)
    yield graphs(options, directory)
    yield frames(options, directory)
    yield object_storage(options)


def importing(options: Options) -> Section:
    case = Case('importing.py', {}, 'luigi', rounds=2 * options.rounds)
    return Section('importing', 'Import', 'Luigi', 'ms', 1e3, (case,))


def creation(options: Options) -> Section:
    case = Case('creation.py', {'count': min(1_000, max(options.tasks))}, 'luigi', rounds=2 * options.rounds)
    return Section('creation', 'Tasks and ids', 'Luigi', 'µs a task', 1e6, (case,))


def graphs(options: Options, directory: str) -> Section:
    cases = (
        Case(
            'graphs.py',
            {'shape': shape, 'tasks': tasks, 'mode': mode, 'directory': directory},
            'luigi',
            title=f'{shape}, {tasks:,} tasks, {mode}',
            group=f'{shape} {mode}',
            rounds=options.rounds if tasks <= 1_000 else 1,
        )
        for shape in ('wide', 'chain', 'diamond')
        for mode in ('log files', 'files', 'no files')
        for tasks in options.tasks
    )
    return Section('graphs', 'Builds', 'Luigi', 'ms a task', 1e3, tuple(cases))


PARTS = {'pkl': 1, 'feather': 1, 'parquet': 4, 'npz': 4, 'zip': 2, 'csv': 20, 'json': 20, 'ndjson': 20, 'gz': 20}
"""Formats, and which part of the size their objects have: text and gzip take minutes for what takes others seconds."""


def frames(options: Options, directory: str) -> Section:
    def case(extension: str, mebibytes: float) -> Iterator[Case]:
        for action in ('dump', 'load'):  # what a process dumped, another one loads
            question = {'extension': extension, 'action': action, 'directory': directory, 'mebibytes': mebibytes}
            title = f'.{extension}, {mebibytes:g} MiB, {action}'
            rounds = 1 if mebibytes > 100 else options.rounds
            yield Case('frames.py', question, 'plain', title, group=extension, rounds=rounds)

    cases = [item for extension, part in PARTS.items() for item in case(extension, options.frame_mebibytes / part)]
    return Section('frames', 'Large objects', 'pandas, numpy or gzip alone', 's', 1, tuple(cases))


def object_storage(options: Options) -> Section:
    tasks = min(200, max(options.tasks))
    question = {'tasks': tasks, 'server_python': sys.executable}
    case = Case('object_storage.py', question, 'plain', title=f'{tasks} tasks', rounds=1)
    return Section('object_storage', 'S3 with 20 ms a request', f'{tasks} requests in turn', 's', 1, (case,))
