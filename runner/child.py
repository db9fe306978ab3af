"""The child process of a worker: trains one job after another, and ends with its parent.

Light to import, for the worker imports it to start it; what trains is imported in the child alone.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
from contextlib import suppress
from multiprocessing.connection import Connection
from queue import Empty, SimpleQueue

from runner.job import Job

STOP = "stop"
"""The message that asks for the job in hand to be left after a last checkpoint, and no other to be
taken."""

GO_ON = "go on"
"""The message that a job which was taken may begin: the worker knows of it."""

PR_SET_PDEATHSIG = 1  # linux/prctl.h

IDLE = 1.0  # seconds after a job before loops are compiled for later ones


class Task:
    """A job that came through the pipe, and what was said of it since."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.stop = threading.Event()
        self.go_on: SimpleQueue[None] = SimpleQueue()


def main(pipe: Connection, *, compile_ahead: bool) -> None:
    """Make every attempt that comes through the pipe and those that can be taken after it, and send
    back how each ended; with nothing to do, compile loops ahead where that is wanted."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the dispatcher's to handle
    _die_with_parent()
    tasks: SimpleQueue[Task] = SimpleQueue()
    threading.Thread(target=_listen, args=(pipe, tasks), name="listener", daemon=True).start()
    from engine.ahead import Ahead
    from runner.following import in_a_row

    ahead = Ahead()
    patience = None
    if compile_ahead:
        if tasks.empty():  # a run that has come meanwhile loads what it needs
            with suppress(Exception):  # where Numba is broken, a run that needs it says so
                ahead.load()
        patience = 0.0
    used_gpu = False
    while not used_gpu:
        try:
            task = tasks.get(timeout=patience)
        except Empty:
            with suppress(Exception):
                ahead.compile(busy=lambda: not tasks.empty())
            task = tasks.get()
        for ending, following in in_a_row(task):
            used_gpu = ending.used_gpu
            pipe.send((ending, following))
        patience = IDLE if compile_ahead else None


def _die_with_parent() -> None:
    """Have the kernel end this process when its parent dies: one that is frozen hears of nothing
    else, and might hold the lock of a SQLite database for ever.

    Linux means by parent the thread that started this process: one of the Dask worker's, which all
    last as long as the worker.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _listen(pipe: Connection, tasks: SimpleQueue[Task]) -> None:
    """Take jobs and requests to stop; the pipe breaks when the parent dies, however it dies."""
    task: Task | None = None
    while True:
        try:
            message = pipe.recv()
        except (EOFError, OSError):
            os._exit(1)
        if isinstance(message, Job):
            task = Task(message)
            tasks.put(task)
        elif task and message == STOP:
            task.stop.set()
        elif task and message == GO_ON:
            task.go_on.put(None)
