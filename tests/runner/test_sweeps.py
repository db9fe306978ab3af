"""Sweeps that need somebody to look after them: a model's points come, hopeless runs go."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from db.records import Request, Run, Status
from db.store import Store
from engine.records import Metric, StepRecord
from engine.sweeps.axes import Choices, Range
from engine.sweeps.config import SweepConfig
from engine.sweeps.pruning import MedianPruning
from engine.sweeps.samplers import TPE
from runner.sweeps import Sweeper
from tests.runner.processes import SHORT, dispatcher, until

LEASE = 30.0
RATE = Range(name="optimizer.lr", low=0.001, high=1, log=True)
SIZE = Choices(name="batch_size", values=(50, 100))


@pytest.fixture
def store(sqlite_url: str) -> Any:
    with Store.open(sqlite_url) as store:
        yield store


def finish_next(store: Store, *losses: float, status: Status | None = Status.DONE) -> int:
    """Claim the next run, leave validation losses, one an epoch, and end it as `status`."""
    claim = store.queue.claim(lease=LEASE)
    assert claim is not None
    metrics = [Metric(e, e, "validation", loss, 0.5) for e, loss in enumerate(losses, 1)]
    store.history.append(claim.run_id, 1, [StepRecord(m.step, (m,)) for m in metrics], lease=LEASE)
    if status:
        assert store.queue.finish(claim.run_id, 1, status)
    return claim.run_id


def running(store: Store) -> tuple[Run, ...]:
    return store.runs.find(statuses=[Status.RUNNING]).runs


@pytest.mark.processes
@pytest.mark.xdist_group("runner on SQLite")
def test_a_sweep_by_tpe_is_proposed_and_trained_to_its_end(store: Store, tmp_path: Path) -> None:
    sampler = TPE(trials=4, startup=2)
    config = SweepConfig(base=SHORT, axes=(RATE, SIZE), sampler=sampler)
    sweep_id = store.sweeps.enqueue(config, owner="mika").id
    with dispatcher(store.url, tmp_path):
        until(lambda: (sweep := store.sweeps.get(sweep_id)) and sweep.ended)
    trials = store.sweeps.trials(sweep_id)
    assert [trial.counts[Status.DONE] for trial in trials] == [1] * 4
    assert len({trial.values["optimizer.lr"] for trial in trials}) == 4
    assert store.queue.state().slots == 2, "forecasts know how many runs train at a time"


@pytest.mark.parametrize("multivariate", [False, True])
def test_a_model_learns_from_every_kind_of_end(store: Store, multivariate: bool) -> None:
    sampler = TPE(trials=6, startup=1, at_once=3, multivariate=multivariate)
    config = SweepConfig(base=SHORT, axes=(RATE, SIZE), sampler=sampler)
    sweep_id = store.sweeps.enqueue(config, owner="mika").id
    sweeper = Sweeper(store)
    sweeper.propose()
    sweeper.propose()
    assert len(store.sweeps.trials(sweep_id)) == 3, "no more at once than asked for"
    for status in (Status.DONE, Status.DIVERGED, Status.FAILED):
        finish_next(store, 0.5, status=status)
    sweeper.propose()
    finish_next(store, 0.7, status=Status.STOPPED)
    store.sweeps.propose(sweep_id, {"optimizer.lr": -1, "batch_size": 50})
    sweeper.propose()
    trials = store.sweeps.trials(sweep_id)
    assert len(trials) == 6, "and the fifth of it without a run"
    assert all(0.001 <= t.values["optimizer.lr"] <= 1 for t in trials if t.run_ids)


def test_a_run_worse_than_the_others_median_is_asked_to_stop(store: Store) -> None:
    config = SweepConfig(
        base=SHORT, axes=(SIZE,), seeds=3, pruning=MedianPruning(startup=3, warm_up=2)
    )
    store.sweeps.enqueue(config, owner="mika")
    for loss in (0.5, 0.4, 0.3):
        finish_next(store, loss + 1, loss)
    good = finish_next(store, 1.4, 0.39, status=None)
    early = finish_next(store, 9.0, status=None)
    bad = finish_next(store, 1.4, 0.41, status=None)
    Sweeper(store).prune(running(store))
    asked = {run.id for run in running(store) if run.request is Request.PRUNE}
    assert asked == {bad}, f"neither {good}, below the bar, nor {early}, too early to tell"
    assert store.queue.leave(bad, 1, step=2)
    ended = store.runs.get(bad)
    assert ended is not None
    assert ended.status is Status.STOPPED
    assert ended.error == (
        "Its sweep gave it up: by epoch 2 its best validation loss was 0.41, above the others'"
        " median of 0.4."
    )
