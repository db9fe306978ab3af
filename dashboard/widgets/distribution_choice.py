"""Which recorded distributions are shown: of what, and at which step."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.state.kept import choose, keep, restore_number
from dashboard.views.charts.histograms import (
    quantity_names,
)
from dashboard.words.i18n import _, integer
from engine.records import Quantity


def choose_quantity(key: str) -> Quantity:
    """What the histograms count."""
    usual: Quantity = "activation"
    return choose(
        st.segmented_control,
        _("Distribution of"),
        quantity_names(),
        name="quantity",
        usual=usual,
        key=key,
        required=True,
    )


def choose_step(steps: Sequence[int], key: str) -> int:
    """A recorded step, the newest at first."""
    if len(steps) == 1:
        return steps[0]
    restore_number("step", key, steps, steps[-1])
    step: int = st.select_slider(_("Step"), steps, format_func=integer, key=key)
    keep("step", str(step), str(steps[-1]))
    return step
