"""What dies while a child trains a run that it took by itself: the dispatcher knows whose it is."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from db.records import Status
from db.store import Store
from tests.runner.conftest import FRESH, Served, served_on
from tests.runner.gates import Gate, gate_at
from tests.runner.processes import (
    CONFIG,
    PATIENCE,
    SHORT,
    assert_whole,
    dispatcher,
    enqueue,
    get,
    is_dead,
    reasons,
    until,
    wait_for_child,
    wait_for_end,
)

pytestmark = pytest.mark.processes


@dataclass(frozen=True)
class Taken:
    """A run that a child took by itself and is at, behind a gate."""

    run_id: int
    child: int
    gate: Gate


@contextmanager
def taken(store: Store, **options: Any) -> Iterator[Taken]:
    """One run at a time may train: so the next one is the child's to take as the first ends, unless
    the dispatcher looks in that very moment."""
    store.queue.limit_owners(1)
    try:
        for _ in range(20):
            with gate_at(300) as gate:
                before = enqueue(store, SHORT)
                run_id = enqueue(store, CONFIG, gate, **options)
                child = wait_for_child(store, run_id, step=gate.step)
                if store.queue.taken({(run_id, 1)}):
                    assert get(store, before).status is Status.DONE
                    yield Taken(run_id, child, gate)
                    return
                store.queue.cancel(run_id, by="test")
                wait_for_end(store, run_id)
        pytest.fail("no run was taken by a child")
    finally:
        store.queue.limit_owners(None)


@served_on("sqlite")
def test_a_child_that_dies_at_a_run_that_it_took_loses_that_run_alone(served: Served) -> None:
    with taken(served.store) as it:
        os.kill(it.child, signal.SIGKILL)
        until(lambda: is_dead(it.child))
        it.gate.open()
        run = wait_for_end(served.store, it.run_id)
        assert_whole(served.store, it.run_id)
        assert run.attempt == 2
        (reason,) = reasons(served.store, it.run_id)
        assert "SIGKILL" in reason


@served_on("postgresql")
def test_a_worker_that_dies_under_a_run_that_was_taken_loses_that_run_alone(
    served: Served,
) -> None:
    with taken(served.store) as it:
        worker = psutil.Process(it.child).parent()
        assert worker is not None
        os.kill(worker.pid, signal.SIGKILL)
        until(lambda: is_dead(it.child))
        it.gate.open()
        run = wait_for_end(served.store, it.run_id)
        assert_whole(served.store, it.run_id)
        assert run.attempt == 2
        (reason,) = reasons(served.store, it.run_id)
        assert "worker" in reason
    until(lambda: served.store.queue.state().slots == 2)


@served_on("sqlite")
def test_a_run_that_was_taken_is_cancelled_in_order_and_its_child_stays(served: Served) -> None:
    with taken(served.store) as it:
        assert served.store.queue.cancel(it.run_id, by="test")
        assert wait_for_end(served.store, it.run_id).status is Status.CANCELLED
        assert reasons(served.store, it.run_id) == []
        assert psutil.pid_exists(it.child)


@served_on("postgresql")
def test_a_child_that_hangs_at_a_run_that_it_took_is_found_and_killed(served: Served) -> None:
    with taken(served.store) as it:
        os.kill(it.child, signal.SIGSTOP)
        until(lambda: get(served.store, it.run_id).attempt == 2)
        it.gate.open()
        until(lambda: is_dead(it.child))
        wait_for_end(served.store, it.run_id)
        assert_whole(served.store, it.run_id)
        (reason,) = reasons(served.store, it.run_id)
        assert "lease expired" in reason or "not heard of" in reason


@served_on("sqlite")
def test_a_run_that_nobody_is_at_any_more_is_given_back_at_once_and_unspent(
    served: Served,
) -> None:
    """As where a child dies between its claim and its word to the worker."""
    store, claim = served.store, None
    while claim is None:  # the dispatcher may be faster
        run_id = enqueue(store, SHORT, max_attempts=1)
        claim = store.queue.claim(lease=3600, after=(run_id, 10**6))
        wait_for_end(store, run_id)
    assert_whole(store, run_id, SHORT)
    (reason,) = reasons(store, run_id)
    assert "before it began" in reason


@pytest.mark.parametrize("fresh_url", [FRESH["postgresql"]], indirect=True)
def test_a_dispatcher_that_stops_or_is_killed_leaves_a_run_that_was_taken_in_order(
    fresh: Store, tmp_path: Path
) -> None:
    one = {"LAYERLAB_WORKERS": "1"}
    with dispatcher(fresh.url, tmp_path, **one) as first, taken(fresh, max_attempts=1) as it:
        first.terminate()
        assert first.wait(PATIENCE) == 0
        until(lambda: is_dead(it.child))
        run = get(fresh, it.run_id)
        assert (run.status, run.attempt, run.max_attempts) == (Status.QUEUED, 1, 2)
        it.gate.open()
    with dispatcher(fresh.url, tmp_path, **one) as second:
        wait_for_end(fresh, it.run_id)
        assert_whole(fresh, it.run_id)
        with taken(fresh) as it:
            os.kill(second.pid, signal.SIGKILL)
            second.wait()
            until(lambda: is_dead(it.child))
            it.gate.open()
    with dispatcher(fresh.url, tmp_path, **one):
        run = wait_for_end(fresh, it.run_id)
        assert_whole(fresh, it.run_id)
        assert run.attempt == 2
