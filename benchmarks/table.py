"""The figures of a run as a page in Markdown."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from published import VERSION
from suite import Section

HEAD = """# Speed

What gokart costs beside the work of the tasks, measured by `python benchmarks/run.py`
([how to run it](../../benchmarks/README.md)). This page is its output.

- Each figure comes from a process of its own. The sides of a row ran in turn, and the best of some rounds counts.
- **times** is the figure of gokart divided by that of the reference: below 1 gokart is quicker, or smaller.
- **published** is gokart {published} from PyPI, and how many times the figure of this gokart it is.
- "> 100 s", for example, and names of exceptions say why there is no figure: it was given up, also for larger sizes.

Measured on {machine}, with {versions}.
"""

NOTES = {
    'importing': 'In a fresh interpreter, with its files in the cache of the system.',
    'creation': 'New tasks with integer parameters; Luigi has no ids. TaskOnKart has 20 parameters more.',
    'graphs': (
        'One process, one worker. Tasks load what they require and dump a number, "log files" also store the five log '
        'files, "no files" note in memory that they are done. "finished" is the same build once more: Luigi asks '
        'the root alone; gokart walks the graph, as the id of the root, which names its file, is made of all tasks '
        'below, and one of them may have to run again. A wide graph is '
        'one task that requires all others; a diamond has layers of two tasks that require both of the layer below.'
    ),
    'frames': (
        'Frames of numbers with a column of words, an array of integers (npz), lines (gz); zip is a large-frame '
        'target. Parquet is compressed by gzip on all sides. Memory is the peak of the process over what it held '
        'before: a load cannot need less than the object takes.'
    ),
    'object_storage': (
        'A server on the same machine, behind a proxy that delays each request. The reference makes one small '
        'upload for each task, one after the other, without any library over boto3.'
    ),
}


@dataclass(frozen=True)
class Figure:
    """One row: the reference, and the same of each library."""

    title: str
    unit: str
    factor: float
    reference: float | str
    values: Mapping[str, float | str]
    negligible: float = 0
    """How small a figure is that nothing is to be compared with."""

    @property
    def cells(self) -> list[str]:
        ours, published = self.values.get('gokart', ''), self.values.get('published', '')
        return [
            self.title,
            self._shown(self.reference),
            self._shown(ours),
            self._ratio(ours, self.reference),
            self._shown(published),
            self._ratio(published, ours),
        ]

    def _shown(self, value: float | str) -> str:
        return value if isinstance(value, str) else f'{significant(value * self.factor)} {self.unit.split()[0]}'

    def _ratio(self, value: float | str, other: float | str) -> str:
        if isinstance(value, str) or isinstance(other, str) or other <= self.negligible:
            return ''
        return significant(value / other)


def significant(value: float) -> str:
    """Return a number with at least two digits that mean something."""
    return f'{value:.0f}' if abs(value) >= 20 else f'{value:.1f}' if abs(value) >= 1 else f'{value:.2f}'


def document(found: Sequence[tuple[Section, Sequence[Figure]]]) -> str:
    """Return the page of all sections that were measured."""
    head = HEAD.format(published=VERSION, machine=_machine(), versions=_versions())
    return '\n'.join([head, *(_section(section, figures) for section, figures in found)])


def _section(section: Section, figures: Sequence[Figure]) -> str:
    heading = ['', section.reference, 'gokart', 'times', 'published', 'times ours']
    rows = [heading, ['---', *['---:'] * (len(heading) - 1)], *(figure.cells for figure in figures)]
    table = '\n'.join(f'| {" | ".join(row)} |'.replace('|  |', '| |') for row in rows)
    return f'## {section.heading}\n\n{NOTES[section.name]} Unit: {section.unit}.\n\n{table}\n'


def _machine() -> str:
    busy = f' for {os.getloadavg()[2]:.1f} busy processes' if hasattr(os, 'getloadavg') else ''
    return (
        f'{os.cpu_count()} cores{busy} ({platform.machine()}, {platform.system()}), Python {platform.python_version()}'
    )


def _versions() -> str:
    found = []
    for name in ('luigi', 'pandas', 'numpy', 'pyarrow'):
        try:
            found.append(f'{name} {version(name)}')
        except PackageNotFoundError:
            continue
    return ', '.join(found)
