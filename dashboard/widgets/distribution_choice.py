"""Which recorded distributions are shown: of what, in which layers, and at which step."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.state.address import choose, put
from dashboard.state.choices import OneOf
from dashboard.views.charts.histograms import quantity_names
from dashboard.views.charts.shown_layers import Shown, layers_of, usual_layers
from dashboard.words.i18n import _, integer
from engine.layers import LayerSpec
from engine.records import Quantity

QUANTITY: OneOf[Quantity] = OneOf("quantity", "activation")
SHOWN: OneOf[Shown] = OneOf("of", "activations")
STEP: OneOf[int] = OneOf("step", 0)


def choose_quantity() -> Quantity:
    """What the histograms count."""
    names = quantity_names()
    return choose(st.segmented_control, _("Distribution of"), QUANTITY, names, required=True)


def choose_layers(stacks: Sequence[Sequence[LayerSpec]], quantity: Quantity) -> Shown:
    """In which layers of some stacks: of outputs and gradients the activations at first, of weights
    all that have any."""
    if quantity == "weight":
        return "all"
    words: dict[Shown, str] = {
        "activations": _("Activations a"),
        "sums": _("Sums z"),
        "all": _("All layers"),
    }
    words = {name: text for name, text in words.items() if any(layers_of(s, name) for s in stacks)}
    choice = SHOWN.usually(usual_layers(stacks))
    return choose(st.segmented_control, _("Layers"), choice, words, required=True)


def choose_step(steps: Sequence[int]) -> int:
    """A recorded step, the newest at first; the first, at which the weights are as they were drawn,
    is one click away."""
    if len(steps) == 1:
        return steps[0]
    words = {step: integer(step) for step in steps}
    choice = STEP.usually(steps[-1])
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        step = choose(st.select_slider, _("Step"), choice, words)
        for name, end in ((_("First step"), steps[0]), (_("Newest step"), steps[-1])):
            st.button(
                name, key=f"step_{end}", on_click=put, args=({choice: end},), disabled=step == end
            )
    return step
