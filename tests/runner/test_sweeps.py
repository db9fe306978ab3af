"""Sweeps that need somebody to look after them: a model's points come, hopeless runs go."""

from __future__ import annotations

from functools import partial
from importlib.util import find_spec
from math import log10
from typing import Any

import numpy as np
import pytest

from db.records import Request, Run, Status, Trial
from db.store import Store
from engine.errors import ConfigError
from engine.records import Metric, StepRecord
from engine.spec import family
from engine.sweeps.axes import Choices, Range
from engine.sweeps.config import SweepConfig
from engine.sweeps.pruning import MedianPruning
from engine.sweeps.samplers import (
    CMAES,
    TPE,
    AnySampler,
    GaussianProcess,
    Genetic,
    Proposed,
    Random,
    Values,
)
from runner.sampler import Model
from runner.sweeps import Sweeper
from tests.runner.conftest import Served
from tests.runner.processes import SHORT, until

LEASE = 30.0
RATE = Range(name="optimizer.lr", low=0.001, high=1, log=True)
DECAY = Range(name="decay.l2", low=1e-6, high=1, log=True)
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
def test_a_sweep_by_tpe_is_proposed_and_trained_to_its_end(served: Served) -> None:
    store = served.store
    sampler = TPE(trials=4, startup=2)
    config = SweepConfig(base=SHORT, axes=(RATE, SIZE), sampler=sampler)
    sweep_id = store.sweeps.enqueue(config, owner="mika").id
    until(lambda: (sweep := store.sweeps.get(sweep_id)) and sweep.ended)
    trials = store.sweeps.trials(sweep_id)
    assert [trial.counts[Status.DONE] for trial in trials] == [1] * 4
    assert len({trial.values["optimizer.lr"] for trial in trials}) == 4
    assert store.queue.state().slots == 2, "forecasts know how many runs train at a time"


PROPOSED = [
    TPE(trials=40, startup=8),
    TPE(trials=40, startup=8, multivariate=True),
    CMAES(trials=60),
    Genetic(trials=60, population=8),
    pytest.param(
        GaussianProcess(trials=20, startup=8),
        marks=pytest.mark.skipif(find_spec("torch") is None, reason="needs PyTorch"),
    ),
]
each_proposed = pytest.mark.parametrize("sampler", PROPOSED, ids=lambda s: s.kind_name())


def test_every_sampler_that_proposes_is_tested() -> None:
    kinds = {kind for kind in family(AnySampler) if issubclass(kind, Proposed)}
    assert kinds == {type(getattr(each, "values", [each])[0]) for each in PROPOSED}


@each_proposed
def test_a_model_learns_from_every_kind_of_end(store: Store, sampler: Proposed) -> None:
    sampler = sampler.model_copy(update={"trials": 6, "at_once": 3})
    config = SweepConfig(base=SHORT, axes=(RATE, DECAY, SIZE), sampler=sampler)
    sweep_id = store.sweeps.enqueue(config, owner="mika").id
    sweeper = Sweeper(store)
    sweeper.propose()
    sweeper.propose()
    assert len(store.sweeps.trials(sweep_id)) == 3, "no more at once than asked for"
    for status in (Status.DONE, Status.DIVERGED, Status.FAILED):
        finish_next(store, 0.5, status=status)
    sweeper.propose()
    finish_next(store, 0.7, status=Status.STOPPED)
    store.sweeps.propose(sweep_id, {"optimizer.lr": -1, "decay.l2": 0.1, "batch_size": 50})
    Sweeper(store).propose()  # a later dispatcher's
    trials = store.sweeps.trials(sweep_id)
    assert len(trials) == 6, "and the fifth of it without a run"
    assert all(0.001 <= t.values["optimizer.lr"] <= 1 for t in trials if t.run_ids)


@each_proposed
@pytest.mark.parametrize("interrupted", [False, True])
def test_a_model_finds_better_points_than_chance_however_often_it_is_made_anew(
    sampler: Proposed, interrupted: bool
) -> None:
    config = SweepConfig(base=SHORT, axes=(RATE, DECAY, SIZE), sampler=sampler)
    trials: list[Trial] = []
    model = Model(config, known=0)
    for number in range(sampler.trials):
        if interrupted and number % 7 == 0:
            model = Model(config, known=number)
        point = model.next_point(trials)
        trials.append(done(number, point, loss=distance(point)))
    points = {str(trial.values) for trial in trials}
    assert len(points) > sampler.trials / 2, "it repeats itself"
    chance = np.median([distance(p) for p in Random(trials=300).points(config.axes)])
    later = np.median([trial.scores[0] for trial in trials[sampler.trials // 2 :]])
    assert later < 0.7 * chance, f"{later} where chance makes {chance}"


def distance(point: Values) -> float:
    """How far a point lies from the best one."""
    return (log10(point["optimizer.lr"]) + 2) ** 2 + (log10(point["decay.l2"]) + 3) ** 2


def done(number: int, values: Values, *, loss: float) -> Trial:
    counts = dict.fromkeys(Status, 0) | {Status.DONE: 1}
    return Trial(number, values, (number + 1,), counts, (loss,), None)


def test_what_a_sampler_cannot_work_on_is_refused(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ConfigError, match=r"two ranges or more with CMA-ES.*; got 1"):
        SweepConfig.parse({"base": SHORT, "axes": (RATE, SIZE), "sampler": CMAES()})
    monkeypatch.setattr("engine.sweeps.samplers.find_spec", lambda name: None)
    config = SweepConfig(base=SHORT, axes=(RATE, SIZE), sampler=GaussianProcess())
    for ask in (store.sweeps.plan, partial(store.sweeps.enqueue, owner="mika")):
        with pytest.raises(ConfigError, match="needs PyTorch"):
            ask(config)


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
