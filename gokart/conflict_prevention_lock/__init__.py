"""The door of locks by the names of earlier versions."""

from __future__ import annotations

from gokart.conflict_prevention_lock import task_lock as task_lock
from gokart.conflict_prevention_lock import task_lock_wrappers as task_lock_wrappers
