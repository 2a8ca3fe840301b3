"""What makes scheduler and worker of a build; users subclass it to bring their own."""

from __future__ import annotations

from typing import Any, Protocol

import luigi
from luigi.rpc import RemoteScheduler
from luigi.scheduler import Scheduler

from gokart import _luigi
from gokart.running.engines.choice import checked_workers, make_engine
from gokart.running.worker import Worker, gokart_worker
from gokart.scheduling.scheduler import LocalScheduler


class WorkerProtocol(Protocol):
    """What Luigi needs from a worker."""

    def add(self, task: luigi.Task, multiprocess: bool = False, processes: int = 0) -> bool: ...  # noqa: D102

    def run(self) -> bool: ...  # noqa: D102

    def __enter__(self) -> WorkerProtocol: ...

    def __exit__(self, *exc_info: Any) -> bool | None: ...


class WorkerSchedulerFactory:
    """Makes scheduler and worker of a build; for ``luigi.build(..., worker_scheduler_factory=...)`` as well.

    Args:
        executor: where bodies run, as `gokart.build` takes it; by default what ``[gokart_worker]`` says.
        workers: how many at a time, if the user said so; by default what suits the executor.

    Attributes:
        worker: the worker that was made last.
    """

    worker: Worker | None = None

    def __init__(self, executor: Any = None, workers: int | None = None) -> None:
        self._executor = executor
        self._workers = workers

    def create_local_scheduler(self) -> Scheduler:
        """Return a scheduler that lives in this process."""
        # Luigi's scheduler does not believe for ten seconds that what was done has to be done again. Its only worker
        # here has just looked: somebody has removed an output.
        scheduler: Scheduler = LocalScheduler(
            prune_on_get_work=True, record_task_history=False, stable_done_cooldown_secs=0
        )
        return scheduler

    def create_remote_scheduler(self, url: str) -> RemoteScheduler:
        """Return the scheduler that is served at `url`."""
        return RemoteScheduler(url)

    def create_worker(self, scheduler: Any, worker_processes: int, assistant: bool = False) -> WorkerProtocol:
        """Return a worker that runs up to `worker_processes` tasks at a time."""
        config = gokart_worker()
        workers = checked_workers(worker_processes)
        executor = self._executor if self._executor is not None else config.executor
        engine = None
        if executor is not None and executor != '':
            given = self._workers is not None or workers != 1 or _luigi.workers_are_configured()
            engine = make_engine(executor, workers if given else None, config.start_method)
            workers = engine.workers
        worker = Worker(scheduler, None, workers or 1, assistant, config, engine)
        self.worker = worker
        return worker
