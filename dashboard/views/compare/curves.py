"""Loss and accuracy of several runs or groups over steps or epochs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd

from dashboard.reads.clock import Clock, seconds_at
from dashboard.reads.columns import Columns, length, of_frame, stacked
from dashboard.reads.smoothing import smoothed
from dashboard.views.charts.curves import SMOOTHED, Score, has_accuracy, has_sample, score_value
from dashboard.views.charts.lines import (
    common_domain,
    epochs_axis,
    line_chart,
    other_axis,
    steps_axis,
)
from dashboard.views.charts.written import Layer, WrittenChart
from dashboard.views.compare.arms import Arm, behind_first, divergences_of, lines_of
from dashboard.views.compare.spread import Band, across_runs
from dashboard.words.i18n import _
from db.records import Run
from engine.records import Split

Axis = Literal["step", "epoch", "time", "clock"]
AXES: tuple[Axis, ...] = get_args(Axis)
TIMES: tuple[Axis, ...] = ("time", "clock")
"""Axes on which a run's steps stand where its clock says."""

Ends = tuple[float | None, float | None]
"""The ends of an axis; None where the data set them."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How curves are laid out. Smoothing has a half-life in steps."""

    axis: Axis = "step"
    log: bool = False
    band: Band = "std"
    half_life: float = 0
    x: Ends = (None, None)
    loss: Ends = (None, None)
    accuracy: Ends = (None, None)


def arm_rows(
    arms: Sequence[Arm],
    metrics: Mapping[int, Columns],
    score: Score,
    split: Split,
    layout: Layout,
    clocks: Mapping[int, Clock] | None = None,
) -> dict[int, Columns]:
    """The rows of each arm that has any, by its place: `step` (or the epoch), `epoch`, `value`, on
    an axis of time `at`; of groups, also what `across_runs` adds, and where they are smoothed, what
    was measured as `raw`."""
    found: dict[int, Columns] = {}
    for arm in behind_first(arms):
        each = [
            _of_run(run, metrics.get(run.id), score, split, layout.axis, clocks or {})
            for run in arm.runs
        ]
        if present := [rows for rows in each if length(rows)]:
            rows = _together(present, score, layout) if arm.grouped else present[0]
            rows = _smoothed(rows, arm.runs[0], split, layout)
            found[arm.place] = {**rows, "line": np.full(length(rows), arm.line(dark=False).name)}
    return found


def _smoothed(rows: Columns, run: Run, split: Split, layout: Layout) -> Columns:
    """Smoothed rows, what was measured beside them. Epoch means are means already."""
    if not layout.half_life or split not in SMOOTHED:
        return rows
    half_life = layout.half_life / (run.steps_per_epoch if layout.axis == "epoch" else 1)
    drawn = [name for name in ("value", "low", "high") if name in rows]
    smooth = {n: smoothed(rows["step"], rows[n], half_life=half_life) for n in drawn}
    return {**rows, **smooth, "raw": rows["value"]}


def curve_chart(
    arms: Sequence[Arm],
    rows: Mapping[int, Columns],
    score: Score,
    layout: Layout,
    *,
    legend: bool,
    dark: bool,
) -> WrittenChart:
    """One score of all arms. Runs that diverged do not set its axis. A drag across it selects a
    stretch."""
    log = layout.log and score == "loss"
    drawn = stacked(_alike(list(rows.values()))) if rows else _NOTHING
    steady = {arm.place for arm in arms if arm.diverged < len(arm.runs)} or set(rows)
    values = [
        found[name]
        for place, found in rows.items()
        if place in steady
        for name in ("value", "low", "high")
        if name in found
    ]
    domain = (0.0, 1.0) if score == "accuracy" and layout.accuracy != (None, None) else None
    if score == "loss" and values:
        domain = common_domain(np.concatenate(values), "log" if log else "linear")
    domain = _limited(domain, layout.loss if score == "loss" else layout.accuracy, log=log)
    by_step = layout.axis == "step"
    end = float(drawn["step"].max()) if length(drawn) else None
    marks = divergences_of(arms, dark=dark) if by_step else []
    return line_chart(
        drawn,
        lines=lines_of(arms, dark=dark),
        value=score_value(score, log=log, domain=domain),
        legend="" if legend else None,
        divergences=[mark for mark in marks if _within(mark.step, layout.x)],
        last_step=int(end) if end is not None and by_step else None,
        height=260,
        x=_along(drawn, layout),
        zooms=True,
    )


