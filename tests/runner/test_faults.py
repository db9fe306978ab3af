"""What dies or hangs while a run trains, under a dispatcher that goes on: nothing may be lost."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.client import HTTPException
from typing import Any
from urllib.request import urlopen

import psutil
import pytest
from distributed.core import rpc
from distributed.security import Security

from db.records import EventKind, Status
from engine.datasets import IDX
from engine.optimizers import SGD
from tests.runner.conftest import SERVED, Served, served_on
from tests.runner.gates import Gate
from tests.runner.processes import (
    CONFIG,
    LAYERLAB,
    PATIENCE,
    SHORT,
    assert_whole,
    enqueue,
    enqueue_endless,
    environment,
    family,
    get,
    is_dead,
    reasons,
    until,
    wait_for_child,
    wait_for_end,
)

pytestmark = pytest.mark.processes


def test_a_run_nobody_disturbs_is_done_at_the_first_attempt(served: Served) -> None:
    run_id = enqueue(served.store)
    assert wait_for_end(served.store, run_id).attempt == 1
    assert_whole(served.store, run_id)


@served_on("sqlite")
def test_the_same_seed_gives_the_same_curve_and_children_are_kept_warm(served: Served) -> None:
    ids = [enqueue(served.store, SHORT) for _ in range(5)]
    runs = [wait_for_end(served.store, run_id) for run_id in ids]
    for run_id in ids:
        assert_whole(served.store, run_id, SHORT)
    assert len({run.worker for run in runs}) <= 2


@served_on("postgresql")
def test_a_killed_child_costs_no_step_and_changes_none(served: Served, gate: Gate) -> None:
    run_id = enqueue(served.store, CONFIG, gate)
    child = wait_for_child(served.store, run_id, step=gate.step)
    os.kill(child, signal.SIGKILL)
    gate.open()
    run = wait_for_end(served.store, run_id)
    assert_whole(served.store, run_id)
    assert run.attempt == 2
    assert "SIGKILL" in reasons(served.store, run_id)[0]
    kinds = [event.kind for event in served.store.runs.events(run_id)]
    assert EventKind.RESUMED in kinds, "it began again instead of going on from its checkpoint"
    assert is_dead(child)


@pytest.mark.parametrize(
    ("served", "frozen"),
    [
        pytest.param(*each, marks=SERVED[each[0]].marks)
        for each in (("sqlite", True), ("postgresql", True), ("sqlite", False))
    ],
    indirect=["served"],
)
def test_a_killed_worker_takes_its_child_along_and_loses_no_step(
    served: Served, frozen: bool, gate: Gate
) -> None:
    run_id = enqueue(served.store, CONFIG, gate)
    child = wait_for_child(served.store, run_id, step=gate.step)
    worker = psutil.Process(child).parent()
    assert worker is not None
    if frozen:  # perhaps in the middle of a write, with the lock of the database in its hands
        os.kill(child, signal.SIGSTOP)
    os.kill(worker.pid, signal.SIGKILL)
    gate.open()
    until(lambda: is_dead(child) and is_dead(worker.pid))
    run = wait_for_end(served.store, run_id)
    assert_whole(served.store, run_id)
    assert run.attempt == 2, reasons(served.store, run_id)
    assert "worker" in reasons(served.store, run_id)[0]
    until(lambda: served.store.queue.state().slots == 2)  # the worker has come back


@served_on("sqlite")
def test_a_run_whose_process_always_dies_fails_after_its_attempts(served: Served) -> None:
    run_id = enqueue_endless(served.store, max_attempts=2)
    for attempt in (1, 2):
        os.kill(wait_for_child(served.store, run_id, attempt=attempt), signal.SIGKILL)
    run = wait_for_end(served.store, run_id)
    assert run.status is Status.FAILED
    assert "SIGKILL" in str(run.error)


@served_on("postgresql")
def test_a_cancelled_run_stops_by_itself_and_keeps_its_last_step(served: Served) -> None:
    run_id = enqueue_endless(served.store)
    child = wait_for_child(served.store, run_id, step=100)
    assert served.store.queue.cancel(run_id, by="test")
    run = wait_for_end(served.store, run_id)
    assert run.status is Status.CANCELLED
    assert reasons(served.store, run_id) == []
    assert served.store.checkpoints.list(run_id)[-1].step == run.step
    assert psutil.pid_exists(child), "a child that stops when asked is kept for the next run"


def test_a_cancelled_run_that_does_not_answer_is_killed(served: Served) -> None:
    run_id = enqueue_endless(served.store)
    child = wait_for_child(served.store, run_id)
    os.kill(child, signal.SIGSTOP)  # as deaf as one in a C call that never returns
    assert served.store.queue.cancel(run_id, by="test")
    assert wait_for_end(served.store, run_id).status is Status.CANCELLED
    until(lambda: is_dead(child))


def test_a_child_that_hangs_loses_its_run_to_another_and_cannot_write_any_more(
    served: Served, gate: Gate
) -> None:
    run_id = enqueue(served.store, CONFIG, gate)
    child = wait_for_child(served.store, run_id, step=gate.step)
    os.kill(child, signal.SIGSTOP)
    until(lambda: get(served.store, run_id).attempt == 2)
    gate.open()
    with suppress(ProcessLookupError):  # it may have been killed by now
        os.kill(child, signal.SIGCONT)
    wait_for_end(served.store, run_id)
    assert_whole(served.store, run_id)
    (reason,) = reasons(served.store, run_id)
    assert "lease expired" in reason or "not heard of" in reason


@served_on("postgresql")
def test_a_child_that_hangs_for_good_gives_its_place_back(served: Served) -> None:
    run_id = enqueue_endless(served.store, max_attempts=1)
    child = wait_for_child(served.store, run_id)
    os.kill(child, signal.SIGSTOP)
    assert wait_for_end(served.store, run_id).status is Status.FAILED
    until(lambda: is_dead(child))


@served_on("sqlite")
def test_a_diverging_run_is_kept_as_diverged(served: Served) -> None:
    run_id = enqueue(served.store, SHORT.model_copy(update={"optimizer": SGD(lr=1e8)}))
    run = wait_for_end(served.store, run_id)
    assert run.status is Status.DIVERGED
    assert run.diverged_step == run.step > 0
    assert served.store.history.metrics([run_id])[run_id][-1].step == run.step


@served_on("postgresql")
def test_data_that_has_gone_fails_the_run_with_one_sentence(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(IDX, "info", lambda self: CONFIG.dataset.info())  # it was there at launch
    run_id = enqueue(served.store, SHORT.model_copy(update={"dataset": IDX(folder="gone")}))
    run = wait_for_end(served.store, run_id)
    assert run.status is Status.FAILED
    assert run.attempt == 1
    assert "gone" in str(run.error)
    assert "\n" not in str(run.error)


@served_on("sqlite")  # no database listens there
def test_strangers_on_this_machine_reach_no_process_of_a_dispatcher(served: Served) -> None:
    """A Dask worker runs whatever it is sent: it must listen to holders of the certificate only."""
    wait_for_end(served.store, enqueue(served.store, SHORT))
    processes = [served.dispatcher, *family(served.dispatcher.pid)]
    ports = {
        connection.laddr.port
        for process in processes
        for connection in process.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN
    }
    assert len(ports) >= 3, "a scheduler and two workers at least"
    with ThreadPoolExecutor() as pool:  # whoever is not answered waits
        list(pool.map(_assert_closed_to_strangers, ports))


def _assert_closed_to_strangers(port: int) -> None:
    stranger = Security.temporary().get_connection_args("client")
    nobody = Security().get_connection_args("client")
    for address, options in (
        (f"tcp://127.0.0.1:{port}", nobody),
        (f"tls://127.0.0.1:{port}", stranger),
    ):
        with pytest.raises(OSError):  # noqa: PT011 (refused, closed or never answered)
            asyncio.run(_identity(address, options))
    for page in ("health", "metrics", "info/main/workers.html", "json/identity.json"):
        with pytest.raises((OSError, HTTPException)):  # 404, or no page at all
            urlopen(f"http://127.0.0.1:{port}/{page}", timeout=1)


async def _identity(address: str, options: dict[str, Any]) -> object:
    """What any Dask process tells of itself, to whom it listens to."""
    async with rpc(address, timeout=1, connection_args=options) as remote:
        return await asyncio.wait_for(remote.identity(), 1)


def test_a_second_dispatcher_says_so_and_leaves(served: Served) -> None:
    second = subprocess.run(
        [*LAYERLAB, "dispatch"],
        env=environment(served.url, served.folder / "second"),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert second.returncode == 3
    assert second.stderr.count("\n") == 1
    assert "another dispatcher" in second.stderr
