"""What befalls the surroundings of a run: its disk, its database, its clock, its checkpoint."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
import pytest
from sqlalchemy import func, update

from db.models import CheckpointRow, RunRow
from db.records import EventKind, Status
from db.store import Store
from tests.runner.conftest import Served
from tests.runner.processes import (
    ENDLESS,
    LEASE,
    SHORT,
    assert_whole,
    dispatcher,
    enqueue,
    family,
    get,
    reasons,
    until,
    wait_for_child,
    wait_for_end,
)

pytestmark = pytest.mark.processes


@pytest.fixture
def held(served: Served) -> Iterator[Store]:
    """A queue from which nothing begins until it is released."""
    served.store.queue.hold(paused=True)
    yield served.store
    served.store.queue.hold(paused=False)


def kinds(store: Store, run_id: int) -> list[EventKind]:
    return [event.kind for event in store.runs.events(run_id)]


@pytest.mark.xdist_group("runner on SQLite")
def test_a_disk_that_is_full_for_longer_than_a_lease_costs_no_step(
    sqlite_url: str, tmp_path: Path
) -> None:
    with (
        Store.open(sqlite_url) as store,
        dispatcher(sqlite_url, tmp_path, LAYERLAB_WORKERS="1") as process,
    ):
        run_id = enqueue(store)
        wait_for_child(store, run_id, step=300)
        let_files_grow_to(0, process)
        time.sleep(0.7)  # longer than the recorder waits between two writes
        step = get(store, run_id).step
        time.sleep(LEASE + 0.5)
        assert get(store, run_id).step == step, "the disk was not full"
        assert get(store, run_id).status is Status.RUNNING
        let_files_grow_to(psutil.RLIM_INFINITY, process)
        wait_for_end(store, run_id)
        assert_whole(store, run_id)
        assert process.is_running()


def let_files_grow_to(size: int, process: psutil.Popen) -> None:
    """Have every write beyond this size of a file fail, as on a disk without space."""
    for each in (process, *family(process.pid)):
        each.rlimit(psutil.RLIMIT_FSIZE, (size, psutil.RLIM_INFINITY))


def test_a_checkpoint_cut_short_is_passed_over_for_the_one_before(held: Store) -> None:
    run_id = release_and_enqueue(held)
    child = wait_for_child(held, run_id, step=600)
    held.queue.hold(paused=True)
    os.kill(child, signal.SIGKILL)
    until(lambda: get(held, run_id).status is Status.QUEUED)
    *_, before, newest = held.checkpoints.list(run_id)
    cut = update(CheckpointRow).where(CheckpointRow.id == newest.id)
    with held.engine.begin() as connection:
        connection.execute(cut.values(state=func.substr(CheckpointRow.state, 1, 100)))
    held.queue.hold(paused=False)
    wait_for_end(held, run_id)
    assert_whole(held, run_id)
    told = {e.kind: e.data.get("step") for e in held.runs.events(run_id)}
    assert told[EventKind.DAMAGED] == newest.step
    assert told[EventKind.RESUMED] == before.step


def release_and_enqueue(store: Store) -> int:
    store.queue.hold(paused=False)
    return enqueue(store)


def test_a_clock_that_jumps_ahead_loses_no_attempt(served: Served) -> None:
    """To a clock that has jumped, every lease looks long expired."""
    run_id = enqueue(served.store)
    wait_for_child(served.store, run_id, step=100)
    past = datetime(2000, 1, 1, tzinfo=UTC)
    expired = update(RunRow).where(RunRow.id == run_id, RunRow.status == Status.RUNNING)
    for _ in range(15):
        with served.store.engine.begin() as connection:
            connection.execute(expired.values(lease_until=past))
        time.sleep(0.05)
    run = wait_for_end(served.store, run_id)
    assert_whole(served.store, run_id)
    assert (run.attempt, reasons(served.store, run_id)) == (1, [])


def test_a_run_cancelled_while_it_starts_is_cancelled(served: Served) -> None:
    store = served.store
    for delay in (0, 0.01, 0.03, 0.1):
        run_id = enqueue(store, ENDLESS)
        until(lambda run_id=run_id: get(store, run_id).status is Status.RUNNING)
        time.sleep(delay)
        assert store.queue.cancel(run_id, by="test")
        run = wait_for_end(store, run_id, seconds=30)
        assert (run.status, run.attempt, run.lease_until) == (Status.CANCELLED, 1, None)
        assert kinds(store, run_id)[-1] is EventKind.CANCELLED
    assert store.queue.depth()[Status.RUNNING] == 0


def test_of_dispatchers_started_at_once_one_serves(fresh: Store, tmp_path: Path) -> None:
    run_id = enqueue(fresh, SHORT)
    with ExitStack() as stack:
        one = {"LAYERLAB_WORKERS": "1"}
        folders = tmp_path / "a", tmp_path / "b"
        both = [stack.enter_context(dispatcher(fresh.url, folder, **one)) for folder in folders]
        assert wait_for_end(fresh, run_id).attempt == 1
        until(lambda: sum(process.poll() is None for process in both) == 1)
        assert sorted(process.poll() or 0 for process in both) == [0, 3]
    assert kinds(fresh, run_id).count(EventKind.CLAIMED) == 1


@pytest.mark.xdist_group("runner on PostgreSQL")
def test_a_server_that_dies_and_comes_back_after_a_lease_loses_no_run(
    postgres_url: str, postgres_process: Any, tmp_path: Path
) -> None:
    with (
        Store.open(postgres_url) as store,
        dispatcher(postgres_url, tmp_path, LAYERLAB_WORKERS="1") as process,
    ):
        run_id = enqueue(store)
        wait_for_child(store, run_id, step=300)
        fall(postgres_process)
        time.sleep(LEASE + 0.5)
        rise(postgres_process)
        assert wait_for_end(store, run_id).attempt <= 2
        assert_whole(store, run_id)
        assert process.is_running()


def fall(server: Any) -> None:
    """End a PostgreSQL server at once, without a goodbye to anybody."""
    postmaster = psutil.Process(server.get_pid())
    postmaster.send_signal(signal.SIGQUIT)
    psutil.wait_procs([postmaster], timeout=20)


def rise(server: Any) -> None:
    server.ensure_postgres_running()
