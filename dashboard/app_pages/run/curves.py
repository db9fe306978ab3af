"""The learning curves of a run: by step, epoch or time, smoothed or not, live while it runs."""

from __future__ import annotations

import streamlit as st

from dashboard.app_pages.run.choices import AXIS, LOG
from dashboard.app_pages.run.nothing import nothing_recorded
from dashboard.reads import live
from dashboard.reads import store as data
from dashboard.reads.columns import length
from dashboard.state.address import bound, choose, get
from dashboard.views.charts.curves import Score, has_accuracy, learning_curve
from dashboard.views.run.curves import Axis, on_axis
from dashboard.widgets.drawing import draw
from dashboard.widgets.shell import guarded
from dashboard.widgets.smoothing_choice import choose_half_life
from dashboard.widgets.theme import is_dark
from dashboard.words.i18n import _
from db.records import Run, Status


def curves(run: Run) -> None:
    """How it is drawn, then loss and accuracy; loss alone where numbers are predicted."""
    with guarded():
        now = data.get_run(run.id) or run
        metrics = live.metrics(now)
        if not length(metrics):
            nothing_recorded(now)
            return
        with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
            axis = _choose_axis()
            half_life = choose_half_life(now.steps)
            log = _choose_log(now)
        rows, x, divergences = on_axis(
            now, metrics, axis, data.events(now.id) if axis == "time" else (), dark=is_dark()
        )
        scores: list[tuple[Score, str]] = [("loss", _("Loss"))]
        if has_accuracy(metrics):
            scores.append(("accuracy", _("Accuracy")))
        for column, (score, title) in zip(st.columns(len(scores)), scores, strict=True):
            with column:
                st.markdown(f"**{title}**")
                draw(
                    learning_curve(
                        rows,
                        score,
                        log=log and score == "loss",
                        half_life=half_life,
                        x=x,
                        last_step=now.final_step if x is None else None,
                        divergences=divergences,
                        dark=is_dark(),
                    ),
                    key=f"{score}_curve",
                    alt=_("{score} of training and validation samples").format(score=title),
                )
        if axis == "time":
            st.caption(
                _(
                    "Seconds of training, without the time between attempts; known at checkpoints,"
                    " taken to pass evenly in between."
                )
            )


def _choose_axis() -> Axis:
    words: dict[Axis, str] = {"step": _("Step"), "epoch": _("Epoch"), "time": _("Training time")}
    return choose(st.segmented_control, _("X axis"), AXIS, words, required=True)


def _choose_log(run: Run) -> bool:
    log = LOG.usually(run.status is Status.DIVERGED)
    st.toggle(_("Logarithmic loss"), **bound(log))
    return get(log)