def _along(drawn: Columns, layout: Layout) -> Layer:
    """The horizontal axis, between the ends that were asked for."""
    field = "at" if layout.axis in TIMES else "step"
    values = drawn[field] if field in drawn else np.zeros(0)
    last = float(values.max()) if len(values) else 1.0
    axes: dict[Axis, Layer] = {
        "step": steps_axis(int(last)),
        "epoch": epochs_axis(last),
        "time": other_axis(_("Training time (s)"), last),
        "clock": other_axis(_("Time") + " (s)", last),
    }
    axis = axes[layout.axis]
    low, high = axis["scale"]["domain"]
    domain = _limited((low, high), layout.x)
    return {**axis, "scale": {**axis["scale"], "domain": list(domain or (low, high))}}


def _limited(
    domain: tuple[float, float] | None, ends: Ends, *, log: bool = False
) -> tuple[float, float] | None:
    """An axis's ends, those that were asked for before those of the data, where that can be."""
    if domain is None:
        return None
    low, high = (own if own is not None else of for own, of in zip(ends, domain, strict=True))
    return (low, high) if low < high and (low > 0 or not log) else domain


def _within(place: float, ends: Ends) -> bool:
    low, high = ends
    return (low is None or low <= place) and (high is None or place <= high)


def _alike(parts: Sequence[Columns]) -> list[Columns]:
    """Parts of equal columns: what some lack is missing there."""
    names = list(dict.fromkeys(name for part in parts for name in part))
    return [
        {n: part[n] if n in part else np.full(length(part), np.nan) for n in names}
        for part in parts
    ]


def scores_of(metrics: Mapping[int, Columns]) -> list[Score]:
    """The loss, and the accuracy where some run has one."""
    return ["loss", "accuracy"] if any(map(has_accuracy, metrics.values())) else ["loss"]


def usual_training(metrics: Mapping[int, Columns]) -> Split:
    """The training curves that stand beside validation: training samples in inference mode, too;
    where some run is from before these were scored, what all have."""
    return "train_sample" if all(map(has_sample, metrics.values())) else "train"


def training_names() -> dict[Split, str]:
    """What training curves may show, in a word or two."""
    return {
        "train_sample": _("As validation"),
        "train": _("Epoch means"),
        "batch": _("Each batch"),
    }


def score_titles(training: Split) -> dict[tuple[Score, Split], str]:
    """What each chart is called."""
    losses: dict[Split, str] = {
        "train_sample": _("Training loss"),
        "train": _("Loss, mean of the epoch's batches (training mode)"),
        "batch": _("Loss of each batch (training mode)"),
    }
    accuracies: dict[Split, str] = {
        "train_sample": _("Training accuracy"),
        "train": _("Accuracy, mean of the epoch's batches (training mode)"),
        "batch": _("Accuracy of each batch (training mode)"),
    }
    return {
        ("loss", "validation"): _("Validation loss"),
        ("accuracy", "validation"): _("Validation accuracy"),
        ("loss", training): losses[training],
        ("accuracy", training): accuracies[training],
    }


def _of_run(
    run: Run,
    metrics: Columns | None,
    score: Score,
    split: Split,
    axis: Axis,
    clocks: Mapping[int, Clock],
) -> Columns:
    if metrics is None:
        return _NOTHING
    of_split = metrics["split"] == split
    step, epoch, value = (metrics[name][of_split] for name in ("step", "epoch", score))
    if score == "accuracy" and not np.isfinite(value).any():
        return _NOTHING
    if axis == "epoch":
        step = step / run.steps_per_epoch
    rows = {"step": step, "epoch": epoch, "value": value}
    if axis in TIMES:
        seconds = seconds_at(step, *clocks[run.id])
        begun = min(at[0] for _steps, at in clocks.values())
        rows["at"] = seconds - begun if axis == "clock" else seconds
    return rows


def _together(each: Sequence[Columns], score: Score, layout: Layout) -> Columns:
    """The mean of several runs with its band, which reaches nowhere where no value can be: no loss
    is below 0, no accuracy beyond all. In time, each step stands at the mean of its times."""
    frames = [pd.DataFrame(dict(rows)) for rows in each]
    found = across_runs(frames, band=layout.band)
    found["low"] = found["low"].clip(lower=0)
    if score == "accuracy":
        found["high"] = found["high"].clip(upper=1)
    if layout.axis in TIMES:
        times = pd.concat(frames).groupby("step")["at"].mean()
        found["at"] = found["step"].map(times)
    return of_frame(found)


_NOTHING: Columns = {name: np.empty(0) for name in ("step", "epoch", "value", "line")}
