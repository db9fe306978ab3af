"""Loss and accuracy of several runs or groups, overlaid: validation above, training below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.app_pages.run.layers import steps_per_epoch
from dashboard.reads import live
from dashboard.reads.columns import Columns, length, of_frame, stacked
from dashboard.state.kept import choose, keep, restore_flag
from dashboard.views.charts.curves import Score, has_accuracy, score_value
from dashboard.views.charts.lines import common_domain, epochs_axis, line_chart
from dashboard.views.charts.written import WrittenChart
from dashboard.views.compare.arms import Arm, divergences_of, first_of_each, lines_of
from dashboard.views.compare.spread import BANDS, Band, across_runs
from dashboard.widgets.drawing import draw
from dashboard.widgets.shell import guarded
from dashboard.widgets.theme import is_dark
from dashboard.words.i18n import _, integer
from db.records import Run, Status
from engine.records import Split

Axis = Literal["step", "epoch"]

READ = 100
"""Runs whose curves are read for one picture."""


def curves(arms: Sequence[Arm]) -> None:
    """Four charts on one axis; two where no run has an accuracy."""
    with guarded():
        drawn, some = first_of_each(arms, READ)
        runs = [run for arm in drawn for run in arm.runs]
        metrics = {run.id: live.metrics(run) for run in runs}
        recorded = {run_id: found for run_id, found in metrics.items() if length(found)}
        with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
            training = _choose_training()
            axis = choose_axis("compare_axis")
            band = choose_band(drawn, "compare_band")
            log = _choose_log(runs)
        if not recorded:
            st.caption(_("Nothing has been recorded yet."))
            return
        titles = score_titles(training)
        scores: list[Score] = ["loss"]
        scores += ["accuracy"] if any(map(has_accuracy, recorded.values())) else []
        for split in ("validation", training):
            for column, score in zip(st.columns(len(scores)), scores, strict=True):
                title = titles[score, split]
                rows = arm_rows(drawn, recorded, score, split, axis=axis, band=band)
                with column:
                    st.markdown(f"**{title}**")
                    draw(
                        curve_chart(
                            drawn,
                            rows,
                            score,
                            axis=axis,
                            log=log,
                            legend=split == "validation",
                            dark=is_dark(),
                        ),
                        key=f"compared_{score}_{split}",
                        alt=_("{title} of each run over steps").format(title=title),
                    )
        if some:
            partly_read(arms, drawn)


def partly_read(arms: Sequence[Arm], drawn: Sequence[Arm]) -> None:
    """Say that only some runs of each group are in the picture."""
    text = _("Drawn from {n} of {all} runs: the first {each} of each group.")
    n, every = (sum(len(arm.runs) for arm in found) for found in (drawn, arms))
    each = max(len(arm.runs) for arm in drawn)
    st.caption(text.format(n=integer(n), all=integer(every), each=integer(each)))


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


def score_titles(training: Split) -> dict[tuple[Score, Split], str]:
    """What each chart is called."""
    return {
        ("loss", "validation"): _("Validation loss"),
        ("accuracy", "validation"): _("Validation accuracy"),
        ("loss", training): _("Training loss"),
        ("accuracy", training): _("Training accuracy"),
    }


def choose_axis(key: str) -> Axis:
    """Steps, or epochs where batches differ in size."""
    words: dict[Axis, str] = {"step": _("Step"), "epoch": _("Epoch")}
    return choose(
        st.segmented_control,
        _("Horizontal axis"),
        words,
        name="x",
        usual="step",
        key=key,
        required=True,
        label_visibility="collapsed",
    )


def choose_band(arms: Sequence[Arm], key: str) -> Band:
    """What the bands show; nothing to choose where no arm has two runs."""
    if all(len(arm.runs) < 2 for arm in arms):
        return "std"
    return choose(
        st.selectbox,
        _("Band"),
        {name: _(text) for name, text in BANDS.items()},
        name="band",
        usual="std",
        key=key,
        label_visibility="collapsed",
        width=230,
        help=_("What the band around the mean of a group's runs shows."),
    )


def _choose_training() -> Split:
    words: dict[Split, str] = {"train": _("Epoch means"), "batch": _("Each batch")}
    return choose(
        st.segmented_control,
        _("Training"),
        words,
        name="training",
        usual="train",
        key="compare_training",
        required=True,
        label_visibility="collapsed",
        help=_("What the training curves show."),
    )


def _choose_log(runs: Sequence[Run]) -> bool:
    usual = all(run.status is Status.DIVERGED for run in runs)
    restore_flag("log", "compare_log", usual)
    log = st.toggle(_("Logarithmic loss"), key="compare_log")
    keep("log", log, usual)
    return log


def _of_run(run: Run, metrics: Columns | None, score: Score, split: Split, axis: Axis) -> Columns:
    if metrics is None:
        return _NOTHING
    of_split = metrics["split"] == split
    step, epoch, value = (metrics[name][of_split] for name in ("step", "epoch", score))
    if score == "accuracy" and not np.isfinite(value).any():
        return _NOTHING
    if axis == "epoch":
        step = step / steps_per_epoch(run)
    return {"step": step, "epoch": epoch, "value": value}


def _together(each: Sequence[Columns], band: Band) -> Columns:
    return of_frame(across_runs([pd.DataFrame(dict(rows)) for rows in each], band=band))


_NOTHING: Columns = {name: np.empty(0) for name in ("step", "epoch", "value", "line")}
