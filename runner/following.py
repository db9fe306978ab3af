"""A child between two runs: it takes the next one that waits by itself.

The way by the worker, Dask and the dispatcher to the next run takes as long as a short run trains.
So after one the child claims the next as the dispatcher would, from the same queue and by the same
rules, and says so to its worker before it begins. Its claim names the attempt that it was given
first (`Queue.taken`), whereby the dispatcher knows whose run it is, and what to do where the child,
the worker or the scheduler is lost.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from queue import Empty

from engine.messages import Message
from runner.attempt import make_attempt, store_of
from runner.child import Task
from runner.job import Ending, EndingKind, Job

IN_A_ROW = 5.0
"""Seconds from the first run on in which others are taken. Then the child gives its place back: to
other databases' runs, to a worker that is to end, to whatever the dispatcher would do with it."""

_log = logging.getLogger(__name__)


def in_a_row(task: Task) -> Iterator[tuple[Ending, Job | None]]:
    """Make the task's attempt, and those that are taken after it: how each ended, and which is
    next. None of them begins before the worker knows of it."""
    job, until = task.job, time.monotonic() + IN_A_ROW
    while True:
        ending = make_attempt(job, task.stop)
        may = job.goes_on and ending.kind is EndingKind.ENDED and not ending.used_gpu
        late = task.stop.is_set() or time.monotonic() > until
        following = taken_after(job) if may and not late else None
        yield ending, following
        if following is None:
            return
        job = following
        try:
            task.go_on.get(timeout=job.lease / 2)  # nobody renews the lease meanwhile
        except Empty:
            silent = Message("its worker did not let it begin")
            yield Ending(EndingKind.STOPPED, silent), None
            return


def taken_after(job: Job) -> Job | None:
    """The next run, claimed; None where none waits, or a sweep's next point has to be found first.

    Whatever keeps it from being claimed leaves it in the queue, for the dispatcher to look at.
    """
    try:
        store = store_of(job.database_url)
        if store.sweeps.unproposed():
            return None
        only = None if job.on_gpu else False
        claim = store.queue.claim(lease=job.lease, gpu=only, after=job.task or job.key)
    except Exception as error:
        _log.warning("no run could be taken after %s: %s", job, error)
        return None
    return job.followed_by(claim.run_id, claim.attempt) if claim else None
