"""Loss and accuracy over steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from dashboard.reads.columns import Columns, rows, stacked
from dashboard.reads.smoothing import smoothed
from dashboard.views.charts.colors import accent, faint, second
from dashboard.views.charts.lines import Divergence, Line, Value, line_chart
from dashboard.views.charts.written import Layer, WrittenChart
from dashboard.words.i18n import _
from engine.records import Split

Score = Literal["loss", "accuracy"]

SMOOTHED: tuple[Split, ...] = ("batch", "validation")
"""Epoch means are means already."""


def has_accuracy(metrics: Columns) -> bool:
    """Whether a run predicts labels, so that there are answers to be right or wrong."""
    return not np.isnan(metrics["accuracy"]).all()


def learning_curve(
    metrics: Columns,
    score: Score,
    *,
    log: bool = False,
    half_life: float = 0,
    x: Layer | None = None,
    last_step: int | None = None,
    divergences: Sequence[Divergence] = (),
    dark: bool = False,
) -> WrittenChart:
    """One run's loss or accuracy: each batch faint, the epoch's means strong, and validation.

    With a `half_life`, in steps, the smoothed lines of the batches and of validation stand out, and
    what was measured stays behind them. `x` is another axis than that of steps, for `at`.
    """
    names = split_names()
    batch, train, validation = second(dark=dark), second(dark=dark), accent(dark=dark)
    drawn: Columns = {**metrics, "line": _named(metrics["split"], names), "value": metrics[score]}
    lines = [
        Line(names["batch"], faint(batch, dark=dark), width=1),
        Line(names["train"], train, width=2),
        Line(names["validation"], validation, width=2.5),
    ]
    if half_life:
        extra = {split: _("{line}, smoothed").format(line=names[split]) for split in SMOOTHED}
        drawn = stacked([drawn, *_smoothed(drawn, extra, half_life)])
        lines = [
            Line(names["batch"], faint(batch, dark=dark), width=1),
            Line(names["validation"], faint(validation, dark=dark), width=1),
            Line(names["train"], train, dash=(2, 2), width=1.5),
            Line(extra["batch"], batch, width=2.5),
            Line(extra["validation"], validation, width=2.5),
        ]
    return line_chart(
        drawn,
        lines=lines,
        value=score_value(score, log=log),
        legend="",
        divergences=divergences,
        last_step=last_step,
        x=x,
    )


def _named(splits: NDArray[np.str_], names: Mapping[Split, str]) -> NDArray[np.str_]:
    """The name of each split."""
    return np.select([splits == split for split in names], list(names.values()), default="")


def _smoothed(drawn: Columns, names: Mapping[Split, str], half_life: float) -> list[Columns]:
    """The rows of each split that is smoothed, under another name."""
    found: list[Columns] = []
    for split, name in names.items():
        places = np.flatnonzero(drawn["split"] == split)
        own = rows(drawn, places[drawn["step"][places].argsort(kind="stable")])
        values = smoothed(own["step"], own["value"], half_life=half_life)
        found.append({**own, "line": np.full(len(places), name), "value": values})
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
