"""Numbers side by side, large enough to be read at a glance."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.views.numbers import Number


def numbers(shown: Sequence[Number], *, width: int) -> None:
    """One row where the screen has `width` pixels for each of them."""
    with st.grid(len(shown), min_column_width=width):
        for found in shown:
            st.metric(
                found.label,
                found.value,
                "",
                delta_description=found.note or "\u00a0",
                help=found.help,
                border=True,
            )
