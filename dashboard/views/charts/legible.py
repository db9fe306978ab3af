"""Words in charts are at least 12 pixels high and stand out from the page.

Vega's own are 10 pixels, and what Streamlit's theme makes of them is grey on grey.
"""

from __future__ import annotations

from typing import Any

from dashboard.views.charts.colors import ink, muted

SMALLEST = 12
"""Pixels: no type on any page is smaller."""


def legible(spec: dict[str, Any], *, dark: bool) -> dict[str, Any]:
    """A chart's specification with sizes and colours for its words; what it says itself holds."""
    words = {"labelFontSize": SMALLEST, "titleFontSize": SMALLEST}
    quiet = {"labelColor": muted(dark=dark), "titleColor": muted(dark=dark)}
    usual: dict[str, dict[str, Any]] = {
        "axis": words | quiet,
        "legend": words | {"labelColor": ink(dark=dark), "titleColor": ink(dark=dark)},
        "header": words | quiet,
        "text": {"fontSize": SMALLEST},
        "title": {"color": muted(dark=dark)},
    }
    said = spec.get("config", {})
    config = {name: values | said.get(name, {}) for name, values in usual.items()}
    return spec | {"config": {**said, **config}}
