"""Charts on a page.

Altair holds every chart that it writes down against the whole schema of Vega-Lite, which takes a
third of a page's time and finds what tests should have found: they set `CHECKED`.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard.views.charts.legible import legible
from dashboard.views.charts.written import Chart, specification
from dashboard.widgets.theme import is_dark

CHECKED = False


def draw(chart: Chart, *, key: str, alt: str, **selecting: Any) -> Any:
    """Show a chart, described by `alt` to those who cannot see it. `selecting` is Streamlit's
    `on_select` and `selection_mode`; the answer is then what is selected."""
    return st.altair_chart(_Sent(chart), key=key, alt=alt, **selecting)  # type: ignore[call-overload]


class _Sent:
    """A chart as Streamlit takes it."""

    def __init__(self, chart: Chart) -> None:
        self._chart = chart

    def to_dict(self) -> dict[str, Any]:
        return legible(specification(self._chart, checked=CHECKED), dark=is_dark())
