"""Distributions inside a run: outputs, gradients and weights, across layers or across steps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from dashboard.app_pages.run.choices import LAYER, SHAPES
from dashboard.app_pages.run.nothing import nothing_recorded
from dashboard.reads import store as data
from dashboard.reads.columns import length, rows
from dashboard.reads.downsample import spread
from dashboard.state.address import choose
from dashboard.views.charts.histograms import (
    COLUMNS,
    ROWS,
    density_map,
    ridges,
    step_ridges,
)
from dashboard.views.charts.lines import own_divergence
from dashboard.views.charts.shown_layers import Shown, filled_range, layers_of
from dashboard.widgets.distribution_choice import choose_layers, choose_quantity, choose_step
from dashboard.widgets.drawing import draw
from dashboard.widgets.shell import guarded
from dashboard.widgets.theme import is_dark
from dashboard.words.i18n import _, integer
from db.records import Run
from engine.architecture import layer_names
from engine.records import Quantity


def distributions(run: Run) -> None:
    """Choose what is counted, then all layers at one step or one layer over all steps."""
    with guarded():
        steps = data.histogram_steps(run.id)
        if not steps:
            _nothing(run)
            return
        with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
            quantity = choose_quantity()
            view = _choose_view()
            shown = choose_layers([run.config.layers], quantity)
        places = _places(run, quantity, shown)
        if not places:
            st.caption(_("No layer of this run has weights."))
        elif view == "layers":
            _one_step(run, quantity, steps, places)
        else:
            _one_layer(run, quantity, steps, places, as_map=view == "map")


def _places(run: Run, quantity: Quantity, shown: Shown) -> list[int]:
    """The layers that are shown."""
    places = layers_of(run.config.layers, shown)
    return [i for i in places if quantity != "weight" or run.config.layers[i].weight]


def _axis(run: Run, quantity: Quantity, places: Sequence[int]) -> tuple[float, float] | None:
    """The values that the outputs of some layers fill, where that is known."""
    return (
        filled_range([run.config.layers[i] for i in places]) if quantity == "activation" else None
    )


def _choose_view() -> str:
    words = {
        "layers": _("All layers at one step"),
        "steps": _("One layer over the steps"),
        "map": _("One layer as a map"),
    }
    return choose(st.segmented_control, _("View"), SHAPES, words, required=True)


def _one_step(run: Run, quantity: Quantity, steps: Sequence[int], places: Sequence[int]) -> None:
    step = choose_step(steps)
    every = data.histograms(run.id, quantity, steps=(step,))
    found = rows(every, np.isin(every["layer"], places))
    names = layer_names(run.config.layers)
    if not length(found):
        st.caption(_("Nothing of this kind was recorded at this step."))
        return
    draw(
        ridges(
            found,
            quantity,
            names=names,
            domain=_axis(run, quantity, places),
            dark=is_dark(),
        ),
        key="ridges",
        alt=_("Distribution in every layer at step {step}").format(step=integer(step)),
    )
    st.caption(
        _(
            "From the inputs at the top to the outputs below. A ridge's height is the square root"
            " of the share in its bin, so that rare values stay visible; 0.1 % of a layer's values"
            " may lie beyond either end of the axis."
        )
    )


def _one_layer(
    run: Run,
    quantity: Quantity,
    steps: Sequence[int],
    places: Sequence[int],
    *,
    as_map: bool,
) -> None:
    names = layer_names(run.config.layers)
    words = {place: names[place] for place in places}
    layer = choose(st.selectbox, _("Layer"), LAYER.usually(places[0]), words)
    shown = tuple(spread(steps, COLUMNS if as_map else ROWS))
    found = data.histograms(run.id, quantity, steps=shown, layer=layer)
    domain = _axis(run, quantity, [layer])
    text = _("Distribution in {layer} over steps").format(layer=names[layer])
    if as_map:
        chart = density_map(
            found,
            quantity,
            divergences=own_divergence(run.diverged_step, dark=is_dark()),
            last_step=run.final_step,
            domain=domain,
            dark=is_dark(),
        )
        draw(chart, key="density_map", alt=text)
    else:
        chart = step_ridges(found, quantity, domain=domain, dark=is_dark())
        draw(chart, key="step_ridges", alt=text)
    if len(shown) < len(steps):
        text = _("{shown} of {recorded} recorded steps are shown.")
        st.caption(text.format(shown=integer(len(shown)), recorded=integer(len(steps))))


def _nothing(run: Run) -> None:
    if run.config.record.histograms:
        nothing_recorded(run)
    else:
        st.caption(_("This run was launched without recording distributions."))
