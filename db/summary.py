"""A run's summary: its newest and its best evaluation, kept right by whoever changes history.

Read from the few evaluated rows by their key, never carried on from write to write: right after a
replay, right after a cut, whatever the order of writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import inf, isfinite
from typing import Any

from sqlalchemy import (
    BindParameter,
    Connection,
    Select,
    and_,
    bindparam,
    case,
    cast,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)

from db import layer_history
from db.models import HISTORY, SPLITS, BlockRow, CheckpointRow, MetricRow, SummaryRow
from db.types import Number, Word
from engine.records import Metric

EVALUATED = ("train", "validation")
SCORED = (*EVALUATED, "train_sample")


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


def set_baseline(connection: Connection, run_id: int, loss: float | None) -> None:
    """Note what predicting the mean would score."""
    of_run = SummaryRow.run_id == run_id
    connection.execute(update(SummaryRow).where(of_run).values(baseline_loss=loss))


def rewind(connection: Connection, run_id: int, step: int | None) -> None:
    """Cut a run's history back to the end of `step`, or to nothing."""
    last = -1 if step is None else step
    if not connection.execute(_LATER, {"of_run": run_id, "last": last}).scalar_one():
        return
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
    connection.execute(_CHANGE, {"of_run": run_id} | last | best)


def split(word: str) -> Any:
    """A split written into the statement, so that the index on validation rows can serve it."""
    return bindparam(None, word, type_=Word(SPLITS), literal_execute=True)


# Statements that every write makes are built once: that takes as long as executing them.
_RUN: BindParameter[int] = bindparam("of_run")
_LATER = select(
    or_(
        *(
            exists().where(table.run_id == _RUN, table.step > bindparam("last"))
            for table in (*HISTORY, CheckpointRow, BlockRow)
        )
    )
)
_CHANGE = update(SummaryRow.__table__).where(SummaryRow.__table__.c.run_id == _RUN)
_LAST_STEPS = [
    select(func.max(MetricRow.step)).where(MetricRow.run_id == _RUN, MetricRow.split == each)
    for each in EVALUATED
]
_SCORES = select(
    MetricRow.split, MetricRow.epoch, MetricRow.loss, MetricRow.accuracy, MetricRow.r2
).where(
    MetricRow.run_id == _RUN,
    MetricRow.split.in_(SCORED),
    MetricRow.step == bindparam("at_step"),
)


def _best_steps() -> Iterator[Select[int]]:
    """The first validation with the highest accuracy, or with the lowest loss where there is none;
    what is not a number is neither."""
    of_run = (MetricRow.run_id == _RUN, MetricRow.split == split("validation"))
    accuracy, loss = MetricRow.accuracy, MetricRow.loss
    highest = select(func.max(accuracy)).where(*of_run, accuracy <= 1).scalar_subquery()
    lowest = select(func.min(loss)).where(*of_run, loss < inf).scalar_subquery()
    for is_best in (accuracy == highest, accuracy.is_(None) & (loss == lowest)):
        yield select(func.min(MetricRow.step)).where(*of_run, is_best)


_BEST_STEPS = list(_best_steps())


def _last_step(connection: Connection, run_id: int) -> int | None:
    of_run = {"of_run": run_id}
    steps = [connection.execute(each, of_run).scalar_one() for each in _LAST_STEPS]
    return max((step for step in steps if step is not None), default=None)


def _best_step(connection: Connection, run_id: int) -> int | None:
    for statement in _BEST_STEPS:
        step = connection.execute(statement, {"of_run": run_id}).scalar_one()
        if step is not None:
            return int(step)
    return None


def _scores(
    connection: Connection, run_id: int, prefix: str, step: int | None
) -> dict[str, float | None]:
    """The columns of one evaluation; all None where there is none."""
    place = {"of_run": run_id, "at_step": step}
    found = (
        {row.split: row for row in connection.execute(_SCORES, place)} if step is not None else {}
    )
    train, validation, sample = (found.get(split) for split in SCORED)
    either = validation or train
    columns = {
        "step": step,
        "epoch": either and either.epoch,
        "loss": train and train.loss,
        "accuracy": train and train.accuracy,
        "val_loss": validation and validation.loss,
        "val_accuracy": validation and validation.accuracy,
        "train_loss": sample and sample.loss,
        "train_accuracy": sample and sample.accuracy,
        "val_r2": validation and validation.r2,
        "train_r2": sample and sample.r2,
        "mean_loss": None if step is None else _mean_loss(connection, run_id, step),
    }
    return {f"{prefix}_{name}": value for name, value in columns.items()}


def _mean_loss(connection: Connection, run_id: int, step: int) -> float | None:
    """The mean of the epochs' own losses up to a step; None where one is not finite."""
    finite = case((and_(MetricRow.loss < inf, MetricRow.loss > -inf), MetricRow.loss))
    epochs = (MetricRow.run_id == run_id, MetricRow.split == "train", MetricRow.step <= step)
    mean, numbers, every = connection.execute(
        select(func.avg(cast(finite, Number())), func.count(finite), func.count()).where(*epochs)
    ).one()
    return mean if numbers == every else None
