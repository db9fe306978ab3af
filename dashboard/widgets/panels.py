"""Small charts side by side."""

from __future__ import annotations

import streamlit as st
from streamlit.elements.lib.grid_container import GridContainer

MOST = 4
"""Panels in one row of a wide screen."""


def side_by_side(n: int) -> GridContainer:
    """A grid for n of them: as few rows as can be, each as full as the others. A screen that is
    less wide has fewer in a row."""
    rows = -(-n // MOST)
    return st.grid(-(-n // rows), min_column_width=260)
