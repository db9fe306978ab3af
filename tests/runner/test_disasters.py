"""What befalls a run beside its own processes: its clock, its checkpoint, bad moments."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, update

from db.models import CheckpointRow
from db.records import EventKind, Status
from db.store import Store
from tests.runner.conftest import Served, served_on
from tests.runner.gates import Gate
from tests.runner.processes import (
    CONFIG,
    SHORT,
    assert_whole,
    dispatcher,
    enqueue,
    enqueue_endless,
    get,
    let_lease_end,
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


@served_on("sqlite")
def test_a_checkpoint_cut_short_is_passed_over_for_the_one_before(held: Store, gate: Gate) -> None:
    held.queue.hold(paused=False)
    run_id = enqueue(held, CONFIG, gate)
    child = wait_for_child(held, run_id, step=gate.step)
    until(lambda: len(held.checkpoints.list(run_id)) > 1)
    held.queue.hold(paused=True)
    os.kill(child, signal.SIGKILL)
    until(lambda: get(held, run_id).status is Status.QUEUED)
    *_, before, newest = held.checkpoints.list(run_id)
    cut = update(CheckpointRow).where(CheckpointRow.id == newest.id)
    with held.engine.begin() as connection:
        connection.execute(cut.values(state=func.substr(CheckpointRow.state, 1, 100)))
    gate.open()
    held.queue.hold(paused=False)
    wait_for_end(held, run_id)
    assert_whole(held, run_id)
    told = {e.kind: e.data.get("step") for e in held.runs.events(run_id)}
    assert told[EventKind.DAMAGED] == newest.step
    assert told[EventKind.RESUMED] == before.step


@served_on("postgresql")
def test_a_clock_that_jumps_ahead_loses_no_attempt(served: Served, gate: Gate) -> None:
    """To a clock that has jumped, every lease looks long expired."""
    run_id = enqueue(served.store, CONFIG, gate)
    wait_for_child(served.store, run_id, step=gate.step)
    for _ in range(15):
        let_lease_end(served.store, run_id, datetime(2000, 1, 1, tzinfo=UTC))
        time.sleep(0.05)
    gate.open()
    run = wait_for_end(served.store, run_id)
    assert_whole(served.store, run_id)
    assert (run.attempt, reasons(served.store, run_id)) == (1, [])


@served_on("sqlite")
def test_a_clock_that_jumps_back_keeps_no_run_from_being_found_lost(
    served: Served, gate: Gate
) -> None:
    """To a clock that has jumped, leases that nobody renews any more seem to last for years."""
    run_id = enqueue(served.store, CONFIG, gate)
    child = wait_for_child(served.store, run_id, step=gate.step)
    os.kill(child, signal.SIGSTOP)
    let_lease_end(served.store, run_id, datetime(2100, 1, 1, tzinfo=UTC))
    gate.open()
    run = wait_for_end(served.store, run_id)
    assert_whole(served.store, run_id)
    assert run.attempt == 2
    assert "not heard of" in reasons(served.store, run_id)[0]


def test_a_run_cancelled_while_it_starts_is_cancelled(served: Served) -> None:
    store = served.store
    for delay in (0, 0.01, 0.03, 0.1):
        run_id = enqueue_endless(store)
        until(lambda run_id=run_id: get(store, run_id).status is Status.RUNNING)
        time.sleep(delay)
        assert store.queue.cancel(run_id, by="test")
        run = wait_for_end(store, run_id)
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
