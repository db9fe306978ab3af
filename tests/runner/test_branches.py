"""Runs that go on from others, trained for real and struck in the middle."""

from __future__ import annotations

import json
import os
import signal

import pytest

from db.records import Status
from engine.config import RunConfig
from tests.runner.conftest import Served, served_on
from tests.runner.gates import gate_at
from tests.runner.processes import CONFIG, curve_of, enqueue, get, wait_for_child, wait_for_end
from tests.runner.test_cli import Layerlab, layerlab, url

__all__ = ["layerlab", "url"]

pytestmark = pytest.mark.processes

HALF = CONFIG.model_copy(update={"epochs": 40})


@served_on("sqlite")
def test_forty_epochs_and_sixty_more_are_a_hundred_whatever_dies(served: Served) -> None:
    store = served.store
    parent = enqueue(store, HALF)
    assert wait_for_end(store, parent).status is Status.DONE
    with gate_at(1_400) as gate:
        child = store.branches.prolong(parent, epochs=60, owner="test", name=str(gate))
        assert child.config == CONFIG
        at = child.parent_step or 0
        assert gate.step > at
        os.kill(wait_for_child(store, child.id, step=gate.step), signal.SIGKILL)
    run = wait_for_end(store, child.id)
    whole = curve_of(CONFIG)
    assert (run.status, run.attempt, run.step) == (Status.DONE, 2, whole[-1].step)
    assert [m for m in whole if m.step > at] == store.history.metrics([run.id])[run.id]


@served_on("postgresql")
def test_a_branch_whose_first_checkpoint_is_damaged_fails_and_does_not_begin_anew(
    served: Served,
) -> None:
    store = served.store
    parent = enqueue(store, HALF.model_copy(update={"epochs": 2}))
    wait_for_end(store, parent)
    store.queue.hold(paused=True)
    child = store.branches.prolong(parent, epochs=1, owner="test").id
    with store.engine.begin() as connection:
        connection.exec_driver_sql(
            f"UPDATE checkpoint SET size = 1, state = sha256 WHERE run_id = {child}"
        )
    store.queue.hold(paused=False)
    run = wait_for_end(store, child)
    assert run.status is Status.FAILED
    assert f"of run {parent} is damaged" in str(run.error)


@served_on("sqlite")
def test_runs_are_continued_and_branched_from_a_terminal(
    served: Served, layerlab: Layerlab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAYERLAB_DATABASE_URL", served.url)
    parent = enqueue(served.store, HALF.model_copy(update={"epochs": 2}))
    wait_for_end(served.store, parent)
    said = layerlab("continue", str(parent), "--epochs", "1")
    assert said.out.endswith(f"29 steps from step 58 of run {parent}\n"), said
    options = ["--set", "optimizer.lr=0.5", "--set", "epochs=3", "--name", "faster", "--json"]
    child = json.loads(layerlab("branch", str(parent), "--at", "best", *options).out)["id"]
    run = get(served.store, child)
    assert (run.name, run.parent_id, run.config.optimizer.lr) == ("faster", parent, 0.5)
    assert isinstance(run.config, RunConfig)
    for wrong, words in (
        (["branch", str(parent), "--at", "then"], "must be a step, best or last"),
        (["branch", str(parent), "--set", "layers.0.units=7"], "must keep the shapes"),
        (["continue", "7777777", "--epochs", "1"], "there is no run 7777777"),
    ):
        refused = layerlab(*wrong)
        assert refused.status == 1
        assert words in refused.err
        assert refused.err.count("\n") == 1
