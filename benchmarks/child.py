"""How a figure is measured in a process of its own: the question on its command line, the answer as its last line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

DIRECTORY = Path(__file__).parent


class FailedError(Exception):
    """A figure that cannot be measured; the text says why, as it stands in the table."""


def answer(measure: Callable[..., Mapping[str, float]]) -> None:
    """Call `measure` with the keyword arguments that stand on the command line as JSON, and print what it returns."""
    print(json.dumps(measure(**json.loads(sys.argv[1]))), flush=True)


def ask(python: str, script: str, question: Mapping[str, Any], limit_seconds: float) -> dict[str, float]:
    """Let `python` measure what `script` measures for `question`.

    Raises:
        FailedError: it takes longer than `limit_seconds`, or ends with an exception.
    """
    command = [python, '-W', 'ignore', str(DIRECTORY / script), json.dumps(question)]
    environment = {name: value for name, value in os.environ.items() if name != 'PYTHONPATH'}
    if python == sys.executable:
        environment['PYTHONPATH'] = str(DIRECTORY.parent)  # this tree, whatever is installed
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, env=environment, timeout=limit_seconds
        )
    except subprocess.TimeoutExpired:
        raise FailedError(f'> {limit_seconds:.0f} s') from None
    if done.returncode:
        raise FailedError(_reason(done.stderr))
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def _reason(errors: str) -> str:
    for name in ('RecursionError', 'MemoryError'):
        if name in errors:
            return name
    lines = errors.strip().splitlines() or ['killed']
    return lines[-1].partition(':')[0]
