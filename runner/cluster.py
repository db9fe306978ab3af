"""The Dask cluster that runs are placed on: one that exists, or workers of our own on this machine.

Dask does placement, transport and the supervision of workers. It is told to retry nothing, to move
nothing and to measure little: the database is the queue, and what is lost is queued again from
there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any
from uuid import uuid4

import dask
from distributed import CancelledError, Client, Future, LocalCluster
from distributed.security import Security

from runner import supervisor
from runner.job import Ending, Job

DASK_CONFIG = {
    "distributed.scheduler.allowed-failures": 0,  # else a killed worker's run starts over, unseen
    "distributed.scheduler.work-stealing": False,
    "distributed.worker.daemon": False,  # a daemonic worker may not have children
    "distributed.worker.profile.enabled": False,
    "distributed.admin.system-monitor.interval": "5s",
}
"""What layerlab needs of Dask. Schedulers and workers that are started elsewhere take it from their
environment: docker-compose.yml shows how."""


class ClusterError(Exception):
    """The scheduler does not answer, and what was running there is gone with it."""


class Cluster:
    """A client of a Dask scheduler, and the workers with it where they are our own.

    Every method but `close` raises ClusterError where the scheduler does not answer.
    """

    def __init__(self, address: str | None, workers: int) -> None:
        dask.config.set(DASK_CONFIG)
        self._own = None if address else _local_cluster(workers)
        with _lost():
            self._client = Client(address or self._own, set_as_default=False, timeout="5s")
            self._client.register_plugin(supervisor.Supervisor())

    def slots(self) -> int:
        """How many runs can train at a time."""
        if self._client.status != "running":
            raise ClusterError("the connection to the Dask scheduler has broken")
        with _lost():
            return sum(self._client.nthreads().values())

    def submit(self, job: Job, on_end: Callable[[Any], None]) -> Future[Ending]:
        """Give a job to a free worker; when it has ended another thread calls `on_end`."""
        key = f"run-{job.run_id}-{job.attempt}-{uuid4().hex}"
        with _lost():
            future = self._client.submit(supervisor.make, job, key=key, retries=0, pure=False)
            future.add_done_callback(on_end)
            return future

    def ask_workers(self, question: Callable[..., Any], *arguments: Any) -> list[Any]:
        """Call a function of `runner.supervisor` on every worker that answers."""
        with _lost():
            answers = self._client.run(question, *arguments, on_error="ignore")
            return list(answers.values())

    def close(self) -> None:
        """Leave the scheduler, and end the workers where they are our own."""
        with suppress(Exception):  # one that is gone already must not keep us from leaving
            self._client.close(timeout=1)
        if self._own:
            with suppress(Exception):
                self._own.close(timeout=3)


@contextmanager
def _lost() -> Iterator[None]:
    """Name what Dask raises when a scheduler is away: connections that break, time out or close."""
    try:
        yield
    except (OSError, TimeoutError, RuntimeError, CancelledError) as error:
        raise ClusterError(str(error) or type(error).__name__) from error


def _local_cluster(workers: int) -> LocalCluster:
    """Workers of one thread each, that only holders of the certificate can reach.

    A Dask worker runs whatever it is sent, and other users of this machine could send it things.
    """
    return LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard_address=None,
        security=Security.temporary(),
        memory_limit=0,  # the memory is the children's, and Dask does not see it
    )
