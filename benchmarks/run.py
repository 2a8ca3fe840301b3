"""Measure this library next to Luigi, to pandas alone and to the published library: `python benchmarks/run.py --help`.

The sides of a case run in turn, each in a process of its own, and the best of some rounds counts: a busy machine slows
all of them down, and the ratios stay.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from child import FailedError, ask
from published import published_python
from suite import Case, Options, Section, sections
from table import Figure, document

SECTIONS = ('importing', 'creation', 'graphs', 'frames', 'object_storage')
OURS, PUBLISHED = 'gokart', 'published'
MEMORY = 'mebibytes'


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what the command line asks for, and print or write the tables."""
    options, chosen, output, python = _parsed(arguments)
    pythons = {OURS: sys.executable, PUBLISHED: python} if python else {OURS: sys.executable}
    found: list[tuple[Section, list[Figure]]] = []
    with tempfile.TemporaryDirectory() as directory:
        for section in sections(options, directory):
            if section.name in chosen:
                found.append((section, list(measured(section, options, pythons))))
                if output:  # after each section: a run takes long, and may be interrupted
                    output.write_text(document(found), encoding='utf-8')
    if output is None:
        print(document(found))


def measured(section: Section, options: Options, pythons: dict[str, str]) -> Iterator[Figure]:
    """Measure the cases of a section; a side that failed at one size is not asked for a larger one."""
    given_up: dict[tuple[str, str], str] = {}
    for case in section.cases:
        answers: dict[str, dict[str, float] | str] = {}
        for number in range(case.rounds or options.rounds):
            for side in (case.reference, *pythons):
                failed = given_up.get((case.group or case.title, side)) or answers.get(side)
                if isinstance(failed, str):
                    answers[side] = failed
                    continue
                print(f'{section.name}: {case.title} {side} ({number + 1})', file=sys.stderr)
                try:
                    found = ask(
                        pythons.get(side, sys.executable), case.script, _question(case, side), options.limit_seconds
                    )
                except FailedError as error:
                    answers[side] = given_up[case.group or case.title, side] = str(error)
                else:
                    answers[side] = _best(answers.get(side), found)
        yield from _figures(section, case, answers)


def _question(case: Case, side: str) -> dict[str, object]:
    return {'side': side, **case.question}


def _best(before: dict[str, float] | str | None, found: dict[str, float]) -> dict[str, float]:
    if not isinstance(before, dict):
        return found
    return {name: min(value, before[name]) for name, value in found.items()}


def _figures(section: Section, case: Case, answers: dict[str, dict[str, float] | str]) -> Iterator[Figure]:
    names = dict.fromkeys(name for found in answers.values() if isinstance(found, dict) for name in found)
    for name in names or ['']:
        values = {side: _value(found, name) for side, found in answers.items()}
        plain = name in ('', 'seconds')
        title = case.title if plain else f'{case.title}, {name}' if case.title else name
        if name == MEMORY:
            yield Figure(f'{case.title}, memory', 'MiB', 1, values.pop(case.reference), values)
        else:
            yield Figure(title, section.unit, section.factor, values.pop(case.reference), values)


def _value(found: dict[str, float] | str, name: str) -> float | str:
    return found if isinstance(found, str) else found.get(name, '')


def _parsed(arguments: Sequence[str] | None) -> tuple[Options, Sequence[str], Path | None, str | None]:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('sections', nargs='*', metavar='SECTION', help=f'of {", ".join(SECTIONS)}; default: all')
    parser.add_argument('--quick', action='store_true', help='small sizes, one round: a minute or two')
    parser.add_argument('--tasks', help='sizes of the graphs, as in 100,1000')
    parser.add_argument('--frame-mib', type=float, help='size of the large objects')
    parser.add_argument('--rounds', type=int, help='how often each case is measured; the best counts')
    parser.add_argument('--limit', type=float, help='seconds after which a measurement is given up')
    parser.add_argument(
        '--published', metavar='PYTHON', help='a Python with the published library; default: one is made'
    )
    parser.add_argument('--no-published', action='store_true', help='leave the published library out')
    parser.add_argument('--output', type=Path, help='write the tables to this Markdown file, instead of printing them')
    parsed = parser.parse_args(arguments)
    unknown = sorted(set(parsed.sections) - set(SECTIONS))
    if unknown:
        parser.error(f'there is no section {", ".join(unknown)}; there are {", ".join(SECTIONS)}')
    quick = Options(tasks=(100,), frame_mebibytes=20, rounds=1, limit_seconds=30) if parsed.quick else Options()
    options = Options(
        tasks=tuple(sorted(int(part) for part in parsed.tasks.split(','))) if parsed.tasks else quick.tasks,
        frame_mebibytes=parsed.frame_mib or quick.frame_mebibytes,
        rounds=parsed.rounds or quick.rounds,
        limit_seconds=parsed.limit or quick.limit_seconds,
    )
    python = None if parsed.no_published else parsed.published or published_python()
    return options, parsed.sections or SECTIONS, parsed.output, python


if __name__ == '__main__':
    main()
