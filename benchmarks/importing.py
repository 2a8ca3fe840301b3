"""How long `import gokart` takes in a fresh interpreter, next to `import luigi`."""

from __future__ import annotations

import subprocess
import sys

from measuring import main

ROUNDS = 7


def seconds_of(statement: str) -> float:
    code = f'from time import perf_counter as now; start = now(); {statement}; print(now() - start)'
    # -I: the gokart that is installed, not the one in the working directory.
    command = [sys.executable, '-I', '-W', 'ignore', '-c', code]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(done.stdout)


def measure() -> dict[str, float]:
    statements = ['import luigi', 'import gokart']
    # In turns, so that a busy moment of the machine hits both.
    rounds = [{statement: seconds_of(statement) for statement in statements} for _ in range(ROUNDS)]
    return {statement: min(seconds[statement] for seconds in rounds) for statement in statements}


if __name__ == '__main__':
    main(__doc__, measure, 'ms', 1e3)
