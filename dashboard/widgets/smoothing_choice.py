"""How much curves are smoothed."""

from __future__ import annotations

import streamlit as st

from dashboard.state.address import choose
from dashboard.state.choices import OneOf
from dashboard.words.i18n import _, integer

HALF_LIFE: OneOf[int] = OneOf("smooth", 0)

HALF_LIVES = (0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000)
"""Steps within which a neighbour's weight halves."""


def choose_half_life(steps: int) -> int:
    """The half-life, for curves of so many steps."""
    offered = [h for h in HALF_LIVES if h <= max(10, steps // 4)]
    return choose(
        st.select_slider,
        _("Smoothing: half-life in steps"),
        HALF_LIFE,
        {h: integer(h) if h else _("none") for h in offered},
        width=260,
        help=_(
            "Each value becomes a mean of all others; the weight of a neighbour halves for every so"
            " many steps that it lies away, before or after: s(t) = Σ wᵢ yᵢ / Σ wᵢ with wᵢ ="
            " Δᵢ 2^(−|t − tᵢ| / h), where Δᵢ are the steps that a value stands for. Peaks stay at"
            " their steps, and what was measured stays visible."
        ),
    )
