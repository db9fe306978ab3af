"""Distributions inside several runs or groups at one step: side by side, or over one another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import streamlit as st

from dashboard.app_pages.compare.curves import partly_read
from dashboard.app_pages.run.distributions import choose_quantity, choose_step
from dashboard.reads import store as data
from dashboard.state.kept import choose
from dashboard.views.charts.histograms import common_range, quantity_names, ridges
from dashboard.views.charts.overlaid import overlaid
from dashboard.views.compare.align import aligned
from dashboard.views.compare.arms import Arm, first_of_each, lines_of
from dashboard.views.compare.pooling import pooled
from dashboard.widgets.drawing import draw
from dashboard.widgets.panels import side_by_side
from dashboard.widgets.shell import guarded
from dashboard.widgets.theme import is_dark
from dashboard.words.i18n import _, integer
from dashboard.words.text import plain
from db.records import Run
from engine.architecture import layer_names
from engine.records import Histogram, Quantity

READ = 40
"""Runs whose distributions are read for one picture."""


def distributions(arms: Sequence[Arm]) -> None:
    """Choose what is counted and a step; each run shows its recorded step nearest to it."""
    with guarded():
        drawn, some = first_of_each(arms, READ)
        steps = recorded_steps(drawn)
        every = sorted({step for recorded in steps.values() for step in recorded})
        if not every:
            st.caption(_("None of these runs has recorded distributions."))
            return
        with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
            quantity = choose_quantity("compared_quantity")
            over = _choose_view() == "over"
        chosen = choose_step(every, "compared_step")
        names, found = at_step(drawn, quantity, steps, chosen)
        if over:
            _over(drawn, quantity, names, found)
        else:
            _beside(drawn, quantity, names, found, steps, chosen)
        if some:
            partly_read(arms, drawn)


def recorded_steps(arms: Sequence[Arm]) -> dict[int, list[int]]:
    """The steps at which each run recorded its distributions, where it did."""
    steps = {run.id: data.histogram_steps(run.id) for arm in arms for run in arm.runs}
    return {run_id: recorded for run_id, recorded in steps.items() if recorded}


def at_step(
    arms: Sequence[Arm], quantity: Quantity, steps: Mapping[int, Sequence[int]], chosen: int
) -> tuple[list[str], dict[int, list[Histogram]]]:
    """The names of the layers, aligned, and by its place each arm's distributions in them: those of
    its runs, counted together."""
    names = aligned([layer_names(run.config.layers) for arm in arms for run in arm.runs])
    found: dict[int, list[Histogram]] = {}
    for arm in arms:
        own = [
            histogram
            for run in arm.runs
            if run.id in steps
            for histogram in _placed(run, quantity, nearest(steps[run.id], chosen), names)
        ]
        found[arm.place] = pooled(own)
    return names, found


def nearest(recorded: Sequence[int], chosen: int) -> int:
    """The recorded step next to the one that was asked for."""
    return min(recorded, key=lambda step: abs(step - chosen))


def _beside(
    arms: Sequence[Arm],
    quantity: Quantity,
    names: Sequence[str],
    found: Mapping[int, Sequence[Histogram]],
    steps: Mapping[int, Sequence[int]],
    chosen: int,
) -> None:
    together = [histogram for own in found.values() for histogram in own]
    domain, rows = common_range(together), sorted({h.layer for h in together})
    grid = side_by_side(len(arms))
    for arm in arms:
        with grid.cell():
            st.markdown(f"**{plain(arm.label)}**")
            if not found[arm.place]:
                st.caption(_("This run has recorded no such distributions."))
                continue
            at = _at(arm, steps, chosen)
            st.caption(at)
            draw(
                ridges(
                    found[arm.place],
                    quantity,
                    names=names,
                    layers=rows,
                    domain=domain,
                    dark=is_dark(),
                ),
                key=f"compared_ridges_{arm.key}",
                alt=_("Distribution in every layer of {arm}, {step}").format(
                    arm=arm.label, step=at
                ),
            )


def _at(arm: Arm, steps: Mapping[int, Sequence[int]], chosen: int) -> str:
    shown = {nearest(steps[run.id], chosen) for run in arm.runs if run.id in steps}
    ends = [integer(step) for step in sorted({min(shown), max(shown)})]
    return _("step {step}").format(step="–".join(ends))


def _over(
    arms: Sequence[Arm],
    quantity: Quantity,
    names: Sequence[str],
    found: Mapping[int, Sequence[Histogram]],
) -> None:
    present = sorted({histogram.layer for own in found.values() for histogram in own})
    if not present:
        st.caption(_("Nothing of this kind was recorded at this step."))
        return
    layer = _choose_layer([names[i] for i in present])
    place = names.index(layer)
    shown = {
        arm.line(dark=False).name: histogram
        for arm in arms
        for histogram in found[arm.place]
        if histogram.layer == place
    }
    title = quantity_names()[quantity]
    draw(
        overlaid(shown, lines=lines_of(arms, dark=is_dark()), title=title),
        key="compared_overlaid",
        alt=_("{quantity} in {layer}, an outline for each run or group").format(
            quantity=title, layer=layer
        ),
    )


def _choose_layer(names: Sequence[str]) -> str:
    return choose(
        st.pills,
        _("Layer"),
        {layer: layer for layer in names},
        name="layer",
        usual=names[0],
        key="compared_layer",
        required=True,
    )


def _choose_view() -> str:
    return choose(
        st.segmented_control,
        _("View"),
        {"beside": _("Side by side"), "over": _("Over one another")},
        name="shapes",
        usual="beside",
        key="compared_shapes",
        required=True,
    )


def _placed(run: Run, quantity: Quantity, step: int, names: Sequence[str]) -> list[Histogram]:
    """A run's histograms at a step, its layers counted as they are aligned."""
    own = layer_names(run.config.layers)
    found = data.histograms(run.id, quantity, steps=(step,))
    return [replace(h, layer=names.index(own[h.layer])) for h in found]
