"""Charts as plain Vega-Lite, with their data inside: what a file and an image are made from.

Altair's own way reads settings that all threads of the process share, and refuses more than 5,000
rows; the data is therefore put in before Altair writes the chart down.
"""

from __future__ import annotations

import json
from typing import Any

import altair as alt
import pandas as pd

from dashboard.report.document import Chart

FONT = (
    "Inter, 'Hiragino Sans', 'Noto Sans JP', 'Noto Sans CJK JP', 'Yu Gothic UI', Meiryo,"
    " system-ui, sans-serif"
)
CONFIG: dict[str, Any] = {
    "font": FONT,
    "background": "#FFFFFF",
    "view": {"stroke": None},
    "axis": {
        "labelColor": "#4B5563",
        "titleColor": "#4B5563",
        "gridColor": "#E5E7EB",
        "domainColor": "#C9CED6",
        "tickColor": "#C9CED6",
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "titlePadding": 10,
    },
    "legend": {"labelColor": "#374151", "titleColor": "#374151", "labelFontSize": 12},
}


def plain_spec(chart: Chart, *, width: int | str) -> dict[str, Any]:
    """The chart as Vega-Lite, on white, so many pixels wide or as wide as its place."""
    held = chart.copy(deep=True)
    _hold_data(held)
    spec: dict[str, Any] = held.to_dict()
    padding = spec.pop("padding", None)
    return {
        **spec,
        "width": width,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "config": CONFIG,
        **({"padding": padding} if padding else {}),
    }


def _hold_data(chart: Any) -> None:
    if isinstance(chart.data, pd.DataFrame):
        rows = json.loads(chart.data.to_json(orient="records", double_precision=12))
        chart.data = alt.InlineData(values=rows)
    for layer in getattr(chart, "layer", ()):
        _hold_data(layer)
