"""Runs and records for tests of the database: small, quick to make, different at every step."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from db.records import Run
from db.store import Store
from engine.config import RunConfig
from engine.default import default_config
from engine.layer_statistics import STATISTICS
from engine.records import (
    BatchNormState,
    BatchStatistics,
    Checkpoint,
    Histogram,
    LayerStatistics,
    Metric,
    Quantity,
    StepRecord,
)

CONFIG: RunConfig = default_config()
LEASE = 600.0
QUANTITIES: tuple[Quantity, ...] = ("activation", "gradient", "weight")
UNMEASURED: dict[str, float | None] = {info.name: None for info in STATISTICS}


def running(store: Store, *, owner: str = "mika", max_attempts: int = 3) -> Run:
    """A run whose first attempt has been claimed and started."""
    queued = store.queue.enqueue(CONFIG, owner=owner, max_attempts=max_attempts)
    claim = store.queue.claim(lease=LEASE)
    assert claim is not None
    assert claim.run_id == queued.id, "nothing else may be waiting"
    assert store.queue.start(claim.run_id, claim.attempt, worker="host:1", data={}).alive
    run = store.runs.get(claim.run_id)
    assert run is not None
    return run


def record(step: int, *, loss: float | None = None, evaluated: bool | None = None) -> StepRecord:
    """What two layers leave behind at a step; evaluated at every fifth unless told otherwise."""
    loss = 1 / (step + 1) if loss is None else loss
    epoch = step // 5
    metrics = [Metric(step, epoch, "batch", loss, 0.5)]
    if step % 5 == 0 if evaluated is None else evaluated:
        metrics.append(Metric(step, epoch, "train", loss, 0.4 + step / 1000))
        metrics.append(Metric(step, epoch, "validation", loss + 0.1, 0.3 + step / 1000))
    return StepRecord(
        step,
        metrics=tuple(metrics),
        layers=tuple(
            LayerStatistics(step, layer, **UNMEASURED | measured(step)) for layer in range(2)
        ),
        histograms=tuple(
            Histogram(step, layer, quantity, -1.0, 1.0, np.arange(step, step + 8, dtype=np.uint32))
            for quantity in QUANTITIES
            for layer in range(2)
        ),
        batch_norms=(BatchNormState(step, 1, *(np.full(3, step + i / 7) for i in range(6))),),
        batch_statistics=(batch_statistics(step),) if step else (),
    )


def measured(step: int) -> dict[str, float | None]:
    """What two layers have of the statistics: what is not finite, and what is missing, among it."""
    return {
        "activation_mean": 0.1 * step,
        "activation_std": 0.2,
        "saturated": None,
        "dead": float("nan"),
        "gradient_std": float("inf"),
        "gradient_norm": None,
        "weight_norm": 1.5,
        "update_ratio": -1.0 * step,
    }


def batch_statistics(step: int) -> BatchStatistics:
    """What a layer of three channels normalized one step with."""
    mean = np.full((1, 3), step + 0.1, dtype=np.float32)
    return BatchStatistics(step, 1, np.array([50 + step], dtype=np.uint32), mean, mean**2)


def without_accuracy(record: StepRecord) -> StepRecord:
    """The same step of a run that predicts numbers, not labels."""
    return replace(record, metrics=tuple(replace(m, accuracy=None) for m in record.metrics))


def checkpoint(step: int, *, size: int = 100) -> Checkpoint:
    """A state after a step: its arrays hold the step's number."""
    array = np.full(size, step, dtype=np.float32)
    slots = {"m": array + 1, "v": array + 2}
    return Checkpoint(step, step // 5, array, array[:3], slots, epoch_loss=0.5, epoch_samples=7)
