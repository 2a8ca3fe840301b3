"""What the benchmarks share: best times, and the same script run by another Python."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Callable
from time import perf_counter


def best_seconds(action: Callable[[], object], rounds: int = 5) -> float:
    """The shortest of some runs: the one that the rest of the machine disturbed least."""
    seconds = []
    for _ in range(rounds):
        start = perf_counter()
        action()
        seconds.append(perf_counter() - start)
    return min(seconds)


def main(description: str, measure: Callable[[], dict[str, float]], unit: str, factor: float) -> None:
    """Print the seconds that `measure` returns, times `factor`, as ratios to its first entry.

    With --published, the same for the gokart that another Python has installed, next to ours, and how many times as
    long as ours that takes.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument('--published', metavar='PYTHON', help='a Python that has another gokart installed')
    parser.add_argument('--json', action='store_true', help='print plain seconds')
    arguments = parser.parse_args()
    seconds = measure()
    if arguments.json:
        print(json.dumps(seconds))
        return
    columns = {'this gokart': seconds}
    if arguments.published:
        columns['published'] = measure_elsewhere(arguments.published)
    heading = ''.join(f'{title:>14}{"ratio":>8}' for title in columns)
    print(f'{unit:<28}{heading}{"times ours" if len(columns) > 1 else "":>12}'.rstrip())
    for name in seconds:
        cells = ''.join(
            f'{column[name] * factor:>14.2f}{column[name] / next(iter(column.values())):>8.2f}'
            for column in columns.values()
        )
        times = f'{columns["published"][name] / seconds[name]:>12.1f}' if 'published' in columns else ''
        print(f'{name:<28}{cells}{times}')


def measure_elsewhere(python: str) -> dict[str, float]:
    done = subprocess.run([python, sys.argv[0], '--json'], capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found
