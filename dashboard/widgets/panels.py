"""Small charts side by side."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence

import streamlit as st
from streamlit.elements.lib.grid_container import GridContainer

from dashboard.views.compare.arms import Arm
from dashboard.words.text import plain

MOST = 4
"""Panels in one row of a wide screen."""


def side_by_side(n: int) -> GridContainer:
    """A grid for n of them: as few rows as can be, each as full as the others. A screen that is
    less wide has fewer in a row."""
    rows = -(-n // MOST)
    return st.grid(-(-n // rows), min_column_width=260)


def arms_beside(
    arms: Sequence[Arm], present: Container[int], missing: str, show: Callable[[Arm], None]
) -> None:
    """What each arm has to `show`, under its name; of one whose place is not among those `present`,
    that it is `missing`."""
    grid = side_by_side(len(arms))
    for arm in arms:
        with grid.cell():
            st.markdown(f"**{plain(arm.label)}**")
            if arm.place in present:
                show(arm)
            else:
                st.caption(missing)
