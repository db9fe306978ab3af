"""The Dask cluster that runs are placed on: one that exists, or workers of our own on this machine.

Dask does placement, transport and the supervision of workers. It is told to retry nothing, to move
nothing and to measure little: the database is the queue, and what is lost is queued again from
there.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any
from uuid import uuid4

import dask
from distributed import CancelledError, Client, Future, LocalCluster
from distributed.security import Security

from engine.messages import Message
from runner import supervisor
from runner.job import Job, Made

log = logging.getLogger(__name__)

PROGRAM = version("layerlab")

DASK_CONFIG = {
    "distributed.scheduler.allowed-failures": 0,  # else a killed worker's run starts over, unseen
    "distributed.scheduler.work-stealing": False,
    "distributed.scheduler.active-memory-manager.start": False,
    "distributed.worker.daemon": False,  # a daemonic worker may not have children
    "distributed.worker.profile.enabled": False,
    "distributed.admin.system-monitor.interval": "5s",
    "distributed.scheduler.http.routes": [],  # pages that would tell anybody what is trained
    "distributed.worker.http.routes": [],
    "distributed.admin.tick.interval": "500ms",  # at Dask's own 20ms, most of what idleness costs
}
"""What layerlab needs of Dask. Schedulers and workers that are started elsewhere take it from their
environment: docker-compose.yml shows how."""

_FOR_OWN_WORKERS = {"distributed.deploy.lost-worker-timeout": "10000 days"}
"""A worker that died is started again, however long that takes. After 15 s, which a machine with
much to do can need for it, Dask would end what starts it, for good, and with it the worker that had
perhaps just come and taken a run."""

GPU = "GPU"
"""The Dask resource of workers with a GPU: `dask worker --resources GPU=1`."""


@dataclass(frozen=True, slots=True)
class Slots:
    """How many runs can train at a time, on workers with a GPU and on others."""

    gpu: int
    other: int

    @property
    def total(self) -> int:
        return self.gpu + self.other


@dataclass(frozen=True, slots=True)
class Hindrance:
    """Why runs cannot be placed: all of them, or those that insist on a GPU."""

    reason: Message
    gpu: bool | None = None


class ClusterError(Exception):
    """The scheduler does not answer, and what was running there is gone with it."""


class Cluster:
    """A client of a Dask scheduler, and the workers with it where they are our own.

    Every method but `close` raises ClusterError where the scheduler does not answer.
    """

    def __init__(self, address: str | None, workers: int, *, compile_ahead: bool) -> None:
        dask.config.set(DASK_CONFIG)
        self._own = None if address else _local_cluster(workers)
        self._programs: dict[str, str] = {}  # the version of layerlab that each worker runs
        with _lost():
            self._client = Client(address or self._own, set_as_default=False, timeout="5s")
            self._client.register_plugin(supervisor.Supervisor(compile_ahead=compile_ahead))
            self._scheduler = self._identity()["id"]

    def _identity(self) -> Any:
        """What the scheduler tells of itself and its workers: asked for itself, since what a client
        remembers of it (`scheduler_info`) may just have been renewed without the workers."""
        if (scheduler := self._client.scheduler) is None:
            raise ClusterError("the connection to the Dask scheduler is closed")
        return self._client.sync(scheduler.identity)

    def slots(self) -> Slots:
        """How many runs can train at a time."""
        if self._client.status != "running":
            raise ClusterError("the connection to the Dask scheduler has broken")
        with _lost():
            threads, gpus = self._fitting(), self._gpus()
        gpu = sum(min(n, gpus[address]) for address, n in threads.items() if address in gpus)
        return Slots(gpu, sum(n for address, n in threads.items() if address not in gpus))

    def _gpus(self) -> dict[str, int]:
        """The workers with GPUs, and how many runs each takes."""
        told = self._identity()
        if told["id"] != self._scheduler:
            # Dask has reconnected by itself, to one that knows neither our jobs nor our plugin.
            raise ClusterError("the Dask scheduler was started anew")
        workers = told["workers"].items()
        has = {address: int(worker["resources"].get(GPU, 0)) for address, worker in workers}
        return {address: n for address, n in has.items() if n}

    def _fitting(self) -> dict[str, int]:
        """The workers that run this very program, and how many runs each takes.

        Another version may know other tables, or train to other results.
        """
        threads: dict[str, int] = self._client.nthreads()
        self._programs = {a: program for a, program in self._programs.items() if a in threads}
        if self._own is None and (unknown := threads.keys() - self._programs.keys()):
            self._learn_programs(list(unknown))
        return {address: n for address, n in threads.items() if not self._misfit(address)}

    def _misfit(self, address: str) -> bool:
        return self._own is None and self._programs.get(address) != PROGRAM

    def _learn_programs(self, workers: list[str]) -> None:
        answers = self._client.run(supervisor.program, workers=workers, on_error="return")
        for address, answer in answers.items():
            if isinstance(answer, OSError):  # it has just gone, or will be asked again
                continue
            self._programs[address] = answer if isinstance(answer, str) else "of an older version"
            if self._misfit(address):
                log.warning("%s", _refusal(address, self._programs[address]))

    def hindrance(self, slots: Slots) -> Hindrance | None:
        """What keeps waiting runs from being placed, however long they wait."""
        if slots.total == 0 and any(map(self._misfit, self._programs)):
            outdated = Message(
                "no worker runs layerlab {version} as the dispatcher does; update them",
                version=PROGRAM,
            )
            return Hindrance(outdated)
        if slots.gpu == 0 and slots.total > 0:
            none = Message("no worker has a GPU; start one with `--resources GPU=1`")
            return Hindrance(none, gpu=True)
        return None

    def submit(self, job: Job, on_end: Callable[[Any], None]) -> Future[list[Made]]:
        """Give a job to a free worker; when it has ended, and those that its child took after it,
        another thread calls `on_end`."""
        key = f"run-{job.run_id}-{job.attempt}-{uuid4().hex}"
        with _lost():
            future = self._client.submit(
                supervisor.make, job, key=key, retries=0, pure=False, **self._place(job)
            )
            future.add_done_callback(on_end)
            return future

    def _place(self, job: Job) -> dict[str, Any]:
        """Where a job may go: the slots that it was counted among."""
        gpus, fitting = self._gpus(), self._fitting()
        misfits = any(map(self._misfit, self._client.nthreads()))
        if job.on_gpu:
            only = {"workers": [address for address in fitting if address in gpus]}
            return {"resources": {GPU: 1}} | (only if misfits else {})
        others = [address for address in fitting if address not in gpus]
        if misfits:
            return {"workers": others or list(fitting)}
        # A preference only: where the others have just gone, the job must not wait for them.
        return {"workers": others, "allow_other_workers": True} if gpus and others else {}

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


def _refusal(address: str, program: str) -> str:
    what = f"the worker {address} runs layerlab {program}, and this dispatcher {PROGRAM}"
    return f"{what}: it is given no runs until it is updated"


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
    All count as workers with a GPU: where this machine has none, a run that insists on one says so.
    """
    dask.config.set(_FOR_OWN_WORKERS)
    return LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        processes=True,
        resources={GPU: 1},
        host="127.0.0.1",
        dashboard_address=None,
        scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},  # or it would want port 8787
        security=Security.temporary(),
        memory_limit=0,  # the memory is the children's, and Dask does not see it
    )
