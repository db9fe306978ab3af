"""The dispatcher itself dies, is told to stop, or waits: what was running goes on."""

from __future__ import annotations

import os
import signal
from datetime import UTC, datetime
from pathlib import Path

import pytest

from db.records import Status
from db.store import Store
from tests.runner.conftest import FRESH
from tests.runner.gates import Gate
from tests.runner.processes import (
    CONFIG,
    PATIENCE,
    assert_whole,
    dispatcher,
    enqueue,
    enqueue_endless,
    family,
    get,
    is_dead,
    let_lease_end,
    until,
    wait_for_child,
    wait_for_end,
)

pytestmark = pytest.mark.processes

ONE = {"LAYERLAB_WORKERS": "1"}


def test_a_killed_dispatcher_leaves_no_process_and_its_runs_go_on_at_the_next_start(
    fresh: Store, gate: Gate, tmp_path: Path
) -> None:
    run_id = enqueue(fresh, CONFIG, gate)
    with dispatcher(fresh.url, tmp_path, **ONE) as first:
        child = wait_for_child(fresh, run_id, step=gate.step)
        left = [process.pid for process in family(first.pid)]
        os.kill(first.pid, signal.SIGKILL)
        first.wait()
        until(lambda: all(map(is_dead, [child, *left])))
    let_lease_end(fresh, run_id, datetime(2100, 1, 1, tzinfo=UTC))  # which is not waited for
    gate.open()
    with dispatcher(fresh.url, tmp_path, **ONE):
        run = wait_for_end(fresh, run_id)
    assert_whole(fresh, run_id)
    assert run.attempt == 2


@pytest.mark.parametrize("fresh_url", [FRESH["postgresql"]], indirect=True)
def test_a_stopped_dispatcher_requeues_its_run_and_spends_no_attempt(
    fresh: Store, gate: Gate, tmp_path: Path
) -> None:
    run_id = enqueue(fresh, CONFIG, gate, max_attempts=1)
    with dispatcher(fresh.url, tmp_path, **ONE) as first:
        wait_for_child(fresh, run_id, step=gate.step)
        left = [process.pid for process in family(first.pid)]
        first.terminate()
        assert first.wait(PATIENCE) == 0
        until(lambda: all(map(is_dead, left)))
    run = get(fresh, run_id)
    assert (run.status, run.attempt) == (Status.QUEUED, 1)
    assert fresh.checkpoints.list(run_id)[-1].step >= run.step, "it stopped without a checkpoint"
    gate.open()
    with dispatcher(fresh.url, tmp_path, **ONE):
        wait_for_end(fresh, run_id)
    assert_whole(fresh, run_id)


@pytest.mark.xdist_group("dispatchers on sqlite")
def test_ctrl_c_reaches_the_dispatcher_alone(sqlite_url: str, tmp_path: Path) -> None:
    with Store.open(sqlite_url) as store, dispatcher(sqlite_url, tmp_path, **ONE) as foreground:
        run_id = enqueue_endless(store)
        wait_for_child(store, run_id)
        os.killpg(foreground.pid, signal.SIGINT)  # as a terminal does
        assert foreground.wait(PATIENCE) == 0
        assert get(store, run_id).status is Status.QUEUED
    assert "Traceback" not in (tmp_path / "dispatcher.out").read_text()
