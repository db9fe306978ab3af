"""The loss of a run in a few points, for lists."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, func, select

from db.models import MetricRow

POINTS = 60


def sparklines(connection: Connection, run_ids: Sequence[int]) -> dict[int, list[float]]:
    """The loss of each epoch, or of batches before the first epoch ends, of each run."""
    epochs = _thinned_losses(connection, "train", run_ids)
    young = [run_id for run_id in run_ids if run_id not in epochs]
    batches = _thinned_losses(connection, "batch", young)
    return {run_id: epochs.get(run_id) or batches.get(run_id, []) for run_id in run_ids}


def _thinned_losses(
    connection: Connection, split: str, run_ids: Sequence[int]
) -> dict[int, list[float]]:
    """Losses of a split in a few evenly chosen steps per run, its last one among them."""
    numbered = (
        select(
            MetricRow.run_id,
            MetricRow.loss,
            func.row_number()
            .over(partition_by=MetricRow.run_id, order_by=MetricRow.step)
            .label("place"),
            func.count().over(partition_by=MetricRow.run_id).label("count"),
        )
        .where(MetricRow.split == split, MetricRow.run_id.in_(run_ids))
        .subquery()
    )
    # With more places than points, a place is kept where it fills up one of the points.
    filled = numbered.c.place * POINTS // numbered.c.count
    before = (numbered.c.place - 1) * POINTS // numbered.c.count
    kept = select(numbered.c.run_id, numbered.c.loss).where(filled > before)
    losses: dict[int, list[float]] = {}
    for run_id, loss in connection.execute(kept.order_by(numbered.c.run_id, numbered.c.place)):
        losses.setdefault(run_id, []).append(loss)
    return losses
