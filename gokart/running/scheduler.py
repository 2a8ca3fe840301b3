"""Luigi's scheduler, for graphs of any depth."""

from __future__ import annotations

from typing import Any

from luigi.scheduler import Scheduler


class LocalScheduler(Scheduler):
    """The scheduler of builds that run without a server."""

    def _update_priority(self, task: Any, prio: float, worker: str) -> None:
        """Raise the priority of `task` to `prio`, and that of all that it depends on; Luigi's method recurses."""
        task.priority = max(prio, task.priority if isinstance(task.priority, (int, float)) else 0)
        pending = [task]
        while pending:
            raised = pending.pop()
            for dependency_id in raised.deps or ():
                dependency = self._state.get_task(dependency_id)
                if dependency is not None and dependency.priority < raised.priority:
                    dependency.priority = raised.priority
                    pending.append(dependency)
