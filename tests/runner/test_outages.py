"""The database is away for a while, or takes no writes, under a run that trains."""

from __future__ import annotations

import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psutil
import pytest

from benchmarks.soak.outage import away
from db.records import Status
from db.store import Store
from runner.attempt import make_attempt
from runner.job import EndingKind, Job
from tests.runner.conftest import Served, served_on
from tests.runner.gates import Gate
from tests.runner.processes import (
    CONFIG,
    LEASE,
    SHORT,
    assert_whole,
    enqueue,
    family,
    get,
    reasons,
    wait_for_child,
    wait_for_end,
)

pytestmark = pytest.mark.processes

SHORTER, LONGER = LEASE / 3, LEASE + 0.5


def test_a_database_that_is_away_for_less_than_a_lease_is_waited_for(
    served: Served, gate: Gate
) -> None:
    run_id = held(served, gate)
    with away(served.url):
        gate.open()
        time.sleep(SHORTER)
    assert wait_for_end(served.store, run_id).attempt == 1
    assert reasons(served.store, run_id) == []
    assert_whole(served.store, run_id)


@served_on("sqlite")
def test_a_file_locked_for_longer_than_a_lease_loses_no_run(served: Served, gate: Gate) -> None:
    run_id = held(served, gate)
    with away(served.url):
        gate.open()
        time.sleep(LONGER)
    assert_nothing_is_lost(served, run_id)


@served_on("postgresql")
def test_a_server_that_dies_and_comes_back_after_a_lease_loses_no_run(
    served: Served, gate: Gate, postgres_process: Any
) -> None:
    run_id = held(served, gate, max_attempts=1)  # which the run's own faults alone use up
    fall(postgres_process)
    gate.open()
    time.sleep(LONGER)
    postgres_process.ensure_postgres_running()
    assert_nothing_is_lost(served, run_id)


@served_on("sqlite")
def test_a_disk_that_is_full_for_longer_than_a_lease_costs_no_step(
    served: Served, gate: Gate
) -> None:
    run_id = held(served, gate)
    let_files_grow_to(0, served.dispatcher)
    gate.open()
    time.sleep(0.7)  # longer than the recorder waits between two writes
    step = get(served.store, run_id).step
    time.sleep(LONGER)
    assert get(served.store, run_id).step == step, "the disk was not full"
    assert get(served.store, run_id).status is Status.RUNNING
    let_files_grow_to(psutil.RLIM_INFINITY, served.dispatcher)
    assert_nothing_is_lost(served, run_id)
    let_files_grow_to(psutil.RLIM_INFINITY, served.dispatcher)  # and what was just being born


def test_an_attempt_that_begins_while_the_database_is_away_waits_for_it(store: Store) -> None:
    enqueue(store, SHORT)
    claim = store.queue.claim(lease=60)
    assert claim is not None
    job = Job(claim.run_id, claim.attempt, store.url, lease=60)
    with ThreadPoolExecutor() as pool:
        with away(store.url):
            attempt = pool.submit(make_attempt, job, threading.Event())
            time.sleep(1)
            assert not attempt.done()
        assert attempt.result().kind is EndingKind.ENDED
    assert_whole(store, claim.run_id, SHORT)


def held(served: Served, gate: Gate, **options: Any) -> int:
    """A run that goes on training once the gate opens."""
    run_id = enqueue(served.store, CONFIG, gate, **options)
    wait_for_child(served.store, run_id, step=gate.step)
    return run_id


def assert_nothing_is_lost(served: Served, run_id: int) -> None:
    """The run is done and whole, and its log says why an attempt was given up."""
    run = wait_for_end(served.store, run_id)
    assert_whole(served.store, run_id)
    told = reasons(served.store, run_id)
    assert len(told) == run.attempt - 1 <= 1
    assert all("nothing could be written" in why or "not heard of" in why for why in told), told
    assert served.dispatcher.is_running()


def fall(server: Any) -> None:
    """End a PostgreSQL server at once, without closing any connection."""
    postmaster = psutil.Process(server.get_pid())
    postmaster.send_signal(signal.SIGQUIT)
    psutil.wait_procs([postmaster], timeout=20)


def let_files_grow_to(size: int, process: psutil.Popen) -> None:
    """Have every write beyond this size of a file fail, as on a disk without space."""
    for each in (process, *family(process.pid)):
        each.rlimit(psutil.RLIMIT_FSIZE, (size, psutil.RLIM_INFINITY))
