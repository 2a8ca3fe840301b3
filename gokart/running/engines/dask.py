"""The back end of a cluster of Dask: bodies are submitted one by one, and nothing is kept of those that have ended."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import time
import uuid
from collections.abc import Collection, Mapping
from concurrent import futures
from typing import Any

from gokart.running.engines.body import Body, BodyInterruptedError, FailedBody, PortableBody, execute
from gokart.running.engines.dask_clients import place_of
from gokart.running.task_results import TaskResult

logger = logging.getLogger(__name__)


class DaskBackend:
    """Runs bodies by a client of Dask.

    Not by its executor: that one keeps the futures of what has ended, and Dask runs it again when the worker that holds
    the result is lost.

    Args:
        client: the client.
        workers: how many bodies run at a time; by default as many as the cluster has threads.
        options: what `distributed.Client.submit` takes besides, such as ``resources``.
        is_own: whether the client ends with the build.
    """

    name = 'client of Dask'

    def __init__(
        self, client: Any, workers: int | None, options: Mapping[str, Any] | None = None, is_own: bool = False
    ) -> None:
        self.workers = workers or sum(client.nthreads().values()) or 1
        self._client = client
        self._options = {**(options or {}), 'pure': False, 'retries': 0}
        self._place = place_of(client)
        self._is_own = is_own
        self._submitted: dict[futures.Future[TaskResult], Any] = {}
        self._is_deserted = False
        self._next_look = 0.0

    def submit(self, body: Body) -> futures.Future[TaskResult]:
        """Submit the body."""
        body.place = self._place
        name = f'{body.task.task_family}-{uuid.uuid4()}'
        theirs = self._client.submit(execute_quietly, body.portable_or_failed(), key=name, **self._options)
        ours: futures.Future[TaskResult] = futures.Future()
        ours.set_running_or_notify_cancel()
        self._submitted[ours] = theirs

        def pass_on(_: Any) -> None:
            self._pass_on(ours)

        theirs.add_done_callback(pass_on)
        return ours

    def _pass_on(self, ours: futures.Future[TaskResult]) -> None:
        theirs = self._submitted.pop(ours, None)
        if theirs is None:  # it was given up
            return
        try:
            result: TaskResult | None = theirs.result()
        except BaseException as error:
            theirs.release()
            ours.set_exception(error)
        else:
            theirs.release()
            if result is None:
                ours.set_exception(BodyInterruptedError(theirs.key))
            else:
                ours.set_result(result)

    def has_lost(self, error: BaseException) -> bool:
        """Whether the workers that were to run the body have ended, or its future was cancelled."""
        from distributed import KilledWorker

        return isinstance(error, (KilledWorker, futures.CancelledError))

    def look_around(self) -> None:
        """Warn, once, when no worker is left: Dask waits without a word until one comes."""
        if not self._submitted or time.monotonic() < self._next_look:
            return
        self._next_look = time.monotonic() + _LOOK_SECONDS
        was_deserted, self._is_deserted = self._is_deserted, self._has_no_workers()
        if self._is_deserted and not was_deserted:
            address = self._client.scheduler.address
            logger.warning(
                'no worker of Dask is left at %s; tasks that wait for one: %d. Start one: dask worker %s',
                *(address, len(self._submitted), address),
            )

    def _has_no_workers(self) -> bool:
        try:
            return not self._client.sync(self._client.scheduler.ncores, callback_timeout=_CALL_SECONDS)
        except Exception as error:
            logger.debug('the cluster does not tell what it has: %r', error)
            return False

    def kill(self, future: futures.Future[TaskResult]) -> bool:
        """Cancel the task, and end the worker that runs it if it runs nothing else and a nanny replaces it."""
        self.end([future])
        return True

    def end(self, running: Collection[futures.Future[TaskResult]]) -> None:
        """Cancel the tasks, and end the workers that run nothing else and have a nanny, which replaces them."""
        given_up = [(ours, self._submitted.pop(ours, None)) for ours in running]
        found = [(ours, theirs) for ours, theirs in given_up if theirs is not None]
        addresses = self._workers_of({theirs.key for _, theirs in found})
        self._client.cancel([theirs for _, theirs in found], force=True)
        for ours, _ in found:
            ours.set_exception(futures.CancelledError())
        if addresses:
            self._end_workers(addresses)

    def _end_workers(self, addresses: list[str]) -> None:
        """End workers, which their nannies start anew; by these themselves, that would wait for the bodies first."""
        options = {'workers': addresses, 'wait': False, 'on_error': 'ignore'}
        # The scheduler goes on calling a worker that has just ended until Dask's timeout of connections.
        with contextlib.suppress(TimeoutError, asyncio.TimeoutError):
            self._client.sync(self._client._run, _end_worker, callback_timeout=_CALL_SECONDS, **options)

    def _workers_of(self, keys: set[str]) -> list[str]:
        """Return the addresses of the workers that run nothing but `keys` and are replaced when they end."""
        try:
            processing: Mapping[str, Collection[Any]] = self._client.processing()
            known = self._client.scheduler_info(n_workers=-1)['workers']
        except Exception as error:
            logger.debug('the cluster does not tell what it runs: %r', error)
            return []
        found = [address for address, running in processing.items() if running and keys.issuperset(running)]
        return [address for address in found if known.get(address, {}).get('nanny')]

    def close(self) -> None:
        """Close our own client."""
        if self._is_own:
            self._client.close()


def execute_quietly(body: PortableBody | FailedBody) -> TaskResult | None:
    """Run one attempt at a task; None if it was interrupted, an exception that workers of Dask would log or end by."""
    try:
        return execute(body)
    except (BodyInterruptedError, KeyboardInterrupt):
        return None


async def _end_worker() -> None:
    await asyncio.sleep(_ANSWER_SECONDS)
    os._exit(1)


_ANSWER_SECONDS = 0.05
"""How long a worker that is to end has to tell that it heard it."""


_CALL_SECONDS = 1.0
"""How long the scheduler may take to answer, or to pass a message on."""


_LOOK_SECONDS = 5.0
"""How often the scheduler is asked for its workers while nothing ends."""
