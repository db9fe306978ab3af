"""A run's summary: its newest and its best evaluation, kept right by whoever changes history.

Read from the few evaluated rows by their indexes, never summed up over time: right after a replay,
right after a cut, whatever the order of writes.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import inf, isfinite
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, or_, select, update

from db import layer_history
from db.models import HISTORY, SPLITS, CheckpointRow, MetricRow, SummaryRow
from db.types import Word
from engine.records import Metric

EVALUATED = ("train", "validation")


def after_append(connection: Connection, run_id: int, metrics: Iterable[Metric]) -> None:
    """Bring the summary up to date with metrics that were just written."""
    metrics = list(metrics)
    if any(metric.split in EVALUATED for metric in metrics):
        refresh(connection, run_id)
    diverged = [metric.step for metric in metrics if not isfinite(metric.loss)]
    if diverged:
        mark_diverged(connection, run_id, min(diverged))


def mark_diverged(connection: Connection, run_id: int, step: int) -> None:
    """Note that the loss was not finite at a step; the first such step stays."""
    first = or_(SummaryRow.diverged_step.is_(None), SummaryRow.diverged_step > step)
    connection.execute(
        update(SummaryRow).where(SummaryRow.run_id == run_id, first).values(diverged_step=step)
    )


def rewind(connection: Connection, run_id: int, step: int | None) -> None:
    """Cut a run's history back to the end of `step`, or to nothing."""
    last = -1 if step is None else step
    for table in (*HISTORY, CheckpointRow):
        connection.execute(delete(table).where(table.run_id == run_id, table.step > last))
    layer_history.cut(connection, run_id, last)
    later = SummaryRow.diverged_step > last
    connection.execute(
        update(SummaryRow).where(SummaryRow.run_id == run_id, later).values(diverged_step=None)
    )
    refresh(connection, run_id)


def refresh(connection: Connection, run_id: int) -> None:
    """Read a run's newest and best evaluation from its history."""
    last = _scores(connection, run_id, "last", _last_step(connection, run_id))
    best = _scores(connection, run_id, "best", _best_step(connection, run_id))
    connection.execute(update(SummaryRow).where(SummaryRow.run_id == run_id).values(last | best))


def split(word: str) -> Any:
    """A split written into the statement, so that the index on validation rows can serve it."""
    return bindparam(None, word, type_=Word(SPLITS), literal_execute=True)


def _last_step(connection: Connection, run_id: int) -> int | None:
    steps = [
        connection.execute(
            select(func.max(MetricRow.step)).where(
                MetricRow.run_id == run_id, MetricRow.split == split
            )
        ).scalar_one()
        for split in EVALUATED
    ]
    return max((step for step in steps if step is not None), default=None)


def _best_step(connection: Connection, run_id: int) -> int | None:
    """The first validation with the highest accuracy, or with the lowest loss where there is none;
    what is not a number is neither."""
    of_run = (MetricRow.run_id == run_id, MetricRow.split == split("validation"))
    accuracy, loss = MetricRow.accuracy, MetricRow.loss
    highest = select(func.max(accuracy)).where(*of_run, accuracy <= 1).scalar_subquery()
    lowest = select(func.min(loss)).where(*of_run, loss < inf).scalar_subquery()
    for is_best in (accuracy == highest, accuracy.is_(None) & (loss == lowest)):
        step = connection.execute(select(func.min(MetricRow.step)).where(*of_run, is_best))
        if (best := step.scalar_one()) is not None:
            return int(best)
    return None


def _scores(
    connection: Connection, run_id: int, prefix: str, step: int | None
) -> dict[str, float | None]:
    """The columns of one evaluation; all None where there is none."""
    rows = select(MetricRow.split, MetricRow.epoch, MetricRow.loss, MetricRow.accuracy).where(
        MetricRow.run_id == run_id, MetricRow.split.in_(EVALUATED), MetricRow.step == step
    )
    found = {row.split: row for row in connection.execute(rows)} if step is not None else {}
    train, validation = (found.get(split) for split in EVALUATED)
    either = validation or train
    columns = {
        "step": step,
        "epoch": either and either.epoch,
        "loss": train and train.loss,
        "accuracy": train and train.accuracy,
        "val_loss": validation and validation.loss,
        "val_accuracy": validation and validation.accuracy,
    }
    return {f"{prefix}_{name}": value for name, value in columns.items()}
