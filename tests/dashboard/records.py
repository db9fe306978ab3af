"""Records of runs that never were, for what is drawn and told of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np

from dashboard.reads.columns import Columns
from db.records import Run, Scores, Status
from engine.config import RunConfig
from engine.layer_statistics import STATISTICS
from engine.records import LayerStatistics, Metric
from tests.dashboard.conftest import small


def run(
    run_id: int,
    name: str = "",
    status: Status = Status.DONE,
    *,
    config: RunConfig | None = None,
    val_accuracy: float | None = None,
) -> Run:
    """A run as the Store returns it."""
    scores = val_accuracy and Scores(16, 4, 0.5, 0.9, 0.6, val_accuracy)
    now = datetime.now(UTC)
    return Run(
        id=run_id,
        uid=str(run_id),
        name=name,
        owner="aiko",
        status=status,
        config=config or small(),
        attempt=1,
        max_attempts=3,
        priority=0,
        step=16,
        steps=16,
        parameters=10,
        error=None,
        created_at=now,
        started_at=now,
        ended_at=now,
        lease_until=None,
        worker=None,
        last=scores or None,
        best=scores or None,
        diverged_step=3 if status is Status.DIVERGED else None,
    )


METRICS = {"step": int, "epoch": int, "split": str, "loss": float, "accuracy": float}


def metric_columns(metrics: Sequence[Metric]) -> Columns:
    """Metrics, one row per step and split; the accuracy of runs that predict numbers is NaN."""
    return {
        name: np.array([getattr(metric, name) for metric in metrics], dtype)
        for name, dtype in METRICS.items()
    }


def statistic_columns(records: Sequence[LayerStatistics]) -> Columns:
    """Layer statistics, one row per step and layer; NaN (what was measured) and None (what does not
    apply) stay apart."""
    dtypes = {"step": int, "layer": int} | {info.name: object for info in STATISTICS}
    return {
        name: np.array([getattr(record, name) for record in records], dtype)
        for name, dtype in dtypes.items()
    }
