"""How a benchmark runs in a process of its own: its question on the command line, its answer as the last line."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any


def answer(measure: Callable[..., Any]) -> None:
    """Call `measure` with the keyword arguments that stand on the command line as JSON, and print what it returns."""
    print(json.dumps(measure(**json.loads(sys.argv[1]))), flush=True)
