"""On a Dask worker: warm child processes in which the runs train, one per thread of the worker.

A run does not train in the worker itself, because a thread cannot be stopped; a child can be asked
to, and killed where it does not answer. Children are kept from run to run, since starting one takes
seconds; but one that has used a GPU is not, because only its end frees the GPU's memory.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Collection, Mapping
from contextlib import suppress
from functools import partial
from importlib.metadata import version
from multiprocessing.connection import wait
from typing import TYPE_CHECKING

from distributed import Worker, WorkerPlugin, get_worker

from engine.messages import Message
from runner import child
from runner.job import Ending, EndingKind, Job, Made

if TYPE_CHECKING:
    from db.records import Attempt

ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
"""Two children with unlimited BLAS threads on two cores take 4 to 20 times as long as with one."""

NOT_INHERITED = ("MALLOC_TRIM_THRESHOLD_",)
"""What Dask's nanny sets so that a worker gives memory back at once: in a training it would give
every freed array back to the system and fetch it again, for up to twice the time."""

_PATIENCE = 60.0  # seconds that a new worker may take to have its plugin


class Child:
    """A process that trains one job after another."""

    def __init__(self, *, compile_ahead: bool) -> None:
        os.environ.update(ONE_THREAD)  # inherited, and so set before the child imports NumPy
        for name in NOT_INHERITED:
            os.environ.pop(name, None)
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(
            target=child.main,
            args=(theirs,),
            kwargs={"compile_ahead": compile_ahead},
            name="layerlab child",
            daemon=True,
        )
        self._process.start()
        theirs.close()
        self._killed = False
        self.at: Job | None = None

    def is_alive(self) -> bool:
        return not self._killed and self._process.is_alive()

    def make(self, job: Job) -> list[Made]:
        """Have the job done, and those that the child takes after it; wait until it takes no other
        or the process has died.

        The child begins none of them before it has heard that it is known here to be `at` it.
        """
        self.at, made = job, []
        try:
            self._pipe.send(job)
            while True:
                wait([self._pipe, self._process.sentinel])
                ending, following = self._pipe.recv()
                made.append(Made(self.at, ending))
                if following is None:
                    return made
                self._pipe.send(child.GO_ON)
                self.at = following
        except (EOFError, OSError):
            if not made or made[-1].job is not self.at:
                made.append(Made(self.at, Ending(EndingKind.LOST, self._death())))
            return made

    def _death(self) -> Message:
        self._process.join()
        code, pid = self._process.exitcode or 0, self._process.pid
        if code < 0:
            name = signal.Signals(-code).name
            return Message("the training process {pid} was killed by {name}", pid=pid, name=name)
        return Message("the training process {pid} exited with {code}", pid=pid, code=code)

    def stop(self) -> None:
        """Ask the child to leave its job after a last checkpoint."""
        with suppress(OSError):  # it has just died, which `make` notices
            self._pipe.send(child.STOP)

    def kill(self) -> None:
        """End the process, even one that is stopped or deep in a C call. `make` closes its pipe."""
        self._killed = True
        self._process.kill()


class Supervisor(WorkerPlugin):
    """The children of one Dask worker and the jobs they are at.

    It is made by the dispatcher and travels to the workers, with what the settings say of children.
    """

    name = "layerlab"
    ready = False  # with its children
    idempotent = True  # a second dispatcher's plugin must not tear down the first one's children

    def __init__(self, *, compile_ahead: bool) -> None:
        self._child = partial(Child, compile_ahead=compile_ahead)

    def setup(self, worker: Worker) -> None:
        if multiprocessing.parent_process():  # a nanny that Ctrl-C reaches as well, and in order
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        self._lock = threading.Lock()
        self._closing = False
        self._busy: dict[Job, Child] = {}
        self._idle = [self._child() for _ in range(worker.state.nthreads)]
        self.ready = True

    def teardown(self, worker: Worker) -> None:
        """Kill the children: a worker that waits for one to end would itself never end."""
        with self._lock:
            self._closing = True
            for each in (*self._idle, *self._busy.values()):
                each.kill()
            self._idle.clear()

    def make(self, job: Job) -> list[Made]:
        with self._lock:
            chosen = self._busy[job] = self._take_idle()
        made = chosen.make(job)
        with self._lock:
            del self._busy[job]
            self._keep(chosen, used_gpu=any(each.ending.used_gpu for each in made))
        return made

    def _take_idle(self) -> Child:
        while self._idle:
            chosen = self._idle.pop()
            if chosen.is_alive():
                return chosen
        return self._child()

    def _keep(self, chosen: Child, *, used_gpu: bool) -> None:
        """Keep a child for the next run, or have a fresh one start in its place."""
        fresh = used_gpu or not chosen.is_alive()
        if fresh or self._closing:
            chosen.kill()
        if not self._closing:
            self._idle.append(self._child() if fresh else chosen)

    def jobs(self, database_url: str) -> list[Job]:
        with self._lock:
            return [job for job in self._busy if job.database_url == database_url]

    def stop(self, job: Job) -> None:
        with self._lock:
            if job in self._busy:
                self._busy[job].stop()

    def kill(self, job: Job, at: Attempt | None) -> None:
        with self._lock:
            chosen = self._busy.get(job)
            if chosen and (at is None or (chosen.at and chosen.at.key == at)):
                chosen.kill()


def _supervisor(worker: Worker) -> Supervisor:
    supervisor = worker.plugins[Supervisor.name]
    assert isinstance(supervisor, Supervisor)
    return supervisor


def _is_ready(worker: Worker) -> bool:
    return Supervisor.name in worker.plugins and _supervisor(worker).ready


def make(job: Job) -> list[Made]:
    """The Dask task: have a child of this worker make the attempt, and those that it takes after
    it, and say how they ended.

    After a scheduler's restart a task may reach a worker before the plugin does.
    """
    worker, deadline = get_worker(), time.monotonic() + _PATIENCE
    while not _is_ready(worker):
        if time.monotonic() > deadline:
            unready = Message("its worker was not ready to train")
            return [Made(job, Ending(EndingKind.STOPPED, unready))]
        time.sleep(0.05)
    return _supervisor(worker).make(job)


def program(*, dask_worker: Worker) -> str:
    """The version of layerlab that a worker runs."""
    return version("layerlab")


def jobs(database_url: str, *, dask_worker: Worker) -> list[Job]:
    """The jobs of a database that a worker's children were given, and are at or have gone on
    from."""
    return _supervisor(dask_worker).jobs(database_url)


def stop(jobs: Collection[Job], *, dask_worker: Worker) -> None:
    """Ask a worker's children that were given these jobs to leave what they are at."""
    for job in jobs:
        _supervisor(dask_worker).stop(job)


def kill(jobs: Mapping[Job, Attempt | None], *, dask_worker: Worker) -> None:
    """Kill a worker's children that were given these jobs, as far as each is at the attempt named
    beside it, or whatever it is at."""
    for job, at in jobs.items():
        _supervisor(dask_worker).kill(job, at)
