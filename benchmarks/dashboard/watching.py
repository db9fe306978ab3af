"""What a run pays for being watched: its training time with a page open on it, and without.

The training is a process of its own, on one thread, as a worker's child has it.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from itertools import repeat
from statistics import median

from benchmarks.dashboard.client import Seen, User
from db.store import Store
from engine.default import default_config

EPOCHS = 150
LEASE = 600.0

_CHILD = """
import sys, threading
from db.store import Store
from runner.attempt import make_attempt
from runner.job import Job
url, lease = sys.argv[1], float(sys.argv[2])
with Store.open(url) as store:
    claim = store.queue.claim(lease=lease)
    job = Job(claim.run_id, claim.attempt, url, lease)
    print("ready", flush=True)
    sys.stdin.readline()
    make_attempt(job, threading.Event())
"""


def times(url: str, address: str, *, rounds: int) -> tuple[float, float]:
    """Median seconds of a training that is watched, and of one that is not, each in turn."""
    watched, alone = [], []
    for _ in range(rounds):
        alone.append(asyncio.run(_train(url, None)))
        watched.append(asyncio.run(_train(url, address)))
    return median(watched), median(alone)


async def _train(url: str, address: str | None) -> float:
    """Seconds that one training takes; somebody looks at its page where an address is given."""
    with Store.open(url) as store:
        config = default_config().model_copy(update={"epochs": EPOCHS})
        run = store.queue.enqueue(config, owner="benchmark", priority=10)
    command = [sys.executable, "-c", _CHILD, url, str(LEASE)]
    child = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
    )
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdout.readline()
    seen = Seen()
    looking = None
    if address is not None:
        pages = repeat(("run", f"id={run.id}"))
        visit = User(address, seen).visit(pages, until=time.monotonic() + LEASE, think=LEASE)
        looking = asyncio.create_task(visit)
        await asyncio.sleep(2)  # the page is open before the training begins
    begin = time.perf_counter()
    child.stdin.write(b"\n")
    child.stdin.flush()
    await asyncio.to_thread(child.wait)
    seconds = time.perf_counter() - begin
    if looking is not None:
        looking.cancel()
        assert not seen.errors, seen.errors
    return seconds
