"""Sweeps: every point has its runs, whatever happens in between; replicates add up."""

from __future__ import annotations

from math import inf
from typing import Any

import pytest
from sqlalchemy import event

from db.records import Status, Sweep
from db.store import Store
from engine.errors import ConfigError
from engine.records import Metric, StepRecord
from engine.sweeps.axes import Choices, Range
from engine.sweeps.config import SweepConfig
from engine.sweeps.samplers import TPE, Grid, Random
from tests.db.build import CONFIG, LEASE

RATES = Choices(name="optimizer.lr", values=(0.1, 0.01))
SIZES = Choices(name="batch_size", values=(50, 100, 200))


def sweep_of(**changes: Any) -> SweepConfig:
    return SweepConfig(**{"base": CONFIG, "axes": (RATES, SIZES), "seeds": 2} | changes)


def enqueue(store: Store, **changes: Any) -> Sweep:
    return store.sweeps.enqueue(sweep_of(**changes), owner="mika", name="rates")


def get(store: Store, sweep_id: int) -> Sweep:
    sweep = store.sweeps.get(sweep_id)
    assert sweep is not None
    return sweep


def finish_next(store: Store, *losses: float, status: Status = Status.DONE) -> int:
    """Claim the next run, leave validation losses, one an epoch, and end it."""
    claim = store.queue.claim(lease=LEASE)
    assert claim is not None
    metrics = [Metric(5 * e, e, "validation", loss, 1 - loss) for e, loss in enumerate(losses, 1)]
    store.history.append(claim.run_id, 1, [StepRecord(m.step, (m,)) for m in metrics], lease=LEASE)
    store.queue.finish(claim.run_id, 1, status)
    return claim.run_id


def test_a_grid_has_a_run_for_every_combination_and_seed(store: Store) -> None:
    sweep = enqueue(store)
    assert (sweep.runs, sweep.counts[Status.QUEUED], sweep.progress) == (12, 12, 0)
    assert store.sweeps.list() == [get(store, sweep.id)]
    trials = store.sweeps.trials(sweep.id)
    assert [dict(t.values) for t in trials[:2]] == [
        {"optimizer.lr": 0.1, "batch_size": 50},
        {"optimizer.lr": 0.1, "batch_size": 100},
    ]
    run = store.runs.get(trials[4].run_ids[1])
    assert run is not None
    assert (run.sweep_id, run.trial, run.replicate, run.name) == (sweep.id, 4, 1, "rates")
    assert (run.config.optimizer.lr, run.config.batch_size) == (0.01, 100)
    assert (run.config.seed, run.steps) == (CONFIG.seed + 1, 300)
    assert store.runs.params([run.id])[run.id]["seed"] == CONFIG.seed + 1


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"axes": (Choices(name="optimizer.rate", values=(1,)),)}, "optimizer.rate"),
        ({"axes": (Choices(name="optimizer.lr", values=(0.1, -1)),)}, r"lr=-1"),
        (
            {"axes": (Choices(name="optimizer.lr", values=(-1,)),), "sampler": TPE()},
            "greater than 0",
        ),
    ],
)
def test_what_could_never_train_makes_no_sweep(
    store: Store, changes: dict[str, Any], rule: str
) -> None:
    with pytest.raises(ConfigError, match=rule):
        enqueue(store, **changes)
    assert store.sweeps.list() == []
    assert store.runs.find().total == 0


def test_replicates_add_up_to_a_mean_and_a_spread(store: Store) -> None:
    sweep = enqueue(store, axes=(RATES,))
    finish_next(store, 0.9, 0.3, 0.5)
    finish_next(store, 0.8, inf, 0.5)
    finish_next(store, float("nan"), status=Status.DIVERGED)
    first, second = store.sweeps.trials(sweep.id)
    assert first.scores == (0.3, 0.5), "the lowest of each, finite or nothing"
    assert first.mean == pytest.approx(0.4)
    assert first.spread == pytest.approx(0.1414, abs=1e-4)
    assert (second.mean, second.spread, second.counts[Status.DIVERGED]) == (None, None, 1)
    assert first.ended
    assert not second.ended
    assert get(store, sweep.id).progress == 0.75


def test_accuracy_is_scored_by_its_best(store: Store) -> None:
    sweep = enqueue(store, axes=(RATES,), seeds=1, objective="val_accuracy")
    finish_next(store, 0.9, 0.3, 0.5)
    assert store.sweeps.trials(sweep.id)[0].scores == (pytest.approx(0.7),)


def test_a_sweep_is_paused_resumed_and_cancelled_as_one(store: Store) -> None:
    sweep = enqueue(store)
    claim = store.queue.claim(lease=LEASE)
    assert claim is not None
    assert store.sweeps.pause(sweep.id, by="anna")
    assert not store.sweeps.pause(sweep.id, by="anna")
    assert store.queue.leave(claim.run_id, 1, step=3)
    assert get(store, sweep.id).counts[Status.PAUSED] == 12
    assert store.sweeps.resume(sweep.id, by="anna")
    assert get(store, sweep.id).counts[Status.QUEUED] == 12
    assert store.sweeps.cancel(sweep.id, by="anna")
    cancelled = get(store, sweep.id)
    assert cancelled.counts[Status.CANCELLED] == cancelled.runs == 12
    assert cancelled.ended
    assert not store.sweeps.resume(sweep.id, by="anna"), "what was cancelled stays so"


