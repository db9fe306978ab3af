"""A list of runs as a table: a row for each run, its columns as the reader chose them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from math import isfinite
from typing import Any

import pandas as pd

from dashboard.reads.differences import Difference, differences
from dashboard.views.runs.columns import DIFFERING, SCORES, USUAL, value_of
from dashboard.views.status import status_name
from dashboard.words.i18n import duration, moment, percent
from dashboard.words.parameters import value_text
from db.query.names import names
from db.records import Run, Status

MOST_DIFFERENCES = 12
"""More columns than this say nothing any more."""

OWN = frozenset({"status", "owner", "created", "duration", "parameters", "step", "tags"})
"""Columns with a place of their own, which queries know too."""


def runs_frame(
    runs: Sequence[Run],
    losses: Mapping[int, Sequence[float]],
    found: Sequence[Difference] = (),
    columns: Sequence[str] = USUAL,
) -> pd.DataFrame:
    """One row per run."""
    return pd.DataFrame(
        [
            _row(run, losses.get(run.id, ()))
            | {d.path: _value(d, i) for d in found}
            | {column_key(name): value_of(run, name) for name in asked_of(columns)}
            for i, run in enumerate(runs)
        ]
    )


def shown_differences(runs: Sequence[Run]) -> list[Difference]:
    """In what the runs of the list differ."""
    return differences([run.config for run in runs])[:MOST_DIFFERENCES]


def asked_of(columns: Sequence[str]) -> list[str]:
    """The hyperparameters among the columns that were asked for by their names in queries."""
    return [name for name in columns if name in names() and name not in OWN]


def column_key(name: str) -> str:
    """The column of a hyperparameter that was asked for, apart from one that happens to differ."""
    return f"asked {name}"


def _value(difference: Difference, i: int) -> str:
    return value_text(difference.path, difference.values[i])


def _row(run: Run, losses: Sequence[float]) -> dict[str, Any]:
    last, best = run.last, run.best
    return {
        "id": run.id,
        "name": run.label,
        "status": [state_text(run)],
        "losses": _curve(losses),
        "val_accuracy": _percentage(last.val_accuracy if last else None),
        "best_val_accuracy": _percentage(best.val_accuracy if best else None),
        "val_loss": last.val_loss if last else None,
        "best_val_loss": best.val_loss if best else None,
        "accuracy": _percentage(last.accuracy if last else None),
        "loss": last.loss if last else None,
        "tags": list(run.tags),
        "owner": run.owner,
        "created": moment(run.created_at),
        "duration": elapsed(run),
        "parameters": run.parameters,
        "step": run.step,
        "sweep": run.sweep_id,
    }


def state_text(run: Run) -> str:
    """How a run stands, and how far it came where that is not all the way."""
    name = status_name(run.status)
    if run.status is Status.QUEUED or not 0 < run.progress < 1:
        return name
    return f"{name} {percent(run.progress, 0)}"


def _curve(losses: Sequence[float]) -> list[float]:
    """What a sparkline can draw: finite values, and two at least."""
    finite = [loss for loss in losses if isfinite(loss)]
    return finite if len(finite) > 1 else []


def _percentage(share: float | None) -> float | None:
    return None if share is None else 100 * share


def elapsed(run: Run) -> str | None:
    """How long the attempt took, or has taken so far."""
    if run.started_at is None:
        return None
    end = run.ended_at or datetime.now(UTC)
    return duration((end - run.started_at).total_seconds())


def sorted_by(column: str) -> str | None:
    """By what the whole list is sorted where somebody asks for a column; None where it cannot."""
    if column in _SORTS:
        return _SORTS[column]
    if column == "tags":
        return None
    name = column.removeprefix(column_key(""))
    known = names().get(name)
    return name if column in OWN or (known and not known.listed) else None


_SORTS = {
    "losses": "loss",
    **{name: name for name in ("val_accuracy", "best_val_accuracy", "val_loss", "best_val_loss")},
    **{name: name for name in ("accuracy", "loss")},
}


def column_order(
    runs: Sequence[Run], found: Sequence[Difference], columns: Sequence[str] = USUAL
) -> list[str]:
    """Number and name, then what was chosen. Of the scores, validation losses are shown where some
    run has no accuracy, accuracies where some run may have one."""
    without = [run.last is not None and run.last.val_accuracy is None for run in runs]
    accuracies = [] if runs and all(without) else ["val_accuracy", "best_val_accuracy"]
    stands_for = {
        SCORES: [*accuracies, *(["val_loss"] if any(without) else [])],
        DIFFERING: [difference.path for difference in found],
    }
    order, asked = ["id", "name"], asked_of(columns)
    for name in columns:
        order += stands_for.get(name, [column_key(name) if name in asked else name])
    return order
