"""Distributions inside several runs or groups at one step: side by side, or over one another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard.app_pages.compare.choices import LAYER, SHAPES
from dashboard.app_pages.compare.curves import partly_read
from dashboard.reads.compared import histograms_of, recorded_steps
from dashboard.state.address import choose
from dashboard.views.charts.histograms import quantity_names
from dashboard.views.compare.arms import Arm, first_of_each
from dashboard.views.compare.distributions import (
    Distributions,
    distributions_of,
    overlaid_outlines,
    ridges_of,
    shown_steps,
)
from dashboard.widgets.distribution_choice import choose_layers, choose_quantity, choose_step
from dashboard.widgets.drawing import draw
from dashboard.widgets.panels import arms_beside
from dashboard.widgets.shell import guarded
from dashboard.widgets.theme import is_dark
from dashboard.words.i18n import _

READ = 40
"""Runs whose distributions are read for one picture."""


def distributions(arms: Sequence[Arm]) -> None:
    """Choose what is counted and a step; each run shows its recorded step nearest to it."""
    with guarded():
        drawn, some = first_of_each(arms, READ)
        runs = [run for arm in drawn for run in arm.runs]
        steps = recorded_steps(runs)
        every = sorted({step for recorded in steps.values() for step in recorded})
        if not every:
            st.caption(_("None of these runs has recorded distributions."))
            return
        with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
            quantity = choose_quantity()
            over = _choose_view() == "over"
            shown = choose_layers([run.config.layers for run in runs], quantity)
        chosen = choose_step(every)
        found = distributions_of(drawn, quantity, histograms_of(steps, quantity, chosen), shown)
        if over:
            _over(drawn, found)
        else:
            _beside(drawn, found, steps, chosen)
        if some:
            partly_read(arms, drawn)


def _beside(
    arms: Sequence[Arm], found: Distributions, steps: Mapping[int, Sequence[int]], chosen: int
) -> None:
    charts = ridges_of(arms, found, dark=is_dark())

    def show(arm: Arm) -> None:
        at = shown_steps(arm, steps, chosen)
        st.caption(at)
        alt_text = _("Distribution in every layer of {arm}, {step}").format(arm=arm.label, step=at)
        draw(charts[arm.place], key=f"compared_ridges_{arm.key}", alt=alt_text)

    arms_beside(arms, charts, _("This run has recorded no such distributions."), show)


def _over(arms: Sequence[Arm], found: Distributions) -> None:
    if not found.layers:
        st.caption(_("Nothing of this kind was recorded at this step."))
        return
    layer = _choose_layer([found.names[i] for i in found.layers])
    draw(
        overlaid_outlines(arms, found, layer, dark=is_dark()),
        key="compared_overlaid",
        alt=_("{quantity} in {layer}, an outline for each run or group").format(
            quantity=quantity_names()[found.quantity], layer=layer
        ),
    )


def _choose_layer(names: Sequence[str]) -> str:
    return choose(
        st.pills,
        _("Layer"),
        LAYER.usually(names[0]),
        {layer: layer for layer in names},
        required=True,
    )


def _choose_view() -> str:
    return choose(
        st.segmented_control,
        _("View"),
        SHAPES,
        {"beside": _("Side by side"), "over": _("Over one another")},
        required=True,
    )
