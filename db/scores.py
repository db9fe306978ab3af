"""What a run came to, as columns to filter and sort by: those of its summary, and the gaps between
training and validation that follow from them."""

from __future__ import annotations

from math import inf
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, case

from db.models import SummaryRow

Which = Literal["last", "best"]
LATER_SCORES = (
    "train_accuracy",
    "train_loss",
    "mean_loss",
    "gap",
    "loss_gap",
    "val_r2",
    "train_r2",
)
"""Scores of the newest evaluation that lists and groups call by these names alone."""


def score_column(which: Which, score: str) -> ColumnElement[Any]:
    """The column of a score at the newest or the best evaluation."""
    if score in _GAPS:
        return _gap(which, *_GAPS[score])
    column: ColumnElement[Any] = SummaryRow.__table__.c[f"{which}_{score}"]
    return column


_GAPS = {"gap": ("train_accuracy", "val_accuracy"), "loss_gap": ("val_loss", "train_loss")}
"""What is larger where a network does better on its training samples, less what is smaller."""


def _gap(which: Which, larger: str, smaller: str) -> ColumnElement[Any]:
    """None where either is missing or not a number: on SQLite NaN is a text, and would count 0."""
    left, right = (SummaryRow.__table__.c[f"{which}_{name}"] for name in (larger, smaller))
    return case((and_(left < inf, right < inf), left - right))