def test_more_trials_and_seeds_leave_what_is_there(store: Store) -> None:
    lr = Range(name="optimizer.lr", low=1e-4, high=1, log=True)
    sweep = enqueue(store, axes=(lr,), sampler=Random(trials=3), seeds=1)
    before = store.sweeps.trials(sweep.id)
    assert store.sweeps.extend(sweep.id, trials=5, seeds=2)
    after = store.sweeps.trials(sweep.id)
    assert [t.values for t in after[:3]] == [t.values for t in before]
    assert [len(t.run_ids) for t in after] == [2] * 5
    assert all(a.run_ids[0] == b.run_ids[0] for a, b in zip(after, before, strict=False))
    for fewer in ({"trials": 4}, {"seeds": 1}):
        with pytest.raises(ConfigError, match="must be at least"):
            store.sweeps.extend(sweep.id, **fewer)
    with pytest.raises(ConfigError, match="a grid has the points it has"):
        store.sweeps.extend(enqueue(store).id, trials=50)
    store.sweeps.cancel(sweep.id, by="anna")
    with pytest.raises(ConfigError, match="neither paused nor cancelled"):
        store.sweeps.extend(sweep.id, trials=6)


def test_a_point_that_is_drawn_twice_is_two_trials_and_the_sweep_comes_to_its_end(
    store: Store,
) -> None:
    few = Choices(name="optimizer.lr", values=(0.1, 0.01))
    sweep = enqueue(store, axes=(few,), sampler=Random(trials=3), seeds=1)
    assert sum(sweep.counts.values()) == 3
    larger = store.sweeps.extend(sweep.id, trials=7)
    assert larger is not None
    assert sum(larger.counts.values()) == larger.runs == 7
    assert store.sweeps.count() == 1


def test_a_model_proposes_until_there_are_enough(store: Store) -> None:
    axes = (Range(name="optimizer.lr", low=0.001, high=1, log=True),)
    sweep = enqueue(store, axes=axes, sampler=TPE(trials=3))
    assert (sweep.runs, sum(sweep.counts.values())) == (6, 0)
    assert store.sweeps.propose(sweep.id, {"optimizer.lr": 0.5}) == 0
    assert store.sweeps.propose(sweep.id, {"optimizer.lr": 0.5}) == 1, "models repeat themselves"
    assert store.sweeps.propose(sweep.id, {"optimizer.lr": -1}) == 2
    assert store.sweeps.propose(sweep.id, {"optimizer.lr": 0.5}) is None
    assert get(store, sweep.id).runs == 4, "what could never train is not waited for"
    assert [len(t.run_ids) for t in store.sweeps.trials(sweep.id)] == [2, 2, 0]
    store.sweeps.cancel(sweep.id, by="anna")
    assert store.sweeps.propose(sweep.id, {"optimizer.lr": 0.5}) is None


@pytest.mark.parametrize("statements", [1, 2, 3])
def test_a_point_proposed_while_a_sweep_is_read_does_not_end_it(
    store: Store, statements: int
) -> None:
    """However many of the reader's statements come before the proposal."""
    axes = (Range(name="optimizer.lr", low=0.001, high=1, log=True),)
    sweep = enqueue(store, axes=axes, sampler=TPE(trials=2), seeds=1)
    store.sweeps.propose(sweep.id, {"optimizer.lr": 0.5})
    finish_next(store, 0.5)
    seen = 0

    def propose_in_between(*_: Any) -> None:
        nonlocal seen
        seen += 1
        if seen == statements:
            store.sweeps.propose(sweep.id, {"optimizer.lr": 0.1})

    engine = store.sweeps._database.engine
    event.listen(engine, "after_cursor_execute", propose_in_between)
    between = get(store, sweep.id)
    event.remove(engine, "after_cursor_execute", propose_in_between)
    assert seen >= statements
    assert not between.ended
    assert get(store, sweep.id).runs == 2


def test_a_sweep_of_hundreds_is_enqueued_at_once_and_its_claims_stay_quick(store: Store) -> None:
    lr = Range(name="optimizer.lr", low=1e-4, high=1, log=True)
    sweep = enqueue(store, axes=(lr,), sampler=Random(trials=100), seeds=3)
    assert sweep.counts[Status.QUEUED] == 300
    events = [event.kind for event in store.runs.events(300)]
    assert events == ["enqueued"]


def test_a_grid_of_ranges_is_spread_evenly() -> None:
    lr = Range(name="optimizer.lr", low=0.001, high=1, log=True, points=4)
    units = Range(name="layers.0.units", low=10, high=20, integer=True, points=3)
    assert [p["optimizer.lr"] for p in Grid().points((lr,))] == [0.001, 0.01, 0.1, 1]
    assert [p["layers.0.units"] for p in Grid().points((units,))] == [10, 15, 20]


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"axes": (RATES, RATES)}, "must vary each field once"),
        ({"axes": (Choices(name="seed", values=(1, 2)),)}, "set `seeds` instead"),
        ({"seeds": 1000, "sampler": Random(trials=1000)}, "at most 20,000 runs; got 1,000,000"),
        ({"axes": [{"kind": "range", "name": "x", "low": 2, "high": 1}]}, "`low` below `high`"),
        ({"axes": [{"kind": "rnage", "name": "x"}]}, "did you mean `range`"),
        ({"sampler": {"kind": "optuna", "sampler": "os.system"}}, "sampler"),
    ],
)
def test_a_wrong_definition_is_named(changes: dict[str, Any], rule: str) -> None:
    with pytest.raises(ConfigError, match=rule):
        SweepConfig.parse(sweep_of().model_dump(mode="json") | changes)
