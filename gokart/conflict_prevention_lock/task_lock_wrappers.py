"""The door of functions that run another one under a lock."""

from __future__ import annotations

from gokart.target_locks import wrap_dump_with_lock as wrap_dump_with_lock
from gokart.target_locks import wrap_load_with_lock as wrap_load_with_lock
from gokart.target_locks import wrap_remove_with_lock as wrap_remove_with_lock
from gokart.target_locks import wrap_run_with_lock as wrap_run_with_lock
