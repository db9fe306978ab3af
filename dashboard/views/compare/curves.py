"""Loss and accuracy of several runs or groups over steps or epochs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import pandas as pd

from dashboard.reads.columns import Columns, length, of_frame, stacked
from dashboard.views.charts.curves import Score, has_accuracy, score_value
from dashboard.views.charts.lines import common_domain, epochs_axis, line_chart
from dashboard.views.charts.written import WrittenChart
from dashboard.views.compare.arms import Arm, divergences_of, lines_of
from dashboard.views.compare.spread import Band, across_runs
from dashboard.words.i18n import _
from db.records import Run
from engine.records import Split

Axis = Literal["step", "epoch"]


def arm_rows(
    arms: Sequence[Arm],
    metrics: Mapping[int, Columns],
    score: Score,
    split: Split,
    *,
    axis: Axis,
    band: Band,
) -> dict[int, Columns]:
    """The rows of each arm that has any, by its place: `step` (the axis), `epoch` and `value`; of
    groups, also what `across_runs` adds."""
    found: dict[int, Columns] = {}
    for arm in arms:
        each = [_of_run(run, metrics.get(run.id), score, split, axis) for run in arm.runs]
        if present := [rows for rows in each if length(rows)]:
            rows = _together(present, band) if arm.grouped else present[0]
            found[arm.place] = {**rows, "line": np.full(length(rows), arm.line(dark=False).name)}
    return found


def curve_chart(
    arms: Sequence[Arm],
    rows: Mapping[int, Columns],
    score: Score,
    *,
    axis: Axis,
    log: bool,
    legend: bool,
    dark: bool,
) -> WrittenChart:
    """One score of all arms. Runs that diverged do not set its axis."""
    drawn = stacked(list(rows.values())) if rows else _NOTHING
    steady = {arm.place for arm in arms if arm.diverged < len(arm.runs)} or set(rows)
    values = [
        found[name]
        for place, found in rows.items()
        if place in steady
        for name in ("value", "low", "high")
        if name in found
    ]
    domain = None
    if score == "loss" and values:
        domain = common_domain(np.concatenate(values), "log" if log else "linear")
    end = float(drawn["step"].max()) if length(drawn) else None
    by_step = axis == "step"
    return line_chart(
        drawn,
        lines=lines_of(arms, dark=dark),
        value=score_value(score, log=log, domain=domain),
        legend="" if legend else None,
        divergences=divergences_of(arms, dark=dark) if by_step else (),
        last_step=int(end) if end is not None and by_step else None,
        height=260,
        x=None if by_step else epochs_axis(end),
    )


def scores_of(metrics: Mapping[int, Columns]) -> list[Score]:
    """The loss, and the accuracy where some run has one."""
    return ["loss", "accuracy"] if any(map(has_accuracy, metrics.values())) else ["loss"]


def score_titles(training: Split) -> dict[tuple[Score, Split], str]:
    """What each chart is called."""
    return {
        ("loss", "validation"): _("Validation loss"),
        ("accuracy", "validation"): _("Validation accuracy"),
        ("loss", training): _("Training loss"),
        ("accuracy", training): _("Training accuracy"),
    }


def _of_run(run: Run, metrics: Columns | None, score: Score, split: Split, axis: Axis) -> Columns:
    if metrics is None:
        return _NOTHING
    of_split = metrics["split"] == split
    step, epoch, value = (metrics[name][of_split] for name in ("step", "epoch", score))
    if score == "accuracy" and not np.isfinite(value).any():
        return _NOTHING
    if axis == "epoch":
        step = step / run.steps_per_epoch
    return {"step": step, "epoch": epoch, "value": value}


def _together(each: Sequence[Columns], band: Band) -> Columns:
    return of_frame(across_runs([pd.DataFrame(dict(rows)) for rows in each], band=band))


_NOTHING: Columns = {name: np.empty(0) for name in ("step", "epoch", "value", "line")}
