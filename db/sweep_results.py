"""What the runs of a sweep came to: scored, gathered by trial, and held against one another."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from db.models import MetricRow, RunRow, SummaryRow, TrialRow
from db.records import Status, Sweep, Trial
from db.summary import split
from engine.sweeps.config import Objective


def trials(connection: Connection, sweep: Sweep) -> list[Trial]:
    """The points of a sweep, by number."""
    runs: dict[int, list[Row[*tuple[Any, ...]]]] = {}
    for run in connection.execute(_scored(sweep.config.objective, sweep.id)):
        runs.setdefault(run.trial, []).append(run)
    points = select(TrialRow.number, TrialRow.values).where(TrialRow.sweep_id == sweep.id)
    return [
        _trial(number, values, runs.get(number, []))
        for number, values in connection.execute(points.order_by(TrialRow.number))
    ]


def losses_at(connection: Connection, sweep_id: int, epoch: int) -> list[float]:
    """The lowest validation loss by `epoch` of every run of a sweep that is done."""
    done = RunRow.sweep_id == sweep_id, RunRow.status == Status.DONE
    lowest = (
        select(func.min(MetricRow.loss))
        .join(RunRow, RunRow.id == MetricRow.run_id)
        .where(*done, MetricRow.split == split("validation"), MetricRow.epoch <= epoch)
        .group_by(MetricRow.run_id)
    )
    return [inf if loss is None else loss for loss in connection.execute(lowest).scalars()]


def lowest_loss(connection: Connection, run_id: int) -> float:
    """A run's lowest validation loss so far; infinity where it has none."""
    lowest: float | None = connection.execute(select(_lowest(run_id))).scalar_one()
    return inf if lowest is None else lowest


def _scored(objective: Objective, sweep_id: int) -> Select[*tuple[Any, ...]]:
    score = _lowest(RunRow.id) if objective == "val_loss" else SummaryRow.best_val_accuracy
    return (
        select(
            RunRow.id,
            RunRow.trial,
            RunRow.status,
            SummaryRow.last_val_loss,
            score.label("score"),
        )
        .join(SummaryRow, SummaryRow.run_id == RunRow.id)
        .where(RunRow.sweep_id == sweep_id)
        .order_by(RunRow.trial, RunRow.replicate)
    )


def _lowest(run_id: Any) -> Any:
    """The lowest loss on the index of validation losses; what is not finite counts for nothing."""
    return (
        select(func.min(MetricRow.loss))
        .where(
            MetricRow.run_id == run_id,
            MetricRow.split == split("validation"),
            MetricRow.loss < inf,
        )
        .correlate(RunRow)
        .scalar_subquery()
    )


def _trial(number: int, values: Mapping[str, Any], runs: list[Row[*tuple[Any, ...]]]) -> Trial:
    counts = dict.fromkeys(Status, 0)
    for run in runs:
        counts[run.status] += 1
    stopped = [r.last_val_loss for r in runs if r.status is Status.STOPPED and r.last_val_loss]
    done = [r.score for r in runs if r.status is Status.DONE and r.score is not None]
    return Trial(
        number=number,
        values=values,
        run_ids=tuple(run.id for run in runs),
        counts=counts,
        scores=tuple(done),
        last_loss=max(stopped, default=None),
    )
