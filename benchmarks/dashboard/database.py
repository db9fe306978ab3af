"""A database as a year of seminars leaves it: ten thousand runs, most of them of sweeps."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from math import exp
from typing import Any

import numpy as np
from sqlalchemy import insert, select, update

from db.models import MetricRow, RunRow, SummaryRow
from db.records import Status
from db.schema import upgrade
from db.store import Store
from engine.datasets import Digits
from engine.default import default_config
from engine.initializers import He
from engine.layers import BatchNorm, ReLU
from engine.records import Checkpoint, StepRecord
from engine.stack import multilayer
from engine.sweeps.axes import Choices, Range
from engine.sweeps.config import SweepConfig
from engine.training import train

EPOCHS = 15
SEEDS = 4
TRAINED = 8
OWNERS = ("aiko", "ben", "chie", "daichi", "emi")
LEASE = 3600.0


def fill(url: str, runs: int) -> None:
    """`runs` runs that have ended, the newest eight of them truly trained."""
    upgrade(url)
    with Store.open(url) as store:
        for i, owner in enumerate(OWNERS):
            _sweep(store, owner, seed=i, runs=(runs - TRAINED) // len(OWNERS))
        _end_all(store)
        for seed in range(TRAINED):
            _train(store, seed)


def _sweep(store: Store, owner: str, *, seed: int, runs: int) -> None:
    config = default_config().model_copy(update={"epochs": EPOCHS, "seed": 100 * seed})
    rates = -(-runs // (SEEDS * 5))
    axes = (
        Choices(name="optimizer.kind", values=("sgd", "momentum", "adagrad", "rmsprop", "adam")),
        Range(name="optimizer.lr", low=1e-5, high=10, log=True, points=rates),
    )
    definition = SweepConfig(base=config, axes=axes, seeds=SEEDS)
    store.sweeps.enqueue(definition, owner=owner, name=f"rates, week {seed + 1}")


def _end_all(store: Store) -> None:
    """What training would have left in the lists and the curves of every queued run."""
    rng = np.random.default_rng(0)
    with store.engine.begin() as connection:
        queued = select(RunRow.id, RunRow.steps, RunRow.created_at)
        rows = connection.execute(queued).all()
        ended = [_ended(row.id, row.steps, rng) for row in rows]
        for i in range(0, len(ended), 500):
            some = [m for _summary, metrics in ended[i : i + 500] for m in metrics]
            connection.execute(insert(MetricRow), some)
        table = SummaryRow.__table__
        connection.execute(table.delete())
        connection.execute(insert(SummaryRow), [summary for summary, _m in ended])
        begun = rows[0].created_at
        connection.execute(
            update(RunRow).values(
                status=Status.DONE,
                attempt=1,
                step=RunRow.steps,
                seconds=9.0,
                started_at=begun,
                ended_at=begun + timedelta(seconds=9),
            )
        )


def _ended(
    run_id: int, steps: int, rng: np.random.Generator
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A run's summary and its metrics: losses that fall, each at its own pace."""
    pace, best = rng.uniform(0.05, 0.6), rng.uniform(0.5, 0.98)
    metrics = []
    for epoch in range(1, EPOCHS + 1):
        step = steps * epoch // EPOCHS
        for split, more in (("train", 0.0), ("validation", 0.05)):
            share = 1 - exp(-pace * epoch)
            loss = 2.3 * (1 - share) + more + 0.05 * rng.random()
            accuracy = 0.1 + (best - 0.1) * share
            metrics.append(
                {
                    "run_id": run_id,
                    "split": split,
                    "step": step,
                    "epoch": epoch,
                    "loss": loss,
                    "accuracy": accuracy,
                }
            )
    train_end, validation_end = metrics[-2:]
    scores = {
        "step": steps,
        "epoch": EPOCHS,
        "loss": train_end["loss"],
        "accuracy": train_end["accuracy"],
        "val_loss": validation_end["loss"],
        "val_accuracy": validation_end["accuracy"],
    }
    summary = {f"{which}_{name}": v for which in ("last", "best") for name, v in scores.items()}
    return {"run_id": run_id, **summary}, metrics


class _Recorder:
    def __init__(self, store: Store, run_id: int) -> None:
        self._store, self._run_id, self._held = store, run_id, list[StepRecord]()
        self._count = count(1)

    def record(self, record: StepRecord) -> None:
        self._held.append(record)
        if next(self._count) % 50 == 0:
            self.flush()

    def flush(self) -> None:
        self._store.history.append(self._run_id, 1, self._held, lease=LEASE)
        self._held = []

    def checkpoint(self, checkpoint: Checkpoint) -> None:
        self.flush()
        self._store.checkpoints.save(self._run_id, 1, checkpoint)

    def stop_requested(self) -> bool:
        return False

    def checkpoint_wanted(self) -> bool:
        return False


def _train(store: Store, seed: int) -> None:
    layers = multilayer([100] * 4, 10, activation=ReLU(), init=He(), batch_norm=_norms()[seed % 2])
    config = default_config().model_copy(
        update={"layers": layers, "seed": seed // 2, "epochs": EPOCHS, "dataset": Digits()}
    )
    run = store.queue.enqueue(config, owner=OWNERS[0], name=f"trained {seed}")
    store.queue.claim(lease=LEASE)
    store.queue.start(run.id, 1, worker="here:1", data={})
    recorder = _Recorder(store, run.id)
    outcome = train(config, recorder)
    recorder.flush()
    store.queue.finish(run.id, 1, Status.DONE, step=outcome.step)


def _norms() -> tuple[BatchNorm | None, ...]:
    return BatchNorm(), None


def newest(store: Store, n: int) -> Iterator[int]:
    """The numbers of the newest runs."""
    return (run.id for run in store.runs.find(limit=n).runs)
