"""Charts as plain Vega-Lite, with their data inside: what a file and an image are made from.

Altair's own way reads settings that all threads of the process share, and refuses more than 5,000
rows; the data is therefore put in before Altair writes the chart down.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import altair as alt
import pandas as pd

from dashboard.views.charts.written import Chart, WrittenChart

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
    spec = _written(chart) if isinstance(chart, WrittenChart) else _held(chart).to_dict()
    padding = spec.pop("padding", None)
    return {
        **spec,
        "width": width,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "config": CONFIG,
        **({"padding": padding} if padding else {}),
    }


def _written(chart: WrittenChart) -> dict[str, Any]:
    layers = [layer if isinstance(layer, dict) else _held(layer) for layer in chart.layers]
    return replace(chart, layers=layers).spec(lambda table: {"values": _rows(table.to_pandas())})


def _held(chart: alt.Chart | alt.LayerChart) -> Any:
    """A copy whose data is inside."""
    held = chart.copy(deep=True)
    _hold_data(held)
    return held


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(frame.to_json(orient="records", double_precision=12))
    return rows


def _hold_data(chart: Any) -> None:
    if isinstance(chart.data, pd.DataFrame):
        chart.data = alt.InlineData(values=_rows(chart.data))
    for layer in getattr(chart, "layer", ()):
        _hold_data(layer)
