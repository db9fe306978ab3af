"""Which recorded distributions are shown: of what, and at which step."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.state.address import choose
from dashboard.state.choices import OneOf
from dashboard.views.charts.histograms import quantity_names
from dashboard.words.i18n import _, integer
from engine.records import Quantity

QUANTITY: OneOf[Quantity] = OneOf("quantity", "activation")
STEP: OneOf[int] = OneOf("step", 0)


def choose_quantity() -> Quantity:
    """What the histograms count."""
    names = quantity_names()
    return choose(st.segmented_control, _("Distribution of"), QUANTITY, names, required=True)


def choose_step(steps: Sequence[int]) -> int:
    """A recorded step, the newest at first."""
    if len(steps) == 1:
        return steps[0]
    words = {step: integer(step) for step in steps}
    return choose(st.select_slider, _("Step"), STEP.usually(steps[-1]), words)
