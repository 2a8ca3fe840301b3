"""The clock that leases end by: it never goes back, and goes on while a process is stopped or a machine sleeps."""

from __future__ import annotations

import sys
import time

if sys.platform == 'linux':

    def now_seconds() -> float:
        """Return the seconds since some moment; only differences mean something."""
        return time.clock_gettime(time.CLOCK_BOOTTIME)

else:
    now_seconds = time.monotonic
