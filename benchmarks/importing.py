"""How long the import takes in a fresh interpreter."""

from __future__ import annotations

from time import perf_counter

from child import answer


def measure(side: str) -> dict[str, float]:
    """Import the library of one side."""
    start = perf_counter()
    if side == 'luigi':
        import luigi  # noqa: F401
    else:
        import gokart  # noqa: F401
    return {'import': perf_counter() - start}


if __name__ == '__main__':
    answer(measure)
