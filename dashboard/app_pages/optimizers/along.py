"""Along the paths: how long the steps are, what each learning rate comes to, what is remembered."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from dashboard.app_pages.optimizers.choices import Walk
from dashboard.app_pages.optimizers.ground import Ground
from dashboard.views.charts.along_path import (
    by_parameter,
    memory_frame,
    rates_frame,
    step_lengths,
    steps_frame,
)
from dashboard.widgets.drawing import draw
from dashboard.widgets.theme import is_dark
from dashboard.words.i18n import _, msg
from engine.analyses.paths import Path

MEMORY = {
    ("momentum", "v"): msg("v: the velocity"),
    ("nesterov", "v"): msg("v: the velocity"),
    ("adagrad", "h"): msg("h: the sum of all squared gradients"),
    ("rmsprop", "h"): msg("h: the moving mean of the squared gradients"),
    ("adadelta", "h"): msg("h: the moving mean of the squared gradients"),
    ("adadelta", "s"): msg("s: the moving mean of the squared steps"),
    ("adamax", "u"): msg("u: the largest gradient, slowly forgotten"),
    ("amsgrad", "v_max"): msg("v_max: the largest v so far"),
}
"""What optimizers keep in their slots, where it is not one of Adam's moments."""

MOMENTS = {
    "m": msg("m: the moving mean of the gradients"),
    "v": msg("v: the moving mean of the squared gradients"),
}


def along(
    choice: Walk, ground: Ground, paths: Mapping[str, Path], names: Mapping[str, str]
) -> None:
    """Draw it: all steps in one chart, then each optimizer's rates and memory."""
    walked = {kind: path for kind, path in paths.items() if len(path.points) > 1}
    if not walked:
        return
    st.subheader(_("Along the paths"))
    draw(
        step_lengths(steps_frame(walked, names), names, steps=choice.steps, dark=is_dark()),
        key="step_lengths",
        alt=_("How long each step was, a line for each optimizer"),
    )
    st.caption(
        _(
            "Effective learning rate: the step divided by the gradient, |Δw| / |g|, for each"
            " parameter. Plain SGD has one for both; what divides by the size of past gradients"
            " gives each its own."
        )
    )
    with st.grid(3, min_column_width=240):
        for kind, path in walked.items():
            _of_one(kind, path, choice, ground, names[kind])


def _of_one(kind: str, path: Path, choice: Walk, ground: Ground, name: str) -> None:
    axes = tuple(axis.split(",")[0] for axis in ground.axes)
    with st.container(gap="xsmall"):
        st.markdown(f"**{name}**")
        draw(
            by_parameter(
                rates_frame(path, axes),  # type: ignore[arg-type]
                _("Effective learning rate"),
                steps=choice.steps,
                log=True,
                dark=is_dark(),
            ),
            key=f"rate_{kind}",
            alt=_("The effective learning rate of {optimizer} over the steps").format(
                optimizer=name
            ),
        )
        for slot in path.memory:
            title = _(MEMORY.get((kind, slot)) or MOMENTS[slot])
            draw(
                by_parameter(
                    memory_frame(path, slot, axes),  # type: ignore[arg-type]
                    title,
                    steps=choice.steps,
                    log=False,
                    dark=is_dark(),
                ),
                key=f"memory_{kind}_{slot}",
                alt=_("What {optimizer} remembers, {slot}, over the steps").format(
                    optimizer=name, slot=title
                ),
            )
