"""Loss and accuracy of several runs or groups, overlaid: validation above, training below."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.app_pages.compare.choices import AXIS, BAND, LOG, TRAINING
from dashboard.app_pages.compare.limits import choose_limits, zoom
from dashboard.reads.compared import clocks_of, metrics_of
from dashboard.state.address import bound, choose, get
from dashboard.views.compare.arms import Arm, first_of_each
from dashboard.views.compare.curves import (
    TIMES,
    Axis,
    Layout,
    arm_rows,
    curve_chart,
    score_titles,
    scores_of,
    training_names,
    usual_training,
)
from dashboard.views.compare.spread import BANDS, Band
from dashboard.widgets.drawing import draw
from dashboard.widgets.shell import guarded
from dashboard.widgets.smoothing_choice import choose_half_life
from dashboard.widgets.theme import is_dark
from dashboard.words.i18n import _, integer
from db.records import Run, Status
from engine.records import Split

READ = 100
"""Runs whose curves are read for one picture."""


def curves(arms: Sequence[Arm]) -> None:
    """Four charts on one axis; two where no run has an accuracy."""
    with guarded():
        drawn, some = first_of_each(arms, READ)
        runs = [run for arm in drawn for run in arm.runs]
        recorded = metrics_of(runs)
        scores = scores_of(recorded)
        with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
            training = _choose_training(usual_training(recorded))
            axis = choose_axis()
            half_life = choose_half_life(max(run.steps for run in runs))
            band = choose_band(drawn)
            log = _choose_log(runs)
            limits = choose_limits(accuracy="accuracy" in scores)
        if not recorded:
            st.caption(_("Nothing has been recorded yet."))
            return
        layout = Layout(axis, log, band, half_life, *limits)
        timed = [run for run in runs if run.id in recorded and axis in TIMES]
        clocks = clocks_of(timed, wall=axis == "clock")
        titles = score_titles(training)
        for split in ("validation", training):
            for column, score in zip(st.columns(len(scores)), scores, strict=True):
                title = titles[score, split]
                rows = arm_rows(drawn, recorded, score, split, layout, clocks)
                legend = split == "validation"
                with column:
                    st.markdown(f"**{title}**")
                    event = draw(
                        curve_chart(drawn, rows, score, layout, legend=legend, dark=is_dark()),
                        key=f"compared_{score}_{split}_{axis}_{layout.x}",
                        alt=_("{title} of each run over steps").format(title=title),
                        on_select="rerun",
                        selection_mode="zoom",
                    )
                    zoom(event)
        if axis in TIMES and any(len(arm.runs) > 1 for arm in drawn):
            st.caption(_("Of a group, each step stands at the mean of its runs' times."))
        if some:
            partly_read(arms, drawn)


def partly_read(arms: Sequence[Arm], drawn: Sequence[Arm]) -> None:
    """Say that only some runs of each group are in the picture."""
    text = _("Drawn from {n} of {all} runs: the first {each} of each group.")
    n, every = (sum(len(arm.runs) for arm in found) for found in (drawn, arms))
    each = max(len(arm.runs) for arm in drawn)
    st.caption(text.format(n=integer(n), all=integer(every), each=integer(each)))


def choose_axis() -> Axis:
    """Steps, epochs where batches differ in size, or time."""
    words: dict[Axis, str] = {
        "step": _("Step"),
        "epoch": _("Epoch"),
        "time": _("Training time"),
        "clock": _("Clock"),
    }
    return choose(
        st.segmented_control,
        _("X axis"),
        AXIS,
        words,
        required=True,
        label_visibility="collapsed",
    )


def choose_band(arms: Sequence[Arm]) -> Band:
    """What the bands show; nothing to choose where no arm has two runs."""
    if all(len(arm.runs) < 2 for arm in arms):
        return "std"
    return choose(
        st.selectbox,
        _("Band"),
        BAND,
        {name: _(text) for name, text in BANDS.items()},
        label_visibility="collapsed",
        width=230,
        help=_("What the band around the mean of a group's runs shows."),
    )


def _choose_training(usual: Split) -> Split:
    return choose(
        st.segmented_control,
        _("Training"),
        TRAINING.usually(usual),
        training_names(),
        required=True,
        label_visibility="collapsed",
        help=_(
            "What the training curves show: training samples in inference mode as validation has"
            " it, or what the batches scored in training mode."
        ),
    )


def _choose_log(runs: Sequence[Run]) -> bool:
    log = LOG.usually(all(run.status is Status.DIVERGED for run in runs))
    st.toggle(_("Logarithmic loss"), **bound(log))
    return get(log)
