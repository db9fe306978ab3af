"""Loss and accuracy over steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import altair as alt
import pandas as pd

from dashboard.charts.colors import accent, faint, second
from dashboard.charts.lines import Divergence, Line, Value, line_chart
from dashboard.i18n import _
from dashboard.smoothing import smoothed
from engine.records import Metric, Split

Score = Literal["loss", "accuracy"]

SMOOTHED: tuple[Split, ...] = ("batch", "validation")
"""Epoch means are means already."""

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
    half_life: float = 0,
    x: alt.X | None = None,
    last_step: int | None = None,
    divergences: Sequence[Divergence] = (),
    dark: bool = False,
) -> alt.LayerChart:
    """One run's loss or accuracy: each batch faint, the epoch's means strong, and validation.

    With a `half_life`, in steps, the smoothed lines of the batches and of validation stand out, and
    what was measured stays behind them. `x` is another axis than that of steps, for `at`.
    """
    names = split_names()
    batch, train, validation = second(dark=dark), second(dark=dark), accent(dark=dark)
    frame = metrics.assign(line=metrics["split"].map(names), value=metrics[score])
    lines = [
        Line(names["batch"], faint(batch, dark=dark), width=1),
        Line(names["train"], train, width=2),
        Line(names["validation"], validation, width=2.5),
    ]
    if half_life:
        extra = {split: _("{line}, smoothed").format(line=names[split]) for split in SMOOTHED}
        frame = pd.concat([frame, *_smoothed(frame, score, extra, half_life)])
        lines = [
            Line(names["batch"], faint(batch, dark=dark), width=1),
            Line(names["validation"], faint(validation, dark=dark), width=1),
            Line(names["train"], train, dash=(2, 2), width=1.5),
            Line(extra["batch"], batch, width=2.5),
            Line(extra["validation"], validation, width=2.5),
        ]
    return line_chart(
        frame,
        lines=lines,
        value=score_value(score, log=log),
        legend="",
        divergences=divergences,
        last_step=last_step,
        x=x,
    )


def _smoothed(
    frame: pd.DataFrame, score: Score, names: Mapping[Split, str], half_life: float
) -> list[pd.DataFrame]:
    """The rows of each split that is smoothed, under another name."""
    found = []
    for split, name in names.items():
        rows = frame[frame["split"] == split].sort_values("step")
        values = smoothed(rows["step"], rows[score], half_life=half_life)
        found.append(rows.assign(line=name, value=values))
    return found


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
