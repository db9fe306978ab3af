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

SMOOTHED: tuple[Split, ...] = ("batch", "train_sample", "validation")
"""Epoch means are means already."""


def has_accuracy(metrics: Columns) -> bool:
    """Whether a run predicts labels, so that there are answers to be right or wrong."""
    return not np.isnan(metrics["accuracy"]).all()


def has_sample(metrics: Columns) -> bool:
    """Whether training samples are scored in inference mode, as they are at every evaluation but
    in runs from before."""
    evaluated, sampled = (metrics["split"] == split for split in ("train", "train_sample"))
    return bool(sampled.any() or not evaluated.any())


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
    """One run's loss or accuracy: each batch faint; training samples and validation strong, both in
    inference mode; the epoch's means over its batches dotted, or strong where they are all there
    is.

    With a `half_life`, in steps, the smoothed lines of the batches and of validation stand out, and
    what was measured stays behind them. `x` is another axis than that of steps, for `at`.
    """
    names = split_names()
    batch, train, validation = second(dark=dark), second(dark=dark), accent(dark=dark)
    drawn: Columns = {**metrics, "line": _named(metrics["split"], names), "value": metrics[score]}
    sampled = has_sample(metrics)
    each = Line(names["batch"], faint(batch, dark=dark), width=1)
    means = Line(names["train"], train, dash=(2, 2), width=1.5)
    lines = [
        each,
        means if sampled else Line(names["train"], train, width=2),
        *([Line(names["train_sample"], train, width=2)] if sampled else []),
        Line(names["validation"], validation, width=2.5),
    ]
    if half_life:
        present = [split for split in SMOOTHED if sampled or split != "train_sample"]
        extra = {split: _("{line}, smoothed").format(line=names[split]) for split in present}
        drawn = stacked([drawn, *_smoothed(drawn, extra, half_life)])
        sample = Line(names["train_sample"], faint(train, dark=dark), width=1)
        lines = [
            each,
            *([sample] if sampled else []),
            Line(names["validation"], faint(validation, dark=dark), width=1),
            means,
            Line(extra["batch"], batch, dash=(6, 3) if sampled else (), width=2),
            *([Line(extra["train_sample"], train, width=2.5)] if sampled else []),
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
        "batch": _("Each batch (training mode)"),
        "train": _("Mean of the epoch's batches (training mode)"),
        "train_sample": _("Training"),
        "validation": _("Validation"),
    }


def score_value(
    score: Score, *, log: bool = False, domain: tuple[float, float] | None = None
) -> Value:
    """How a score is laid out on its axis."""
    if score == "accuracy":
        return Value(_("Accuracy"), share=True, domain=domain)
    return Value(_("Loss"), scale="log" if log else "linear", domain=domain)
