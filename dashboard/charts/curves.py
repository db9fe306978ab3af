"""Loss and accuracy over steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import altair as alt
import pandas as pd

from dashboard.charts.colors import accent, faint, second
from dashboard.charts.lines import Line, Value, line_chart, own_divergence
from dashboard.i18n import _
from engine.records import Metric, Split

Score = Literal["loss", "accuracy"]

COLUMNS = ("step", "epoch", "split", "loss", "accuracy")


def metrics_frame(metrics: Sequence[Metric]) -> pd.DataFrame:
    """Metrics as a table, a row a step and split."""
    frame = pd.DataFrame({name: [getattr(m, name) for m in metrics] for name in COLUMNS})
    return frame.astype({"accuracy": float})  # None, of runs that predict numbers, becomes NaN


def has_accuracy(metrics: pd.DataFrame) -> bool:
    """Whether a run predicts labels, so that there are answers to be right or wrong."""
    return bool(metrics["accuracy"].notna().any())


def learning_curve(
    metrics: pd.DataFrame,
    score: Score,
    *,
    log: bool = False,
    last_step: int | None = None,
    diverged_step: int | None = None,
    dark: bool = False,
) -> alt.LayerChart:
    """One run's loss or accuracy: each batch faint, the epoch's means strong, and validation."""
    names = split_names()
    lines = [
        Line(names["batch"], faint(second(dark=dark), dark=dark), width=1),
        Line(names["train"], second(dark=dark), width=2),
        Line(names["validation"], accent(dark=dark), width=2.5),
    ]
    frame = metrics.assign(line=metrics["split"].map(names), value=metrics[score])
    return line_chart(
        frame,
        lines=lines,
        value=score_value(score, log=log),
        legend="",
        divergences=own_divergence(diverged_step, dark=dark),
        last_step=last_step,
    )


def split_names() -> dict[Split, str]:
    """What each split is called in the reader's language."""
    return {
        "batch": _("Training batch"),
        "train": _("Training epoch"),
        "validation": _("Validation"),
    }


def score_value(
    score: Score, *, log: bool = False, domain: tuple[float, float] | None = None
) -> Value:
    """How a score is laid out on its axis."""
    if score == "accuracy":
        return Value(_("Accuracy"), share=True, domain=domain)
    return Value(_("Loss"), scale="log" if log else "linear", domain=domain)
