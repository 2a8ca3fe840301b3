"""Luigi's lock around forks, free again in the process that was forked."""

from __future__ import annotations

import os

from luigi.worker import fork_lock as fork_lock


def _release() -> None:
    # It was taken by the thread that forked, in the process that forked; here is nobody else to release it, and a
    # build inside of the forked task would wait for ever.
    if fork_lock.locked():
        fork_lock.release()


if hasattr(os, 'register_at_fork'):
    os.register_at_fork(after_in_child=_release)
